"""What the command line says when something goes wrong: one line, and the exit code that goes with it."""

import sys
from typing import Final

FINE: Final = 0
PROBLEM: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells have it."""


class UsageError(Exception):
    """The command was given something that it cannot use; the text says what to give instead."""


class ProblemFound(Exception):
    """The command could not do all that it was asked to; the text says what to do."""


def explain_failure(error: BaseException) -> tuple[str, int]:
    """Put an exception into one line, and choose the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped; what was finished is kept", INTERRUPTED
    if isinstance(error, UsageError) or _is_named(error, "ConfigError"):
        return one_line(str(error)), WRONG_USE
    if isinstance(error, ProblemFound) or _is_named(error, "StoreError") or _is_named(error, "SourceError"):
        return one_line(str(error) or type(error).__name__), PROBLEM
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return one_line(f"{where}{error.strerror or error}"), PROBLEM
    text = f"internal error, please report it: {type(error).__name__}: {error} (angarium --traceback ... shows where)"
    return one_line(text), PROBLEM


def _is_named(error: BaseException, name: str) -> bool:
    """Recognise an exception by the name of its class or a parent, without importing the module that defines it."""
    return any(parent.__name__ == name and parent.__module__.startswith("angarium.") for parent in type(error).__mro__)


def one_line(text: str) -> str:
    """Make text safe for a terminal and a log: one line, control characters made visible."""
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    return " " if letter in "\r\n\t" else letter.encode("unicode_escape").decode("ascii")


def warn(text: str) -> None:
    """Say something on standard error that is no failure of the whole command."""
    print(f"angarium: {one_line(text)}", file=sys.stderr)
