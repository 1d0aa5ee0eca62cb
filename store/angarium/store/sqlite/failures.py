"""Failures of SQLite and of the file system as the store's errors, each with one line that says what to do."""

import errno
import sqlite3
from typing import Final

from angarium.engine.operations import StoreBusy, StoreError, StoreUnavailable

_BUSY: Final = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
_ADVICE: Final = {
    "SQLITE_FULL": "The disk is full: free some space",
    "SQLITE_READONLY": "The data folder is read-only: make it writable",
    "SQLITE_CANTOPEN": "The data folder cannot be written: check that it exists and who owns it",
    "SQLITE_PERM": "The data folder may not be used: check who owns it",
    "SQLITE_IOERR": "The disk has failed: look at the system's log",
    "SQLITE_CORRUPT": "The database is damaged: run angarium check --repair",
    "SQLITE_NOTADB": "The database is damaged: run angarium check --repair",
    "SQLITE_NOMEM": "Out of memory",
}
_ERRNO_ADVICE: Final = {
    errno.ENOSPC: "The disk is full: free some space",
    errno.EDQUOT: "The disk quota is used up: free some space",
    errno.EFBIG: "The file would be too large for this system's limits",
    errno.EROFS: "The data folder is read-only: make it writable",
    errno.EACCES: "The data folder may not be used: check who owns it",
    errno.EPERM: "The data folder may not be used: check who owns it",
    errno.EIO: "The disk has failed: look at the system's log",
    errno.EMFILE: "Too many open files: raise the limit (ulimit -n)",
    errno.ENFILE: "Too many open files: raise the system's limit",
}


def primary_code(error: sqlite3.Error) -> str:
    """Name the primary result code: ``SQLITE_IOERR_WRITE`` is ``SQLITE_IOERR``."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])


def is_disk_failure(error: BaseException) -> bool:
    """Say whether the connection is not to be trusted any more, so that the whole transaction has to go."""
    if isinstance(error, sqlite3.Error):
        return primary_code(error) in _ADVICE
    return isinstance(error, StoreUnavailable | OSError)


def translate(error: sqlite3.Error | OSError) -> StoreError:
    """Give the store's error for a failure underneath."""
    if isinstance(error, sqlite3.Error):
        code = primary_code(error)
        if code in _BUSY:
            return StoreBusy("The mail is being changed by someone else: try again")
        return StoreUnavailable(_ADVICE.get(code, f"The database cannot be used ({error})"))
    advice = _ERRNO_ADVICE.get(error.errno or 0, "The data folder cannot be used")
    return StoreUnavailable(f"{advice} ({error.strerror or error})")
