"""The Lark grammar of IMAP, put together from one file per RFC, and its LALR tables.

Building the tables takes a fifth of a second, so it happens at first use, once per process. A server that forks workers
calls ``command_parser()`` before it forks.
"""

from functools import cache
from importlib import resources
from typing import Final

from lark import Lark

RFCS: Final = (9051, 3501, 2971, 3516, 4466, 5258, 6154, 7162)
"""In the order they extend each other: a file may use and ``%extend`` what stands in those before it."""


def grammar_text() -> str:
    """The whole grammar as one Lark text."""
    files = resources.files("angarium.grammar")
    names = ["core.lark", *(f"imap/rfc{number}.lark" for number in RFCS)]
    return "\n".join(files.joinpath(name).read_text("utf-8") for name in names)


def build(*start: str, keep_all_tokens: bool = False) -> Lark:
    """LALR tables for sentences of the rules ``start``."""
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        start=list(start),
        maybe_placeholders=True,
        keep_all_tokens=keep_all_tokens,
    )


@cache
def command_parser() -> Lark:
    """Tables for ``command`` and, for what follows the tag, ``tagged`` (RFC 9051 §2.2.1)."""
    return build("command", "tagged")


@cache
def response_parser() -> Lark:
    """Tables for ``response`` (RFC 9051 §2.2.2)."""
    return build("response")
