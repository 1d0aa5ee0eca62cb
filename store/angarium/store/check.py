"""Looking for damage in a data folder and mending it: ``angarium check`` and ``angarium reindex``.

May run beside a server, except where a database itself is damaged: that is replaced by a new one with what could be read, which
wants the server stopped. What is lost is said; nothing is thrown away that could still be read.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from angarium.engine.operations import StoreError, UserName
from angarium.store.sqlite.check_contents import check_contents, check_references
from angarium.store.sqlite.check_index import check_index
from angarium.store.sqlite.check_rows import ROW_CHECKS
from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.index import discard_index
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.salvage import problem_of, salvage
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import DATABASE, SEARCH_INDEX, user_folder, users_with_mail

__all__ = ["Finding", "Progress", "check", "reindex"]

Progress = Callable[[int, str], None]
"""Hears how much has been done and what it is about."""


def check(folder: Path, *, repair: bool, user: str | None = None, progress: Progress | None = None) -> list[Finding]:
    """Check the mail of one user or all; with ``repair`` mend what can be."""
    users = users_with_mail(folder) if user is None else [UserName(user)]
    findings: list[Finding] = []
    for done, name in enumerate(users):
        if progress is not None:
            progress(done, name)
        findings += _check_user(folder, name, repair)
    if user is None and (problem := problem_of(folder / "accounts.sqlite3")) is not None:
        findings.append(Finding(UserName(""), None, None, f"the accounts are damaged ({problem})"))
    if progress is not None:
        progress(len(users), "")
    return findings


def _check_user(folder: Path, user: UserName, repair: bool) -> Iterator[Finding]:
    path = user_folder(folder, user) / DATABASE
    if not path.exists():
        return
    if (problem := problem_of(path)) is not None:
        repaired = salvage(path) if repair else None
        yield Finding(user, None, None, f"the database is damaged ({problem})", repaired)
        if not repair:
            return
    with closing(SqliteStore(folder, upkeep=False)) as store:
        try:
            yield from _check_readable(store, user, repair, path.with_name(SEARCH_INDEX))
        except (StoreError, sqlite3.Error) as error:
            yield Finding(user, None, None, f"the check could not go on: {error}")


def _check_readable(store: SqliteStore, user: UserName, repair: bool, index: Path) -> Iterator[Finding]:
    """Run all checks: contents in batches, so that a server beside us can go on, the rest each in one transaction."""
    run = store.write if repair else store.read
    yield from run(user, lambda mail: list(check_references(mail, repair)))
    after: int | None = 0
    while after is not None:
        found, after = run(user, partial(check_contents, repair=repair, after=after))
        yield from found
    for row_check in ROW_CHECKS:
        yield from run(user, partial(_all_of, row_check, repair))
    if repair:
        # mending has left contents and blobs that nothing names any more
        store.write(user, lambda mail: list(check_references(mail, True)))
    yield from store.read(user, lambda mail: list(check_index(mail, repair, index)))


def _all_of(row_check: Callable[[Mail, bool], Iterator[Finding]], repair: bool, mail: Mail) -> list[Finding]:
    return list(row_check(mail, repair))


def reindex(folder: Path, user: str | None = None, progress: Progress | None = None) -> None:
    """Make the search index of one user or all anew."""
    users = users_with_mail(folder) if user is None else [UserName(user)]
    with closing(SqliteStore(folder, upkeep=False)) as store:
        for done, name in enumerate(users):
            if progress is not None:
                progress(done, name)
            discard_index(user_folder(folder, name) / SEARCH_INDEX)
            store.catch_up(name)
    if progress is not None:
        progress(len(users), "")
