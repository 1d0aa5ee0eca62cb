"""URLs that name a message, or a part of one, to the server that the client is talking to (RFC 5092 §6, §7; RFC 4469 §3).

RFC 4469 §3 takes no URL of another server and none of a whole mailbox, so ``MessageUrl`` is all that there is to tell. Nobody
may accept a reference by relative path (RFC 5092 §7.2), though RFC 4469 §3, which is older, names the base of one.
"""

import re
from functools import cache
from importlib import resources
from typing import Any, Final

from attrs import frozen
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from angarium.grammar.imap import terminals
from angarium.grammar.imap.commands import Fetch, FetchBody
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.mailbox_name import canonical
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.sections import Partial, Section
from angarium.grammar.imap.syntax_errors import ValueRefused

_PCT_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


@frozen
class MessageUrl:
    """``imailbox-ref iuid [isection] [ipartial]`` behind the slash of an ``iabsolute-path`` (RFC 5092 §11)."""

    mailbox: str
    uid: int
    uidvalidity: int | None = None
    section: Section = Section()
    partial: Partial | None = None


class UrlRefused(ValueError):
    """Octets that are no URL, or the URL of something else than a message here."""


@cache
def url_parser() -> Lark:
    """Tables for ``imapurl`` and ``imapurl_rel`` (RFC 5092 §11)."""
    text = resources.files("angarium.grammar").joinpath("imap/rfc5092.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", start=["imapurl", "imapurl_rel"], maybe_placeholders=True)


def message_url(octets: bytes) -> MessageUrl:
    """Which message a URL names; raises ``UrlRefused``."""
    text = octets.decode("latin-1")
    if text.startswith("/") and not text.startswith("//"):
        text = _without_dot_segments(text)
    try:
        found: list[Any] = url_parser().parse(text, start="imapurl" if text[:5].lower() == "imap:" else "imapurl_rel").children
        if len(found) != 1 or not isinstance(found[0], Tree) or found[0].data != "imessagepart":
            raise UrlRefused("not a message of this server")
        parts: list[Any] = found[0].children
        return _message(*parts)
    except (UnexpectedInput, ValueRefused, CommandSyntaxError, UnicodeDecodeError) as error:
        raise UrlRefused("not the URL of a message") from error


def _without_dot_segments(reference: str) -> str:
    """Resolve ``.`` and ``..``; parameters are part of the path there (RFC 5092 §7, RFC 3986 §5.2.4)."""
    path, question, search = reference.partition("?")
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return f"/{'/'.join(kept)}{question}{search}"


def _message(
    mailbox: Token, uidvalidity: Token | None, uid: Token, section: Token | None, partial: Tree[Token] | None
) -> MessageUrl:
    return MessageUrl(
        canonical(_decoded(mailbox).decode("utf-8")),
        terminals.number(uid, 1),
        None if uidvalidity is None else terminals.number(uidvalidity, 1),
        Section() if section is None else _section(_decoded(section)),
        None if partial is None else _partial(*partial.children),  # type: ignore[arg-type]
    )


def _decoded(token: Token) -> bytes:
    """The octets that a token stands for (RFC 3986 §2.1)."""
    return _PCT_ENCODED.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), token.encode("ascii"))


def _section(spec: bytes) -> Section:
    """``enc-section``: what would stand between the brackets of BODY (RFC 5092 §6)."""
    command = parse_command(Frame(b"url UID FETCH 1 BODY[%b]" % spec)).command
    assert isinstance(command, Fetch)
    (item,) = command.items
    assert isinstance(item, FetchBody)
    return item.section


def _partial(offset: Token, size: Token | None) -> Partial:
    """``partial-range``: without a length it goes to the end (RFC 5092 §11)."""
    largest = terminals.NUMBER64_MAX
    return Partial(terminals.number(offset, 0, largest), largest if size is None else terminals.number(size, 1, largest))
