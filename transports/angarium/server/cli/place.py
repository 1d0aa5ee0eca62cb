"""Where the mail is: the data folder that options, environment or configuration name, and the store in it."""

import os
import pwd
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from angarium.engine.operations import MailboxId, UserName
from angarium.server.cli.complaints import ProblemFound
from angarium.server.config import Config, load
from angarium.store.accounts import canonical_user
from angarium.store.sqlite.store import SqliteStore
from angarium.transports.bus import ACCOUNT, Announcer

KEYS: Final = {
    "data": "data",
    "imap": "listen.imap",
    "imaps": "listen.imaps",
    "lmtp": "listen.lmtp",
    "workers": "server.workers",
}
"""Options that stand for a key of the configuration."""


def load_config(chosen: Namespace) -> Config:
    """Read the configuration with the options of the command line over it."""
    given = {key: getattr(chosen, option, None) for option, key in KEYS.items()}
    overrides = {key: value for key, value in given.items() if value is not None}
    return load(Path(chosen.config) if chosen.config else None, os.environ, overrides)


def data_folder(chosen: Namespace) -> Path:
    """Name the data folder, which must be there already and be ours."""
    folder = load_config(chosen).data
    if not folder.is_dir():
        raise ProblemFound(f"there is no data folder {folder}: name it with --data, or make it with angarium user add")
    owner = folder.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        # What root makes there, the server could not write to.
        raise ProblemFound(
            f"{folder} belongs to {_name_of(owner)}: run this as that user (runuser -u {_name_of(owner)} -- angarium ...)"
        )
    return folder


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@contextmanager
def open_store(folder: Path) -> Iterator[SqliteStore]:
    """Open the store for one command. Workers of a running server hear of what changes; indexing is left to whoever asks."""
    announce = Announcer(folder / "run") if (folder / "run").is_dir() else None
    store = SqliteStore(folder, on_change=announce, upkeep=False)
    try:
        yield store
    finally:
        store.close()
        if announce is not None:
            with suppress(OSError):
                announce.retry()
            announce.close()


def end_sessions(folder: Path, user: UserName) -> None:
    """Have a running server end the sessions of a user whose account has changed."""
    if not (folder / "run").is_dir():
        return
    announce = Announcer(folder / "run")
    announce(MailboxId(user, ACCOUNT))
    announce.retry()
    announce.close()


def require_user(store: SqliteStore, name: str) -> UserName:
    """Return the name that a user's mail is kept under."""
    if not store.accounts.exists(name):
        raise ProblemFound(f"there is no user {name}; angarium user list shows them, angarium user add makes one")
    return canonical_user(name)


@contextmanager
def open_store_of(chosen: Namespace) -> Iterator[tuple[SqliteStore, UserName]]:
    """Open the store for the user that ``--user`` names."""
    with open_store(data_folder(chosen)) as store:
        yield store, require_user(store, chosen.user)
