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


def render_reply(value: Reply, utf8: bool = False) -> bytes:
    """Write a reply, its lines cut to what RFC 5321 §4.5.3.1.5 allows; ``utf8`` after SMTPUTF8 (RFC 6531 §3.7.4.2)."""
    prefix = f" {value.enhanced} " if value.enhanced else " "
    lines = []
    for number, text in enumerate(value.text, 1):
        mark = " " if number == len(value.text) else "-"
        line = _printable(f"{value.code}{mark}{prefix[1:]}{text}", utf8)
        lines.append(line[: LINE_OCTETS_MAX - 2] + b"\r\n")
    return b"".join(lines)


def _printable(text: str, utf8: bool) -> bytes:
    """Leave ``textstring`` characters (RFC 5321 §4.2); whatever else a name or an error might bring becomes ``?``."""
    kept = "".join(each if " " <= each <= "~" or (utf8 and each > "\x9f") else "?" for each in text)
    return kept.encode("utf-8", "replace")
