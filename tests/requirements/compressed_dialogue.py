"""A client that compresses, by zlib alone, so that it shares nothing with the engine's side of it (RFC 4978)."""

import zlib
from typing import Any

from angarium.engine.steps import Received
from conformance.dialogue import Dialogue


class CompressedDialogue(Dialogue):
    """A connection that may be compressed, from ``compress`` on."""

    deflater: Any = None
    inflater: Any = None

    def compress(self) -> None:
        """Begin to compress both ways."""
        assert self.command("z COMPRESS DEFLATE") == [b"z OK DEFLATE active"]
        self.deflater = zlib.compressobj(wbits=-15)
        self.inflater = zlib.decompressobj(wbits=-15)

    def deflated(self, octets: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
        """What goes on the wire for these octets."""
        compressed: bytes = self.deflater.compress(octets) + self.deflater.flush(flush)
        return compressed

    def say(self, octets: bytes) -> list[bytes]:
        """Send octets, compressed where that has begun."""
        return self.raw(self.deflated(octets) if self.deflater else octets)

    def raw(self, octets: bytes) -> list[bytes]:
        """Send octets as they are."""
        return self.send(Received(octets))

    def responses(self) -> list[Any]:
        if self.inflater is not None:
            octets = b"".join(self.sent)
            text = self.inflater.decompress(octets)
            # Where the server has ended its compression, the rest is in the clear.
            self.sent[:] = [text, self.inflater.unused_data]
        if self.inflater is not None and self.inflater.eof:
            self.deflater = self.inflater = None
        return super().responses()
