"""Archives of mail: a tar file, compressed or not, whose contents are any other source."""

import os
import shutil
import tarfile
from pathlib import Path

from angarium.server.importing.source import SourceError


def is_archive(path: Path) -> bool:
    """Say whether a file is a tar archive; a message cannot be taken for one."""
    return tarfile.is_tarfile(path)


def unpack(path: Path, into: Path) -> Path:
    """Unpack an archive and return the folder to import: the archive's only top-level folder, or ``into`` itself.

    Only folders and plain files are taken, with their times; a name that leads out of ``into`` refuses the archive. Python
    has this as ``filter="data"`` (PEP 706), though not yet in the 3.11 that Debian 12 has.
    """
    into = into.resolve()
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                _unpack_member(archive, member, into)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise SourceError(f"{path} cannot be unpacked: {error}") from error
    entries = list(into.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else into


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    target = (into / member.name).resolve()
    if not target.is_relative_to(into):
        raise SourceError(f"the archive cannot be unpacked: {member.name} lies outside of it")
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
    elif member.isfile():
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.extractfile(member) as octets, target.open("wb") as file:  # type: ignore[union-attr]
            shutil.copyfileobj(octets, file)
        os.utime(target, (member.mtime, member.mtime))
