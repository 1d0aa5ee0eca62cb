"""Write ``docs/reference/command-line.md`` from the table of commands: ``python -m angarium.server.cli.reference [--check]``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from angarium.server.cli.table import COMMANDS, Command, Option

TARGET: Final = Path("docs/reference/command-line.md")
OPENING: Final = """\
# Command line

<!-- Written by `python -m angarium.server.cli.reference`; change `server/cli/table.py` and run it again. -->

Every command ends with exit code 0 when all is fine, 1 when it found or met a problem, and 2 when it was used wrongly. A
complaint is one line on standard error that says what to do. Results go to standard output: tables on a terminal, lines of
tab-separated fields elsewhere, and JSON with `--json`. Colour appears only on a terminal and never where `NO_COLOR` is set.

`angarium --version` prints the version; `angarium --traceback COMMAND ...` shows where in the program a failure came up.
The same command line runs as `python -m angarium.server`.
"""


def render() -> str:
    """Render the whole page."""
    return "\n".join([OPENING, *map(render_command, COMMANDS)])


def render_command(command: Command) -> str:
    """Render the section of one command."""
    words = " ".join(command.words)
    arguments = [option for option in command.options if option.positional]
    usage = " ".join(["angarium", words, *(usage_of(option) for option in command.options)])
    lines = [f"## {words}", "", f"{command.help[0].upper()}{command.help[1:]}.", "", f"    {usage}", ""]
    if command.details:
        lines += [command.details, ""]
    options = [option for option in command.options if not option.positional]
    if command.options:
        lines += ["| option | meaning |", "|---|---|", *map(render_option, [*arguments, *options]), ""]
    return "\n".join(lines)


def usage_of(option: Option) -> str:
    """Render an option as the line of usage has it: brackets around what may be left out."""
    text = _with_value(option)
    return text if option.positional or option.settings.get("required") else f"[{text}]"


def render_option(option: Option) -> str:
    """Render a row of the table of options."""
    return f"| `{_with_value(option)}` | {option.help.replace('|', chr(92) + '|')} |"


def _with_value(option: Option) -> str:
    metavar = option.settings.get("metavar") or ",".join(option.settings.get("choices", ()))
    if option.positional:
        return str(metavar)
    return f"{option.names[0]} {metavar}" if metavar else option.names[0]


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with ``--check`` say whether it is fresh."""
    page = render()
    if "--check" in arguments:
        fresh = TARGET.exists() and TARGET.read_text("utf-8") == page
        if not fresh:
            print(f"{TARGET} is stale: run python -m angarium.server.cli.reference", file=sys.stderr)
        return 0 if fresh else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
