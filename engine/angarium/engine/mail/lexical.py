r"""Lexical tokens of structured header fields (RFC 5322 §3.2), for input of any quality.

Every octet string has tokens: a quoted string, comment or domain literal that is never closed reaches to the end. Octets
above 127 count as atom text (RFC 6532 §3.2), and so do controls and a stray backslash.
"""

import re
from typing import Final, NamedTuple


class Token(NamedTuple):
    """One token: ``kind`` is ``a`` atom, ``q`` quoted string, ``d`` domain literal, ``c`` comment, or the special itself.

    ``text`` is what the token means: without quotes, quoted pairs and folds. ``spaced``: white space or a comment precedes it.
    """

    kind: str
    text: bytes
    spaced: bool


_TOKEN: Final = re.compile(
    rb"""
    (?P<space>[ \t\r\n]++)
    | "(?P<quoted>(?:[^"\\]++|\\.)*)(?:"|\\?\Z)
    | (?P<domain>\[(?:[^\[\]\\]++|\\.)*\]?)
    | (?P<atom>[^ \t\r\n()<>\[\]:;@,."]++)
    | (?P<special>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(rb"[()]|\\.", re.DOTALL)
_QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)
_FOLD: Final = re.compile(rb"\r?\n")
_SPACE: Final = re.compile(rb"[ \t\r\n]++")


def unquote(text: bytes) -> bytes:
    """The text without folds and with quoted pairs replaced by what they stand for (RFC 5322 §3.2.1, §3.2.4)."""
    if b"\n" in text:
        text = _FOLD.sub(b"", text)
    return _QUOTED_PAIR.sub(rb"\1", text) if b"\\" in text else text


def comment_end(value: bytes, start: int) -> int:
    """Where the comment that opens at ``start`` ends, nested comments included (RFC 5322 §3.2.2)."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(value, start):
        if edge[0] == b"(":
            depth += 1
        elif edge[0] == b")":
            depth -= 1
            if depth == 0:
                return edge.end()
    return len(value)


def tokens(value: bytes) -> list[Token]:
    """Cut a structured field body into tokens (RFC 5322 §3.2)."""
    found: list[Token] = []
    spaced = False
    at = 0
    while match := _TOKEN.match(value, at):
        kind = match.lastgroup
        at = match.end()
        if kind == "space":
            spaced = True
            continue
        if kind == "special" and match[0] == b"(":
            at = comment_end(value, match.start())
            found.append(Token("c", comment_text(value[match.start() : at]), spaced))
            spaced = True
            continue
        found.append(_token(kind, match, spaced))
        spaced = False
    return found


def _token(kind: str | None, match: re.Match[bytes], spaced: bool) -> Token:
    if kind == "quoted":
        return Token("q", unquote(match["quoted"]), spaced)
    if kind == "domain":
        return Token("d", unquote(_SPACE.sub(b"", match[0])), spaced)
    if kind == "atom":
        return Token("a", match[0], spaced)
    return Token(match[0].decode("latin-1"), match[0], spaced)


def comment_text(comment: bytes) -> bytes:
    """What a comment says: without the outer parentheses, quoted pairs and superfluous space (RFC 5322 §3.2.2)."""
    inner = comment[1:-1] if comment.endswith(b")") else comment[1:]
    return b" ".join(unquote(inner).split())


def strip_comments(value: bytes) -> bytes:
    """A structured field body with a space in place of each comment (RFC 5322 §3.2.2)."""
    kept = []
    at = last = 0
    while match := _TOKEN.match(value, at):
        at = match.end()
        if match["special"] == b"(":
            kept.append(value[last : match.start()])
            at = last = comment_end(value, match.start())
    kept.append(value[last:])
    return b" ".join(kept)
