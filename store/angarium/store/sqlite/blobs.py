"""Messages too large for the database: one file each, named by the SHA-256 of its octets, so equal ones are kept once.

A blob is durable before a row that names it is committed. Rows are what counts: files without a row are left over from failed
deliveries, ``check`` finds them. A file is only removed inside a write transaction that has seen no row for it.
"""

import mmap
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

INSIDE_OCTETS_MAX: Final = 65_536
"""Up to this size the octets are kept in the database."""

_COPY_OCTETS: Final = 1_048_576
_BLOB_NAME: Final = re.compile("[0-9a-f]{64}")


class Blobs:
    """The blob files of one user."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder

    def path(self, digest: bytes) -> Path:
        """Name the file of a digest."""
        name = digest.hex()
        return self.folder / name[:2] / name

    def draft(self, pieces: Iterable[bytes | memoryview], staged: Path | None = None) -> Path:
        """Write a file that is not yet a blob: ``pieces`` one after the other, then the octets of the ``staged`` file."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"draft-{os.getpid()}-{uuid4().hex}"
        try:
            if staged is not None and not any(pieces):
                os.link(staged, path)
                return path
            with path.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                if staged is not None:
                    with staged.open("rb") as source:
                        while octets := source.read(_COPY_OCTETS):
                            file.write(octets)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def put(self, digest: bytes, draft: Path) -> None:
        """Make a draft the blob of ``digest``, durably; the draft's own name stays until ``discard``."""
        target = self.path(digest)
        if target.exists():
            return
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _fsync_folder(self.folder)
        with suppress(FileExistsError):
            os.link(draft, target)
        _fsync_folder(target.parent)

    def discard(self, draft: Path) -> None:
        """Forget a draft; the blob made of it stays."""
        draft.unlink(missing_ok=True)

    def exists(self, digest: bytes) -> bool:
        """Say whether the blob is there."""
        return self.path(digest).exists()

    def read(self, digest: bytes, offset: int, octets: int) -> bytes:
        """Read a piece; empty when the blob has been removed meanwhile."""
        try:
            descriptor = os.open(self.path(digest), os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(descriptor, octets, offset)
        finally:
            os.close(descriptor)

    def delete(self, digest: bytes) -> None:
        """Remove the blob."""
        self.path(digest).unlink(missing_ok=True)

    def digests(self) -> list[bytes]:
        """Find all blobs."""
        found = (path for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if _BLOB_NAME.fullmatch(path.name))
        return sorted(bytes.fromhex(path.name) for path in found if path.name.startswith(path.parent.name))


@contextmanager
def map_file(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Map a file for reading; an empty one cannot be mapped and gives no octets."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def file_digest(path: Path) -> bytes:
    """Compute the SHA-256 of a file without gathering it."""
    digest = sha256()
    with path.open("rb") as file:
        while octets := file.read(_COPY_OCTETS):
            digest.update(octets)
    return digest.digest()


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
