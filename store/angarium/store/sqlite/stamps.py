"""Change stamps: 65,536 numbers in memory shared by all processes, so that "nothing is new" costs no SQL.

Every mailbox has a slot, by hash; several may share one. A slot gets a fresh, never repeated value after each commit that
changes a mailbox of that slot. A reader takes the stamp *before* it reads the database: if the stamp is still the same
later, no commit has finished since that was not already seen. Sharing a slot or a lost race can only cause one look too many.

A writer puts 0, which matches nothing, before it commits: should it be killed between its commit and the fresh value, readers
look at the database until the next change, instead of missing this one.
"""

import mmap
import os
from pathlib import Path
from typing import Final
from zlib import crc32

from angarium.engine.operations import MailboxId

SLOTS: Final = 65_536
_SIZE: Final = SLOTS * 8


class Stamps:
    """The slots in ``<folder>/stamps``."""

    def __init__(self, path: Path) -> None:
        """Map the file; a new one is filled with random numbers, since 0 would never match."""
        if not path.exists() or path.stat().st_size != _SIZE:
            new = path.with_name(f"{path.name}.{os.getpid()}")
            new.write_bytes(os.urandom(_SIZE))
            os.replace(new, path)
        with path.open("r+b") as file:
            self._map: Final = mmap.mmap(file.fileno(), _SIZE)
        self._slots: Final = memoryview(self._map).cast("Q")

    def read(self, mailbox: MailboxId) -> int:
        """Read the stamp of a mailbox; 0 while it is being changed."""
        return self._slots[crc32(mailbox.owner.encode("utf-8", "surrogatepass"), mailbox.number) & 0xFFFF]

    def invalidate(self, mailbox: MailboxId) -> None:
        """Match nobody's stamp any more: a change is about to be committed."""
        self._slots[crc32(mailbox.owner.encode("utf-8", "surrogatepass"), mailbox.number) & 0xFFFF] = 0

    def renew(self, mailbox: MailboxId) -> None:
        """Give a fresh stamp: a change has been committed."""
        fresh = int.from_bytes(os.urandom(8), "little") | 1
        self._slots[crc32(mailbox.owner.encode("utf-8", "surrogatepass"), mailbox.number) & 0xFFFF] = fresh

    def close(self) -> None:
        """Unmap the file."""
        self._slots.release()
        self._map.close()
