"""Change stamps: 65,536 numbers in memory shared by all processes, so that "nothing is new" costs no SQL.

Every mailbox has a slot, by hash; several may share one. A slot gets a fresh, never repeated value after each commit that
changes a mailbox of that slot. A reader takes the stamp *before* it reads the database: if the stamp is still the same
later, no commit has finished since that was not already seen. Sharing a slot or a lost race can only cause one look too many.

A writer puts 0, which matches nothing, before it commits: should it be killed between its commit and the fresh value, readers
look at the database until the next change, instead of missing this one.
"""

import fcntl
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
        """Map the file; a new one is filled with random numbers, since 0 would never match.

        Workers begin at the same moment, and all must map the same file: it is made in place, by whoever has the lock.
        """
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_size != _SIZE:
                file.truncate(0)
                file.write(os.urandom(_SIZE))
                file.flush()
            self._map: Final = mmap.mmap(file.fileno(), _SIZE)
            # The mapping keeps a duplicate of the descriptor, and with it the lock, unless that is given up.
            fcntl.flock(file, fcntl.LOCK_UN)
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
