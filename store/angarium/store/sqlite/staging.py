"""Large literals on their way in: files in ``<folder>/staging``, each held by the process that wrote it.

A name is ``<process id>-<start of that process>-<random>``: what belongs to no living process is left over and removed at start.
"""

import os
import re
from pathlib import Path
from typing import Final
from uuid import uuid4

from angarium.engine.operations import StoreUnavailable

_TOKEN: Final = re.compile(r"(\d+)-(\d+)-[0-9a-f]{32}")


class Staging:
    """The staged literals."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._remove_leftovers()

    def add(self, octets: bytes, token: str | None) -> str:
        """Append octets to a staged literal, a new one without ``token``."""
        if token is None:
            token = f"{os.getpid()}-{_process_start(os.getpid())}-{uuid4().hex}"
            mode = "xb"
        else:
            mode = "r+b"
        try:
            with self.path(token).open(mode, buffering=0) as file:
                end = file.seek(0, os.SEEK_END)
                try:
                    written = 0
                    while written < len(octets):
                        written += file.write(octets[written:])
                except OSError:
                    file.truncate(end)
                    raise
        except FileNotFoundError:
            raise StoreUnavailable("The message being sent has been forgotten: send it again") from None
        return token

    def read(self, token: str, offset: int, octets: int) -> bytes:
        """Octets of a staged literal."""
        try:
            with self.path(token).open("rb", buffering=0) as file:
                return os.pread(file.fileno(), octets, offset)
        except FileNotFoundError:
            raise StoreUnavailable("The message being sent has been forgotten: send it again") from None

    def path(self, token: str) -> Path:
        """Name the file of a token; anything that is not a token is refused."""
        if not _TOKEN.fullmatch(token):
            raise StoreUnavailable("No such staged message")
        return self._folder / token

    def discard(self, token: str) -> None:
        """Forget a staged literal."""
        self.path(token).unlink(missing_ok=True)

    def _remove_leftovers(self) -> None:
        for path in self._folder.iterdir():
            match = _TOKEN.fullmatch(path.name)
            if match and _process_start(int(match[1])) != int(match[2]):
                path.unlink(missing_ok=True)


def _process_start(process: int) -> int:
    """Say when a process began, in the system's clock ticks; 0 when it has ended or the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[19])
    except OSError:
        return 0
