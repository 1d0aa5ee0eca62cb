"""Octets to whole commands or responses, before any parsing (RFC 9051 §2.2, §4.3; RFC 7888; RFC 3516 §4.4).

A command is lines joined by literals: a line that ends in ``{n}`` is followed by ``n`` octets of content and then by more of
the same command. Only the length tells where content ends, so literals are cut out here and the grammar sees just their
announcements. The framer never reads ahead of a decision: when a literal is announced it stops and asks, because whether a
continuation request is due, and where the content goes, is the caller's to say.

::

    LINE --announcement--> ASKED --accept--> GATHERING --complete--> LINE
                             |   --accept--> STREAMING --complete--> STORING --literal_stored--> LINE
                             |   --refuse--> LINE (synchronizing) or SKIPPING --skipped--> DROPPING --line end--> LINE

Each octet is looked at once, whatever the pieces it comes in; memory is bounded by one line, the literals accepted into
memory, and the piece fed last.
"""

import re
from enum import Enum
from typing import Final

from attrs import frozen

from angarium.grammar.imap.commands import StagedLiteral

_ANNOUNCEMENT: Final = re.compile(rb"(~?)\{([0-9]{1,20})(\+?)\}\Z")
# What can end a line with an announcement has at most this many octets: ~{20 digits+}CRLF.
_ANNOUNCEMENT_OCTETS_MAX: Final = 26
# RFC 9051 §9: a literal cannot be in resp-text, so "{5}" at the end of a status response is the words of a human.
_STATUS_RESPONSE: Final = re.compile(rb"(?:[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH) |\+)", re.IGNORECASE)


@frozen
class Frame:
    r"""A whole command or response without its final CRLF; each literal is in ``octets`` as ``{n}\r\n`` only."""

    octets: bytes
    literals: tuple[bytes | StagedLiteral, ...] = ()


@frozen
class LiteralWanted:
    """A literal has been announced; the framer waits for ``accept_literal`` or ``refuse_literal`` (RFC 9051 §4.3).

    ``octets_so_far`` is the command up to and including the announcement. ``within_limits`` is False when the literal is
    larger than allowed or one too many: then only ``refuse_literal`` is possible.
    """

    octets_so_far: bytes
    size: int
    synchronizing: bool
    binary: bool
    within_limits: bool = True


@frozen
class LiteralChunk:
    """The next octets of a streamed literal; ``binary`` where it is a ``literal8`` (RFC 3516 §4.4)."""

    octets: bytes
    binary: bool = False


@frozen
class LiteralEnd:
    """A streamed literal is complete; the framer waits for ``literal_stored``."""


@frozen
class LineTooLong:
    """A line passed the limit and is dropped up to its end; ``octets_so_far`` is how it began."""

    octets_so_far: bytes


FrameEvent = Frame | LiteralWanted | LiteralChunk | LiteralEnd | LineTooLong


class _Phase(Enum):
    LINE = "a line is being gathered"
    ASKED = "the caller has to accept or refuse a literal"
    GATHERING = "a literal is being gathered in memory"
    STREAMING = "a literal is being passed on in pieces"
    STORING = "the caller has to say where the streamed literal is"
    SKIPPING = "a refused literal is being dropped"
    DROPPING = "the rest of a refused command is being dropped"


_LINE: Final = _Phase.LINE  # asked for every line: an enumeration's members are slow to find
_CR: Final = ord("\r")


