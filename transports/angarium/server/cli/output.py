"""What commands print: tables on a terminal, lines for programs, JSON for those that ask; progress on standard error.

Colour and lines drawn around things are for people: they appear only on a terminal, and never where ``NO_COLOR`` is set.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from angarium.server.cli.complaints import one_line

Advance = Callable[[int, str], None]
"""Tell a progress bar how many are done, and what it is about."""


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for people, or lines of tab-separated fields when standard output is no terminal."""
    texts = [[one_line(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        print("".join("\t".join(row) + "\n" for row in texts), end="")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        numeric = all(isinstance(row[number], int) for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in texts:
        table.add_row(*map(Text, row))
    Console().print(table)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """Show a progress bar while the block runs, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=total, text="")
        yield lambda done, text: bar.update(task, completed=done, text=one_line(text))
