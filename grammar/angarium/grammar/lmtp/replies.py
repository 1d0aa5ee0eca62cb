"""LMTP replies as values and octets (RFC 5321 §4.2, RFC 2034 §4)."""

from attrs import frozen

LINE_OCTETS_MAX = 512
"""RFC 5321 §4.5.3.1.5: a reply line with its CRLF."""


@frozen
class Reply:
    """``Reply-line``: a code, the enhanced code where RFC 2034 §4 wants one, and a text for each line."""

    code: int
    enhanced: str
    text: tuple[str, ...]


def reply(code: int, enhanced: str, *text: str) -> Reply:
    """Make a reply; an enhanced code of "" is for greetings and 3yz (RFC 2034 §4)."""
    return Reply(code, enhanced, text)


def render_reply(value: Reply) -> bytes:
    """Write a reply, its lines cut to what RFC 5321 §4.5.3.1.5 allows."""
    prefix = f" {value.enhanced} " if value.enhanced else " "
    lines = []
    for number, text in enumerate(value.text, 1):
        mark = " " if number == len(value.text) else "-"
        line = _printable(f"{value.code}{mark}{prefix[1:]}{text}")
        lines.append(line[: LINE_OCTETS_MAX - 2] + b"\r\n")
    return b"".join(lines)


def _printable(text: str) -> bytes:
    """Leave ``textstring`` characters (RFC 5321 §4.2); whatever else a name or an error might bring becomes ``?``.

    SMTPUTF8 allows more only in 251, 551 and in answers to VRFY and EXPN (RFC 6531 §3.7.4.2), which name nobody here.
    """
    return "".join(each if " " <= each <= "~" else "?" for each in text).encode("ascii")
