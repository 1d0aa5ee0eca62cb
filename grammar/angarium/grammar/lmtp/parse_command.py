"""A line of an LMTP client to a command value (RFC 2033 §4, RFC 5321 §4.1.1)."""

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from angarium.grammar.lmtp.commands import (
    Bdat,
    BodyValue,
    Command,
    Data,
    Expn,
    Greet,
    Help,
    Lhlo,
    Mail,
    Noop,
    Path,
    Quit,
    Rcpt,
    Rset,
    Vrfy,
)  # fmt: skip

RFCS: Final = (5321, 2033, 1870, 6152, 3030, 6531)
"""In the order they extend each other."""

_PLAIN: Final[dict[str, Command]] = {
    "data": Data(), "rset": Rset(), "vrfy": Vrfy(), "expn": Expn(), "help": Help(), "noop": Noop(), "quit": Quit(),
    "greet": Greet(),
}  # fmt: skip
_SOURCE_ROUTE: Final = re.compile(r"@[^:\"<>]+:")


class CommandSyntaxError(Exception):
    """Octets that are no command: ``unknown`` where not even the verb is ours (RFC 5321 §4.2.4: 500 and not 501)."""

    def __init__(self, octet: int, unknown: bool) -> None:
        super().__init__(f"syntax error at octet {octet}" if not unknown else "command not recognized")
        self.octet = octet
        self.unknown = unknown


@cache
def command_parser() -> Lark:
    """Build the tables of the grammar, once for each process."""
    files = resources.files("angarium.grammar.lmtp")
    text = "\n".join(files.joinpath(f"rfc{number}.lark").read_text("utf-8") for number in RFCS)
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


@lru_cache(1024)
def parse_command(line: bytes) -> Command:
    """Read one line, without its CRLF. Raises CommandSyntaxError."""
    try:
        tree = command_parser().parse(line.rstrip(b" ").decode("latin-1"))
        command: Any = tree.children[0]
        return _command(command)
    except UnexpectedInput as error:
        octet = _offset(error, line)
        raise CommandSyntaxError(octet, _verb(line) not in _VERBS) from None
    except UnicodeDecodeError:  # octets above 127 that are no UTF-8 (RFC 6531 §3.3)
        raise CommandSyntaxError(0, unknown=False) from None


_VERBS: Final = {
    b"LHLO", b"HELO", b"EHLO", b"MAIL", b"RCPT", b"DATA", b"BDAT", b"RSET", b"VRFY", b"EXPN", b"HELP", b"NOOP", b"QUIT",
}  # fmt: skip


def _verb(line: bytes) -> bytes:
    return line[:5].rstrip(b" ").upper()


def _offset(error: UnexpectedInput, line: bytes) -> int:
    if isinstance(error, UnexpectedCharacters):
        return int(error.pos_in_stream or 0)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return int(error.token.start_pos or 0)
    return len(line)


def _command(tree: Tree[Token]) -> Command:
    rule = str(tree.data)
    children: list[Any] = tree.children
    if rule == "mail":
        return _mail(children)
    if rule == "rcpt":
        return Rcpt(_path(children[0]), tuple(_keyword(each) for each in children[1:]))
    if rule == "lhlo":
        return Lhlo(_text(children[0]))
    if rule == "bdat":
        return Bdat(int(children[0]), last=len(children) == 2)
    return _PLAIN[rule]


def _mail(children: list[Any]) -> Mail:
    size: int | None = None
    body = BodyValue.SEVEN_BIT
    rules = [str(each.data) for each in children[1:]]
    for parameter in children[1:]:
        if parameter.data == "size_value":
            size = int(parameter.children[0])
        elif parameter.data == "body_value":
            body = BodyValue(parameter.children[0].upper())
    reverse_path = None if children[0].type == "NULL_PATH" else _path(children[0])
    known = [rule for rule in rules if rule != "esmtp_param"]
    unknown = tuple(_keyword(each) for each in children[1:] if each.data == "esmtp_param")
    return Mail(reverse_path, size, body, "smtputf8" in rules, unknown, len(known) != len(set(known)))


def _path(token: Token) -> Path:
    """``Path``: drop the source route (RFC 5321 Appendix C), split at the last ``@``, undo quoting of the local part."""
    inside = _SOURCE_ROUTE.sub("", _text(token)[1:-1], count=1) if token[1] == "@" else _text(token)[1:-1]
    if inside.endswith('"') or "@" not in inside:
        return Path(_unquote(inside))
    local_part, _, domain = inside.rpartition("@")
    return Path(_unquote(local_part), domain)


def _unquote(local_part: str) -> str:
    """Remove quotes: all quoted forms of a local part are equivalent (RFC 5321 §4.1.2)."""
    return re.sub(r"\\(.)", r"\1", local_part[1:-1]) if local_part.startswith('"') else local_part


def _keyword(parameter: Tree[Token]) -> str:
    return str(parameter.children[0]).upper()


def _text(token: Token) -> str:
    return token.encode("latin-1").decode("utf-8")
