"""Looking for damage in a data folder and mending it: ``angarium check`` and ``angarium reindex``.

May run beside a server, except where a database itself is damaged: that is replaced by a new one with what could be read, and
is only done while nobody else has the folder open. What is lost is said; nothing is thrown away that could still be read.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from attrs import evolve

from angarium.engine.operations import StoreError, StoreUnavailable, UserName
from angarium.store.accounts import ACCOUNTS, TABLES
from angarium.store.sqlite.check_contents import check_contents, check_references
from angarium.store.sqlite.check_index import check_index
from angarium.store.sqlite.check_rows import ROW_CHECKS
from angarium.store.sqlite.connections import connect
from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.index import discard_index
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.recover import recover
from angarium.store.sqlite.salvage import MAIL, Tables, problem_of, salvage
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.use import alone
from angarium.store.sqlite.users import DATABASE, SEARCH_INDEX, is_bereft, user_folder, users_with_mail

__all__ = ["Finding", "Progress", "check", "reindex"]

Progress = Callable[[int, str], None]
"""Hears how much has been done and what it is about."""


def check(folder: Path, *, repair: bool, user: str | None = None, progress: Progress | None = None) -> list[Finding]:
    """Check the mail of one user or all; with ``repair`` mend what can be."""
    users = users_with_mail(folder) if user is None else [UserName(user)]
    findings = list(_check_accounts(folder, repair)) if user is None else []
    readable = problem_of(folder / ACCOUNTS) is None
    for done, name in enumerate(users):
        if progress is not None:
            progress(done, name)
        findings += _check_user(folder, name, repair, readable)
    if progress is not None:
        progress(len(users), "")
    return findings


def _check_accounts(folder: Path, repair: bool) -> Iterator[Finding]:
    """Check the accounts, which everything else needs. Mail without an account is no damage: see ``user remove``."""
    path = folder / ACCOUNTS
    if (problem := problem_of(path)) is not None:
        yield _salvaged(folder, path, TABLES, Finding(UserName(""), None, None, f"the accounts are damaged ({problem})"), repair)


def _check_user(folder: Path, user: UserName, repair: bool, readable: bool) -> Iterator[Finding]:
    path = user_folder(folder, user) / DATABASE
    if is_bereft(path.parent):
        yield Finding(user, None, None, "the database is missing", "made a new one" if repair else None)
        if not repair:
            return
        connect(path).close()
    elif not path.exists():
        return
    elif (problem := problem_of(path)) is not None:
        finding = _salvaged(folder, path, MAIL, Finding(user, None, None, f"the database is damaged ({problem})"), repair)
        yield finding
        if not finding.repaired:
            return
    if not readable:
        return
    with closing(SqliteStore(folder, upkeep=False)) as store:
        try:
            yield from _check_readable(store, user, repair, path.with_name(SEARCH_INDEX))
        except (StoreError, sqlite3.Error) as error:
            yield Finding(user, None, None, f"the check could not go on: {error}")


def _salvaged(folder: Path, path: Path, tables: Tables, finding: Finding, repair: bool) -> Finding:
    """Replace a damaged database, unless somebody has it open: they would go on writing to the old one."""
    if not repair:
        return finding
    try:
        with alone(folder):
            return evolve(finding, repaired=salvage(path, tables))
    except StoreUnavailable as in_use:
        return evolve(finding, problem=f"{finding.problem}. {in_use}")


def _check_readable(store: SqliteStore, user: UserName, repair: bool, index: Path) -> Iterator[Finding]:
    """Run all checks: contents in batches, so that a server beside us can go on, the rest each in one transaction."""
    run = store.write if repair else store.read
    yield from run(user, lambda mail: list(check_references(mail, repair)))
    yield from recover(store, user, repair)
    after: int | None = 0
    while after is not None:
        found, after = run(user, partial(check_contents, repair=repair, after=after))
        yield from found
    for row_check in ROW_CHECKS:
        yield from run(user, partial(_all_of, row_check, repair))
    if repair:
        list(recover(store, user, True))  # mending has left blobs that nothing names any more
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
