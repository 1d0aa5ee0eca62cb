"""A frame to a command value (RFC 9051 §2.2.1, §6, §9)."""

import re
from functools import lru_cache
from typing import Final

from lark.exceptions import UnexpectedInput

from angarium.grammar.imap.command_rules import COMMAND_RULES
from angarium.grammar.imap.commands import Command, TaggedCommand
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.grammar_files import command_parser
from angarium.grammar.imap.syntax_errors import CommandSyntaxError, ValueRefused, place
from angarium.grammar.imap.terminals import Source, source_of
from angarium.grammar.imap.tree_values import value_of

__all__ = ["CommandSyntaxError", "parse_command"]

# RFC 9051 §9, tag and the SP behind it: read apart from the grammar, so that it is there for the answer when the rest fails
# and so that the same command under another tag is found in the cache.
_TAG: Final = re.compile(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+)(?: |\Z)")
_CACHED_OCTETS_MAX: Final = 512
_CACHED_COMMANDS_MAX: Final = 4096
# Credentials must not outlive their command.
_NEVER_CACHED: Final = (b"LOGIN", b"AUTHE")
_COMMAND_KINDS: Final = ("command-any", "command-auth", "command-nonauth", "command-select")


class _TaggedSyntaxError(Exception):
    """Where the part behind the tag is wrong."""

    def __init__(self, offset: int, expected: tuple[str, ...]) -> None:
        super().__init__(offset, expected)
        self.offset = offset
        self.expected = expected


def parse_command(frame: Frame, utf8: bool = False) -> TaggedCommand:
    """The command in ``frame``; ``CommandSyntaxError`` for anything that is none.

    ``utf8``: mailbox names are UTF-8, as after ENABLE IMAP4rev2 (RFC 9051 §5.1), else modified UTF-7 (RFC 3501 §5.1.3).
    """
    octets = frame.octets
    found = _TAG.match(octets)
    if not found:
        raise CommandSyntaxError(0, ("tag",))
    start = found.end()
    tagged = octets[start:]
    try:
        if frame.literals or len(tagged) > _CACHED_OCTETS_MAX or tagged[:5].upper() in _NEVER_CACHED:
            return TaggedCommand(found[1], _parse(tagged, source_of(frame, start, utf8)))
        return TaggedCommand(found[1], _parse_cached(tagged, utf8))
    except _TaggedSyntaxError as error:
        unknown = error.offset == (len(b"UID ") if tagged[:4].upper() == b"UID " else 0)
        if start == len(found[1]):
            raise CommandSyntaxError(start, ("SP",), found[1]) from None
        expected = _COMMAND_KINDS if error.offset == 0 else error.expected
        raise CommandSyntaxError(start + error.offset, expected, found[1], unknown) from None


@lru_cache(_CACHED_COMMANDS_MAX)
def _parse_cached(tagged: bytes, utf8: bool) -> Command:
    return _parse(tagged, Source(utf8))


def _parse(tagged: bytes, source: Source) -> Command:
    text = tagged.decode("latin-1")
    try:
        command: Command = value_of(command_parser().parse(text, start="tagged"), COMMAND_RULES, source)
    except UnexpectedInput as error:
        raise _TaggedSyntaxError(*place(error, text)) from None
    except ValueRefused as error:
        raise _TaggedSyntaxError(error.octet, (error.expected,)) from None
    return command
