r"""Explore every state of a small world with Angarium's engine in it.

    PYTHONPATH=tests python -m explorer --messages 2 --flags 1 --sessions 2

Prints the number of states, edges and the time; with what it finds, the commands that lead there. ``--world`` takes bounds
from ``explorer/worlds.py`` instead. Exit codes: 0 fine, 1 found something, 2 wrong use.
"""

import argparse
import sys

from attrs import evolve
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from angarium.spec.explorer.behaviour import Found
from angarium.spec.explorer.bounds import Bounds
from angarium.spec.explorer.product import Explorer, Report
from angarium.spec.explorer.report import as_json, as_text
from angarium.spec.explorer.story import story
from explorer.engine_server import ENGINE
from explorer.worlds import FLAGS, WORLDS


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m explorer", description="Explore every state of a small IMAP world.")
    parser.add_argument("--world", choices=sorted(WORLDS), default="one message", help="bounds to begin with")
    parser.add_argument("--sessions", type=int)
    parser.add_argument("--messages", type=int, help="at most, in all mailboxes")
    parser.add_argument("--view", type=int, help="at most, in a session's numbering")
    parser.add_argument("--flags", type=int, choices=range(1, len(FLAGS) + 1), help=b" ".join(FLAGS).decode())
    parser.add_argument("--names", type=int, choices=(1, 2), help="what the second mailbox may be called")
    parser.add_argument("--depth", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def bounds_of(options: argparse.Namespace) -> Bounds:
    chosen = {name: value for name in ("sessions", "messages", "view") if (value := getattr(options, name)) is not None}
    if options.messages is not None:
        chosen.setdefault("view", options.messages)
    if options.flags is not None:
        chosen["flags"] = FLAGS[: options.flags]
    if options.names is not None:
        chosen["names"] = ("a", "b")[: options.names]
    return evolve(WORLDS[options.world], **chosen)


def explored(explorer: Explorer, options: argparse.Namespace) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=None)

        def tell(report: Report, waiting: int) -> None:
            words = f"depth {len(report.depths)}: {report.states:,} states, {report.edges:,} edges, {waiting:,} waiting"
            progress.update(task, description=words)

        return explorer.run(depth=options.depth, seconds=options.seconds, progress=tell)


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    explorer = Explorer(ENGINE, bounds_of(options))
    try:
        report = explored(explorer, options)
    except Found as found:
        print(story(explorer, found))
        return 1
    print(as_json(report) if options.json else as_text(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
