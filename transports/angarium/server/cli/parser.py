"""The argument parser, built from the table of commands."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from angarium.server.cli.complaints import WRONG_USE, one_line
from angarium.server.cli.table import COMMANDS, GROUPS, VERSION, Command

Function = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Complains in one line that says where to look."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint and leave (``argparse`` prints the whole usage)."""
        sys.stderr.write(f"angarium: {one_line(message)}; see {self.prog} --help\n")
        raise SystemExit(WRONG_USE)


def build_parser() -> Parser:
    """Build the parser of the whole command line; the chosen ``Command`` ends in ``command``."""
    top = Parser(prog="angarium", description="A mail store: IMAP4rev2, IMAP4rev1 and LMTP.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"angarium {VERSION}", help="print the version")
    top.add_argument("--traceback", action="store_true", help="show where in the program a failure came up")
    top.set_defaults(command=None, parser=top)
    below: dict[tuple[str, ...], Any] = {(): top.add_subparsers(metavar="COMMAND", title="commands")}
    for command in COMMANDS:
        group = command.words[:-1]
        if group not in below:
            parent = below[()].add_parser(group[0], help=GROUPS[group[0]], description=GROUPS[group[0]], allow_abbrev=False)
            parent.set_defaults(parser=parent)
            below[group] = parent.add_subparsers(metavar="COMMAND", title="commands")
        parser = below[group].add_parser(
            command.words[-1], help=command.help, description=command.help, epilog=command.details, allow_abbrev=False
        )
        parser.set_defaults(command=command, parser=parser)
        for option in command.options:
            parser.add_argument(*option.names, help=option.help, **option.settings)
    return top


def load_function(command: Command) -> Function:
    """Import what carries out a command."""
    module, _, name = command.function.partition(".")
    function: Function = getattr(import_module(f"angarium.server.cli.{module}"), name)
    return function