class Framer:
    """Cuts a stream of octets into frames (RFC 9051 §2.2).

    ``quirk_bare_lf``: a line that ends in LF alone is taken as if CRLF ended it, as Dovecot and Cyrus do. Without the quirk
    such a line is a frame whose last octet is the LF, which no grammar accepts: it gets its BAD and nothing hangs.
    ``responses``: the stream comes from a server, where a status response never holds a literal.
    """

    def __init__(
        self,
        line_octets_max: int,
        literal_octets_max: int,
        literal_count_max: int,
        stream_threshold: int,
        memory_octets_max: int | None = None,
        *,
        quirk_bare_lf: bool = False,
        responses: bool = False,
    ) -> None:
        self._line_octets_max = line_octets_max
        self._literal_octets_max = literal_octets_max
        self._literal_count_max = literal_count_max
        self._stream_threshold = stream_threshold
        self._memory_octets_max = memory_octets_max
        self._quirk_bare_lf = quirk_bare_lf
        self._responses = responses
        self._buffer = bytearray()
        self._begin_frame()

    def _begin_frame(self) -> None:
        self._phase = _Phase.LINE
        self._searched = 0  # no LF in the buffer before this octet
        self._text = b""
        self._literals: list[bytes | StagedLiteral] = []
        self._remaining = 0  # octets of the current literal that have not come yet
        self._size = 0
        self._synchronizing = False
        self._binary = False
        self._gathered = 0  # octets of this frame's literals that are in memory

    def feed(self, octets: bytes) -> None:
        """Take octets from the peer."""
        self._buffer += octets

    @property
    def pending(self) -> bool:
        """Whether anything has come that no frame has carried yet."""
        return bool(self._buffer) or self._phase is not _Phase.LINE or bool(self._text)

    def discard(self) -> None:
        """Forget everything that has come; what was sent before TLS must not count after it (RFC 9051 §6.2.1)."""
        self._buffer.clear()
        self._begin_frame()

    def take_rest(self) -> bytes:
        """Hand over the octets that are in no frame yet, and forget them."""
        rest = bytes(self._buffer)
        self.discard()
        return rest

    def next(self) -> FrameEvent | None:
        """The next event, or None when more octets (or an answer of the caller) are needed."""
        while self._phase is not _LINE:
            match self._phase:
                case _Phase.GATHERING:
                    if len(self._buffer) < self._size:
                        return None
                    self._literals.append(self._take(self._size))
                    self._gathered += self._size
                    self._phase = _Phase.LINE
                case _Phase.STREAMING:
                    return self._next_chunk()
                case _Phase.SKIPPING:
                    if not self._skipped_literal():
                        return None
                case _Phase.DROPPING:
                    if not self._dropped_line():
                        return None
                case _:
                    return None
        return self._next_line() if self._buffer else None

    def accept_literal(self, stream: bool) -> None:
        """Let the announced literal come; with ``stream``, in chunks if it is large or too much is in memory already."""
        self._require(_Phase.ASKED)
        if not self._within_limits():
            raise ValueError("this literal is beyond the limits and can only be refused")
        self._remaining = self._size
        self._phase = _Phase.STREAMING if stream and self._is_large() else _Phase.GATHERING

    def refuse_literal(self) -> None:
        """Drop the command: a synchronizing literal will not be sent, the other kind is on its way and is skipped."""
        self._require(_Phase.ASKED)
        size, synchronizing = self._size, self._synchronizing
        self._begin_frame()
        if not synchronizing:
            self._remaining = size
            self._phase = _Phase.SKIPPING

    def literal_stored(self, token: str) -> None:
        """Name the streamed literal in the frame to come."""
        self._require(_Phase.STORING)
        self._literals.append(StagedLiteral(token, self._size))
        self._phase = _Phase.LINE

    def _require(self, phase: _Phase) -> None:
        if self._phase is not phase:
            raise RuntimeError(f"not now: {self._phase.value}")

    def _is_large(self) -> bool:
        if self._size > self._stream_threshold:
            return True
        return self._memory_octets_max is not None and self._gathered + self._size > self._memory_octets_max

    def _within_limits(self) -> bool:
        return self._size <= self._literal_octets_max and len(self._literals) < self._literal_count_max

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _next_line(self) -> FrameEvent | None:
        buffer = self._buffer
        end = buffer.find(b"\n", self._searched)
        if 0 < end == len(buffer) - 1 <= self._line_octets_max and buffer[end - 1] == _CR and not self._text:
            line = bytes(buffer)[:-2]
            if not line.endswith(b"}"):  # the usual case: one whole line and nothing else
                buffer.clear()
                self._searched = 0
                return Frame(line)
        if len(self._text) + (len(buffer) if end < 0 else end + 1) > self._line_octets_max + 2:  # + CRLF
            return self._line_too_long()
        if end < 0:
            self._searched = len(buffer)
            return None
        self._searched = 0
        line = self._take(end + 1)
        if line.endswith(b"\r\n"):
            line = line[:-2]
        elif self._quirk_bare_lf:
            line = line[:-1]
        text = self._text + line
        if line.endswith(b"}") and (announcement := self._announcement(line)) and not self._is_status_response(text):
            return self._literal_wanted(text, announcement)
        if not self._text:
            return Frame(text)
        frame = Frame(text, tuple(self._literals))
        self._begin_frame()
        return frame

    @staticmethod
    def _announcement(line: bytes) -> re.Match[bytes] | None:
        return _ANNOUNCEMENT.search(line, max(0, len(line) - _ANNOUNCEMENT_OCTETS_MAX))

    def _is_status_response(self, text: bytes) -> bool:
        return self._responses and bool(_STATUS_RESPONSE.match(text))

    def _literal_wanted(self, text: bytes, announcement: re.Match[bytes]) -> LiteralWanted:
        tilde, size, plus = announcement.groups()
        self._text = text + b"\r\n"
        self._size = int(size)
        self._synchronizing = not plus
        self._binary = bool(tilde)
        self._phase = _Phase.ASKED
        return LiteralWanted(text, self._size, not plus, self._binary, self._within_limits())

    def _line_too_long(self) -> LineTooLong:
        begun = (self._text + self._buffer[:64])[:64]
        self._begin_frame()
        self._phase = _Phase.DROPPING
        return LineTooLong(begun)

    def _next_chunk(self) -> LiteralChunk | LiteralEnd | None:
        if self._remaining == 0:
            self._phase = _Phase.STORING
            return LiteralEnd()
        if not self._buffer:
            return None
        chunk = self._take(min(self._remaining, len(self._buffer)))
        self._remaining -= len(chunk)
        return LiteralChunk(chunk, self._binary)

    def _skipped_literal(self) -> bool:
        count = min(self._remaining, len(self._buffer))
        del self._buffer[:count]
        self._remaining -= count
        if self._remaining:
            return False
        self._phase = _Phase.DROPPING
        return True

    def _dropped_line(self) -> bool:
        """Drop up to the end of the line; only its last octets are kept, to see whether they announce a literal."""
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            del self._buffer[: max(0, len(self._buffer) - _ANNOUNCEMENT_OCTETS_MAX)]
            self._searched = len(self._buffer)
            return False
        line = self._take(end + 1).rstrip(b"\r\n")
        self._begin_frame()
        announcement = self._announcement(line)
        if announcement and announcement[3]:
            # A synchronizing literal would wait for a continuation request that is not coming: the command ends there.
            self._remaining = int(announcement[2])
            self._phase = _Phase.SKIPPING
        return True
