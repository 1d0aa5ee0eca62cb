"""Archives of mail: a tar file, compressed or not, whose contents are any other source."""

import tarfile
from pathlib import Path

from angarium.server.importing.source import SourceError


def is_archive(path: Path) -> bool:
    """Say whether a file is a tar archive; a message cannot be taken for one."""
    return tarfile.is_tarfile(path)


def unpack(path: Path, into: Path) -> Path:
    """Unpack an archive and return the folder to import: the archive's only top-level folder, or ``into`` itself.

    The ``data`` filter keeps every member inside ``into`` and drops links that leave it, devices and modes (PEP 706).
    """
    try:
        with tarfile.open(path) as archive:
            archive.extractall(into, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise SourceError(f"{path} cannot be unpacked: {error}") from error
    entries = list(into.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else into
