"""Octets of an LMTP connection to lines and mail data (RFC 5321 §2.3.8, §4.1.1.4, §4.5.2).

Only CRLF ends a line, and only CRLF "." CRLF ends mail data: a lone CR or LF is content wherever it stands. That is what
makes it impossible to smuggle a command in what another server took for text.
"""

from typing import Final

from attrs import frozen

_END: Final = b"\r\n.\r\n"


@frozen
class LineTooLong:
    """A line longer than allowed, dropped whole (RFC 5321 §4.5.3.1.9)."""


class LineBuffer:
    """Octets that have come and are not used yet; the engine takes lines, stuffed data or counted chunks from it."""

    __slots__ = ("_buffer", "_line_octets_max", "_scanned", "_too_long")

    def __init__(self, line_octets_max: int) -> None:
        self._line_octets_max = line_octets_max
        self._buffer = b""
        self._scanned = 0
        self._too_long = False

    def feed(self, octets: bytes) -> None:
        """Add what has come."""
        self._buffer = self._buffer + octets if self._buffer else octets

    def __len__(self) -> int:
        return len(self._buffer)

    def line(self) -> bytes | LineTooLong | None:
        """Take a line without its CRLF; None when it has not all come. What is too long is let pass in constant memory."""
        end = self._buffer.find(b"\r\n", max(0, self._scanned - 1))
        if end < 0:
            self._scanned = len(self._buffer)
            if self._scanned > self._line_octets_max:
                self._too_long = True
                self._buffer = self._buffer[-1:]  # it may be the CR of the CRLF that ends this line
                self._scanned = 0
            return None
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        too_long = self._too_long or end > self._line_octets_max - 2
        self._scanned, self._too_long = 0, False
        return LineTooLong() if too_long else line

    def take(self, octets_max: int) -> bytes:
        """Take at most so many octets (RFC 3030 §2)."""
        taken, self._buffer = self._buffer[:octets_max], self._buffer[octets_max:]
        return taken

    def give_back(self, octets: bytes) -> None:
        """Put octets back in front: what came behind the end of mail data."""
        self._buffer = octets + self._buffer


class Unstuffer:
    """Removes the dots that the client added and finds the end (RFC 5321 §4.5.2), however the octets are cut.

    ``_held`` is the beginning of what may still become an end: at most CR LF "." CR, of which nothing has been passed on
    yet. The DATA command's own CRLF counts as the one before the first line, and is no content.
    """

    __slots__ = ("_first", "_held")

    def __init__(self) -> None:
        self._held = b"\r\n"
        self._first = True

    def feed(self, octets: bytes) -> tuple[bytes, bytes | None]:
        """Content so far, and None, or once the end was there the octets behind it."""
        text = self._held + octets
        end = text.find(_END)
        body = text if end < 0 else text[: end + 2]
        rest = None if end < 0 else text[end + len(_END) :]
        keep = _overlap(body) if end < 0 else 0
        body, self._held = body[: len(body) - keep], body[len(body) - keep :]
        content = body.replace(b"\r\n.", b"\r\n")
        if self._first and content:
            content, self._first = content[2:], False
        return content, rest


def _overlap(text: bytes) -> int:
    """Count the octets at the end of ``text`` that may begin an end of data, or a dot to be removed."""
    for size in range(min(len(_END) - 1, len(text)), 0, -1):
        if text.endswith(_END[:size]):
            return size
    return 0
