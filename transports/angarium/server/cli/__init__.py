"""The command line, ``angarium``: its exit codes and its complaints.

0 is fine, 1 means that a problem was found or met, 2 wrong use. A complaint is one line that says what to do. Everything
that a command needs is imported when that command runs, so that ``angarium --version`` answers at once.
"""

import os
import sys
from collections.abc import Sequence

from angarium.server.cli.complaints import PROBLEM, WRONG_USE, explain_failure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from angarium.server.cli.parser import build_parser, load_function

    parser = build_parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        chosen.parser.print_help(sys.stderr)
        return WRONG_USE
    try:
        code = load_function(chosen.command)(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (``head``) has gone; the interpreter must not complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except (Exception, KeyboardInterrupt) as error:
        if chosen.traceback:
            raise
        text, code = explain_failure(error)
        print(f"angarium: {text}", file=sys.stderr)
    return code
