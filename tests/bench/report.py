"""Rounds of a workload on several servers, and the table of what came of them.

The servers take turns within a round, so that whatever else the machine does falls on all of them alike. A figure is the
median of the rounds, the spread is the smallest and the largest; the ratio says how many times better than Dovecot.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from attrs import frozen
from rich.console import Console
from rich.table import Table

from peers.servers import Server, angarium, dovecot, dovecot_missing

PEER = "dovecot"


@frozen
class Figure:
    """One thing measured on one server in some rounds; ``larger_is_better`` for rates."""

    workload: str
    server: str
    unit: str
    values: tuple[float, ...]
    larger_is_better: bool = False

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def times_better_than(self, other: "Figure") -> str:
        """Above 1 where this one is better; nothing where one of them is zero."""
        if not self.middle or not other.middle:
            return ""
        ratio = self.middle / other.middle
        return f"{ratio if self.larger_is_better else 1 / ratio:.2f}"


Workload = Callable[[Server], float]


def rounds(name: str, unit: str, servers: Sequence[Server], count: int, run: Workload, *, larger: bool = False) -> list[Figure]:
    """Run a workload ``count`` times on each server, taking turns."""
    values: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(count):
        for server in servers:
            values[server.name].append(run(server))
    return [Figure(name, server.name, unit, tuple(values[server.name]), larger) for server in servers]


def arguments(text: str | None, **sizes: int) -> argparse.Namespace:
    """Read the command line: what every script takes, and the sizes of this one."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=3, help="how often each workload runs on each server")
    parser.add_argument("--workers", type=int, default=None, help="worker processes of Angarium")
    parser.add_argument("--only", default=None, help="measure just this server: angarium or dovecot")
    for name, size in sizes.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=size)
    return parser.parse_args()


@contextmanager
def running(options: argparse.Namespace, users: int = 1) -> Iterator[list[Server]]:
    """Run the servers to be compared, each in a temporary folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="angarium-bench-")))
        servers = []
        if options.only in (None, "angarium"):
            servers.append(stack.enter_context(angarium(folder / "angarium", users=users, workers=options.workers)))
        if options.only in (None, PEER):
            missing = dovecot_missing()
            if missing is None:
                servers.append(stack.enter_context(dovecot()))
            else:
                print(f"without Dovecot: {missing}", file=sys.stderr)
        yield servers


def show(figures: Sequence[Figure], options: argparse.Namespace) -> None:
    """Print the table, or JSON."""
    if options.json:
        print(json.dumps([_row(figure) for figure in figures], indent=1))
        return
    names = list(dict.fromkeys(figure.server for figure in figures))
    table = Table("workload", "unit", *names, *(["times better"] if PEER in names and len(names) > 1 else []))
    for workload in dict.fromkeys(figure.workload for figure in figures):
        found = {figure.server: figure for figure in figures if figure.workload == workload}
        cells = [_cell(found[name]) if name in found else "-" for name in names]
        if PEER in found and len(found) > 1:
            cells.append(next(f for n, f in found.items() if n != PEER).times_better_than(found[PEER]))
        table.add_row(workload, next(iter(found.values())).unit, *cells)
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def _cell(figure: Figure) -> str:
    return f"{figure.middle:.4g} ({min(figure.values):.4g} to {max(figure.values):.4g})"


def _row(figure: Figure) -> dict[str, object]:
    return {
        "workload": figure.workload,
        "server": figure.server,
        "unit": figure.unit,
        "median": figure.middle,
        "values": figure.values,
        "larger_is_better": figure.larger_is_better,
    }
