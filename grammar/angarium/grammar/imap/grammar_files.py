"""The Lark grammar of IMAP, put together from one file per RFC, and its LALR tables.

Building the tables takes half a second, reading them back a hundredth. So they are made at first use, once per process, and a
server that keeps ``dump_tables()`` in a private place may give it to ``load_tables`` when it starts.
"""

import pickle
from functools import cache
from hashlib import sha256
from importlib import resources
from io import BytesIO
from typing import Final

import lark
from lark import Lark

RFCS: Final = (
    9051, 3501, 2971, 3502, 3516, 4314, 4466, 5032, 5256, 5267, 5957, 5258, 6154, 7162, 7889, 8440, 8474, 8508, 8514, 8970,
    4978, 8437, 9586, 9585, 9394, 4469,
)  # fmt: skip
"""In the order they extend each other: a file may use and ``%extend`` what stands in those before it."""

_COMMAND: Final = ("command", "tagged")
_RESPONSE: Final = ("response",)
_loaded: Final[dict[tuple[str, ...], Lark]] = {}


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
    return _loaded.get(_COMMAND) or build(*_COMMAND)


@cache
def response_parser() -> Lark:
    """Tables for ``response`` (RFC 9051 §2.2.2)."""
    return _loaded.get(_RESPONSE) or build(*_RESPONSE)


def dump_tables() -> bytes:
    """Both tables as octets, for ``load_tables``: a digest, then a pickle."""
    tables = {}
    for start, parser in ((_COMMAND, command_parser()), (_RESPONSE, response_parser())):
        saved = BytesIO()
        parser.save(saved)
        tables[start] = saved.getvalue()
    octets = pickle.dumps(tables)
    return _digest(octets) + octets


def load_tables(octets: bytes) -> bool:
    """Take tables from ``dump_tables``; False, and nothing changes, if another grammar or another Lark has made them.

    They are a pickle: take them only from where nobody else can write.
    """
    digest, tables = octets[:32], octets[32:]
    if digest != _digest(tables):
        return False
    _loaded.update({start: Lark.load(BytesIO(saved)) for start, saved in pickle.loads(tables).items()})
    command_parser.cache_clear()
    response_parser.cache_clear()
    return True


def _digest(octets: bytes) -> bytes:
    """Tells tables of this grammar and this Lark from any other octets."""
    return sha256(f"{lark.__version__} {grammar_text()}".encode() + octets).digest()
