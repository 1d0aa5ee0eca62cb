"""How does Angarium compare with Dovecot, all in all? Runs every other script and prints one Markdown table.

    PYTHONPATH=tests python -m bench.everything > figures.md

``--small`` divides the sizes by twenty, for a first look; ``--read FILE`` prints figures that were saved with ``--save``.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench.report import PEER, Figure

SCRIPTS: dict[str, dict[str, int]] = {
    "startup": {},
    "noop": {"commands": 10_000, "sessions": 200},
    "append": {"messages": 1000},
    "fetch": {"messages": 10_000},
    "search": {"messages": 10_000},
    "sort": {"messages": 10_000},
    "change": {"messages": 10_000},
    "idle": {"sessions": 500},
    "large": {"messages": 100_000},
}
SMALL = 20


def measured(script: str, divisor: int, rounds: int) -> list[Figure]:
    """The figures of one script."""
    command = [sys.executable, "-m", f"bench.{script}", "--json", "--rounds", str(rounds)]
    for name, size in SCRIPTS[script].items():
        command += [f"--{name}", str(size // divisor)]
    print(script, file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return [
        Figure(f"{script}: {row['workload']}", row["server"], row["unit"], tuple(row["values"]), row["larger_is_better"])
        for row in json.loads(done.stdout)
    ]


def markdown(figures: list[Figure]) -> str:
    """A table: median and spread of each server, and how many times better Angarium is."""
    lines = ["| workload | unit | Angarium | Dovecot | times better |", "|---|---|---|---|---|"]
    for workload in dict.fromkeys(figure.workload for figure in figures):
        found = {figure.server: figure for figure in figures if figure.workload == workload}
        ours, theirs = found.get("angarium"), found.get(PEER)
        ratio = ours.times_better_than(theirs) if ours and theirs else ""
        unit = next(iter(found.values())).unit
        lines.append(f"| {workload} | {unit} | {_cell(ours)} | {_cell(theirs)} | {ratio} |")
    return "\n".join(lines)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    spread = f" ({min(figure.values):.4g} to {max(figure.values):.4g})" if len(figure.values) > 1 else ""
    return f"{figure.middle:.4g}{spread}"


def main() -> None:
    """Measure all, or read what was saved, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=SCRIPTS, nargs="*", default=list(SCRIPTS))
    parser.add_argument("--save", type=Path)
    parser.add_argument("--read", type=Path)
    options = parser.parse_args()
    if options.read:
        figures = [Figure(**{**row, "values": tuple(row["values"])}) for row in json.loads(options.read.read_text())]
    else:
        figures = []
        for script in options.only:
            figures += measured(script, SMALL if options.small else 1, options.rounds)
            if options.save:
                options.save.write_text(json.dumps([_saved(figure) for figure in figures], indent=1))
    print(markdown(figures))


def _saved(figure: Figure) -> dict[str, object]:
    return {name: getattr(figure, name) for name in ("workload", "server", "unit", "values", "larger_is_better")}


if __name__ == "__main__":
    main()
