"""DEFLATE under the octets of one connection, for either end (RFC 4978 §3, §4; RFC 1951).

Both ends write raw DEFLATE blocks and flush to an octet boundary where the other is to hear of it. Such a flush ends in
``FLUSHED``, an empty block, and the octets behind it begin a new one. Two things follow:

- A deflater may be let go after a flush. The next one writes blocks that refer to nothing before them, and the peer sees one
  stream. So a connection that rests holds no deflater: of 250 KB for both directions some 40 stay, the window that the peer's
  blocks may refer to.
- What has come is inflated flush by flush. Nothing behind the flush that ends a command is touched before that command has
  been carried out, since it may end the compression (RFC 8437 §4.1), wherever the transport has cut the octets.

A small input may inflate to a thousand times its size, so it is inflated in pieces, each when the one before has been used.
"""

import zlib
from typing import Final

FLUSHED: Final = b"\0\0\xff\xff"
"""How a flush ends: the lengths of an empty stored block (RFC 1951 §3.2.4)."""

# Raw blocks; the largest window, since the peer's blocks may refer to all of it (RFC 4978 §4).
_WINDOW: Final = -15
_LEVEL: Final = 3
# 64 KB for what a block gathers instead of 128; typical answers come out as short.
_MEMORY_LEVEL: Final = 7


class NotDeflate(Exception):
    """What has come is no DEFLATE, or goes on behind its end."""


class Deflater:
    """Compresses what is sent (RFC 4978 §3)."""

    __slots__ = ("_zlib",)

    def __init__(self) -> None:
        self._zlib: zlib._Compress | None = None

    @property
    def rests(self) -> bool:
        """Whether it holds no memory."""
        return self._zlib is None

    def deflate(self, octets: bytes) -> bytes:
        """The octets so that the peer can read all of them now."""
        return self._compress(octets, zlib.Z_SYNC_FLUSH)

    def finish(self, octets: bytes) -> bytes:
        """The last octets, and the end of the stream (RFC 8437 §4.1)."""
        return self._compress(octets, zlib.Z_FINISH)

    def rest(self) -> None:
        """Let the memory go until there is something to send again."""
        self._zlib = None

    def _compress(self, octets: bytes, flush: int) -> bytes:
        if self._zlib is None:
            self._zlib = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY_LEVEL)
        return self._zlib.compress(octets) + self._zlib.flush(flush)


class Inflater:
    """Takes what comes and gives it back inflated, at most ``piece_octets_max`` at a time (RFC 4978 §3)."""

    __slots__ = ("_at", "_coming", "_full", "_piece_octets_max", "_zlib")

    def __init__(self, piece_octets_max: int) -> None:
        self._piece_octets_max: Final = piece_octets_max
        self._zlib: Final = zlib.decompressobj(_WINDOW)
        self._coming = b""
        self._at = 0  # octets of ``_coming`` that are inflated
        self._full = False  # the last piece was as long as one may be: there may be more behind it

    def feed(self, octets: bytes) -> None:
        """Take what has come; the end of what came before stays, since a flush may be cut anywhere."""
        kept = max(0, self._at - len(FLUSHED))
        self._coming = self._coming[kept:] + octets
        self._at -= kept

    def inflate(self) -> bytes:
        """The next piece, up to a flush; empty when more has to come. Raises ``NotDeflate``."""
        piece = b""
        while not piece and (self._full or self._at < len(self._coming)):
            if self._zlib.eof and self._at < len(self._coming):
                raise NotDeflate
            piece = self._next_piece()
        return piece

    def behind_the_end(self) -> bytes | None:
        """What the peer has sent in the clear behind its last flush; None until that has come (RFC 8437 §4.1)."""
        while not (self._zlib.eof or (self._flush_behind and not self._full)):
            if not self._full and self._at == len(self._coming):
                return None
            self._next_piece()
        return self._coming[self._at :]

    @property
    def _flush_behind(self) -> bool:
        return self._coming.endswith(FLUSHED, 0, self._at)

    def _next_end(self) -> int:
        """Where the octets end that may be inflated now: at the next flush, or where we are while there is more behind it."""
        if self._full and self._flush_behind:
            return self._at
        # A flush that ends where we are began one octet earlier than the search does.
        found = self._coming.find(FLUSHED, max(0, self._at - len(FLUSHED) + 1))
        return found + len(FLUSHED) if found >= 0 else len(self._coming)

    def _next_piece(self) -> bytes:
        end = self._next_end()
        try:
            piece = self._zlib.decompress(self._coming[self._at : end], self._piece_octets_max)
        except zlib.error:
            raise NotDeflate from None
        left = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
        self._at = end - len(left)
        self._full = len(piece) == self._piece_octets_max
        if self._at == len(self._coming):
            self.feed(b"")
        return piece


class Compression:
    """Both directions of one connection, from COMPRESS on; ``over`` once both have ended again (RFC 4978 §3, RFC 8437 §4.1)."""

    __slots__ = ("_deflater", "_ending", "_inflater", "over")

    def __init__(self, piece_octets_max: int) -> None:
        self._deflater: Deflater | None = Deflater()
        self._inflater: Final = Inflater(piece_octets_max)
        self._ending = False
        self.over = False

    @property
    def may_rest(self) -> bool:
        """Whether there is memory to let go."""
        return self._deflater is not None and not self._deflater.rests

    def rest(self) -> None:
        """Let go the memory for what is sent, which can be had again."""
        if self._deflater is not None:
            self._deflater.rest()

    def sent(self, octets: bytes) -> bytes:
        """What goes to the peer."""
        return octets if self._deflater is None else self._deflater.deflate(octets)

    def last_sent(self, octets: bytes) -> bytes:
        """The last that goes to the peer compressed."""
        deflater, self._deflater = self._deflater, None
        return octets if deflater is None else deflater.finish(octets)

    def expect_end(self) -> None:
        """The peer has sent its last compressed line: what follows the flush behind it is in the clear."""
        self._ending = True

    def came(self, octets: bytes) -> None:
        """Take what has come from the peer."""
        self._inflater.feed(octets)

    def next_piece(self) -> bytes:
        """The next piece of what the peer has said, empty when more has to come. Raises ``NotDeflate``."""
        if not self._ending:
            return self._inflater.inflate()
        octets = self._inflater.behind_the_end()
        self.over = octets is not None
        return octets or b""
