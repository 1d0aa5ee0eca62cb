"""Who uses a data folder: every open store, together; a repair that puts another file in the place of a database, alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from angarium.engine.operations import StoreUnavailable

_LOCK: Final = "in-use"


def use(folder: Path) -> BinaryIO:
    """Say that the folder is in use, until what is given is closed. Raises StoreUnavailable during a repair."""
    return _lock(folder, fcntl.LOCK_SH, "The mail is being repaired: try again when that has ended")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep everybody else out of the folder. Raises StoreUnavailable where it is in use."""
    with _lock(folder, fcntl.LOCK_EX, "The mail is in use: stop the server, then run this again"):
        yield


def _lock(folder: Path, how: int, refusal: str) -> BinaryIO:
    file = (folder / _LOCK).open("ab")
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreUnavailable(refusal) from None
    return file
