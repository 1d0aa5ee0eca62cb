"""Damage done on purpose is found, mended, and then gone."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from angarium.engine.operations import (
    AppendMessages,
    Column,
    ExpungeMessages,
    FetchMessages,
    NewMessage,
    OpenMailbox,
    SearchMessages,
    SetFlags,
    StoreUnavailable,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.search_keys import TextContains
from angarium.store.check import check, reindex
from angarium.store.contracts.harness import EVERY_UID, mail, uids
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import user_folder

USER = UserName("ann")
LARGE = mail("large", "y" * 100_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user with four messages, one of them in a blob, one expunged, and an index."""
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        messages = (
            NewMessage(mail("one"), (b"$Work",)),
            NewMessage(mail("two"), (rb"\Seen",)),
            NewMessage(LARGE),
            NewMessage(mail("gone")),
        )
        store.execute(AppendMessages(USER, "INBOX", messages))
        mailbox = store.execute(OpenMailbox(USER, "INBOX")).id
        store.execute(SetFlags(mailbox, uids(4), StoreMode.ADD, (rb"\Deleted",)))
        store.execute(ExpungeMessages(mailbox))
        store.catch_up(USER)
    return tmp_path


def database(folder: Path) -> Path:
    return user_folder(folder, USER) / "mail.sqlite3"


def run_sql(folder: Path, sql: str, name: str = "mail.sqlite3") -> None:
    with closing(sqlite3.connect(user_folder(folder, USER) / name)) as connection, connection:
        assert connection.execute(sql).rowcount > 0


def blob(folder: Path) -> Path:
    (path,) = (user_folder(folder, USER) / "blobs").glob("??/*")
    return path


def test_nothing_is_wrong_with_a_sound_store(folder: Path) -> None:
    assert check(folder, repair=False) == []
    assert check(folder, repair=True) == []


def orphan(folder: Path) -> Path:
    path = user_folder(folder, USER) / "blobs" / "ab" / ("ab" * 32)
    path.parent.mkdir()
    return path


DAMAGES: tuple[tuple[str, Callable[[Path], object]], ...] = (
    ("counted as", lambda folder: run_sql(folder, "UPDATE mailbox SET messages = 7 WHERE name = 'INBOX'")),
    ("counted as", lambda folder: run_sql(folder, "UPDATE mailbox SET unseen = 0 WHERE name = 'INBOX'")),
    ("counted as", lambda folder: run_sql(folder, "UPDATE message SET flags = 4")),
    ("keyword $Work is counted 9", lambda folder: run_sql(folder, "UPDATE keyword SET messages = 9")),
    ("keyword $Work is counted 0", lambda folder: run_sql(folder, "DELETE FROM keyword")),
    ("keyword $No", lambda folder: run_sql(folder, "INSERT INTO keyword VALUES (1, '$no', '$No', 2)")),
    ("UIDNEXT is 2", lambda folder: run_sql(folder, "UPDATE mailbox SET uidnext = 2 WHERE name = 'INBOX'")),
    ("HIGHESTMODSEQ is 1", lambda folder: run_sql(folder, "UPDATE mailbox SET highest_modseq = 1 WHERE name = 'INBOX'")),
    ("last UIDVALIDITY", lambda folder: run_sql(folder, "UPDATE state SET last_uidvalidity = 1")),
    ("there is no INBOX", lambda folder: run_sql(folder, "UPDATE mailbox SET name = 'Elsewhere' WHERE name = 'INBOX'")),
    ("lie in no mailbox", lambda folder: run_sql(folder, "DELETE FROM mailbox WHERE name = 'INBOX'")),
    ("octets are lost", lambda folder: run_sql(folder, "DELETE FROM octets WHERE content = 1")),
    ("what follows from the octets is lost", lambda folder: run_sql(folder, "DELETE FROM content WHERE number = 1")),
    ("octets are lost", lambda folder: run_sql(folder, "DELETE FROM content WHERE outside = 1")),
    ("octets are lost", lambda folder: blob(folder).unlink()),
    ("not what they were", lambda folder: blob(folder).write_bytes(mail("other", "z" * 90_000))),
    ("not what they were", lambda folder: blob(folder).write_bytes(b"")),
    ("not what they were", lambda folder: run_sql(folder, "UPDATE octets SET text = x'41' WHERE content = 2")),
    ("envelope, preview", lambda folder: run_sql(folder, "UPDATE content SET envelope = x'28', preview = '?' WHERE number = 1")),
    ("belong to no message", lambda folder: run_sql(folder, "DELETE FROM message WHERE content = 2")),
    ("belongs to no message", lambda folder: orphan(folder).write_bytes(b"x")),
    (
        "index has another text",
        lambda folder: run_sql(folder, "UPDATE text SET body = x'41'", "search.sqlite3"),
    ),
    ("index has another text", lambda folder: run_sql(folder, "DELETE FROM text WHERE content = 1", "search.sqlite3")),
    ("is newer than the mail", lambda folder: run_sql(folder, "UPDATE progress SET indexed = 99", "search.sqlite3")),
    ("index is damaged", lambda folder: (user_folder(folder, USER) / "search.sqlite3").write_bytes(b"x" * 40_000)),
    ("would not find content 1", lambda folder: forget_trigrams(folder)),
)


def forget_trigrams(folder: Path) -> None:
    with closing(sqlite3.connect(user_folder(folder, USER) / "search.sqlite3")) as connection, connection:
        connection.execute("INSERT INTO trigrams (trigrams) VALUES ('delete-all')")


@pytest.mark.parametrize(("problem", "damage"), DAMAGES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(DAMAGES)])
def test_damage_is_found_and_mended(folder: Path, problem: str, damage: Callable[[Path], object]) -> None:
    damage(folder)
    found = check(folder, repair=False, user="ann")
    assert any(problem in finding.problem for finding in found)
    assert all(finding.repaired is None for finding in found)
    assert check(folder, repair=False) == found, "looking has changed something"
    mended = check(folder, repair=True)
    assert any(problem in finding.problem for finding in mended)
    assert all(finding.repaired for finding in mended)
    assert check(folder, repair=False) == []


def test_old_drafts_are_left_over(folder: Path) -> None:
    draft = user_folder(folder, USER) / "blobs" / "draft-1-x"
    draft.write_bytes(b"x")
    assert check(folder, repair=True) == []
    os.utime(draft, (0, 0))
    (finding,) = check(folder, repair=True)
    assert "left over" in finding.problem
    assert not draft.exists()


def test_a_changed_message_keeps_the_octets_there_are(folder: Path) -> None:
    other = mail("other", "z" * 90_000)
    blob(folder).write_bytes(other)
    check(folder, repair=True)
    with closing(SqliteStore(folder)) as store:
        mailbox = store.execute(OpenMailbox(USER, "INBOX")).id
        (row,) = store.execute(FetchMessages(mailbox, uids(3), Column.CONTENT | Column.SIZE | Column.ENVELOPE)).rows
    assert row.content == other
    assert row.size == len(other)
    assert b'"other"' in row.envelope


def test_a_damaged_database_is_salvaged(folder: Path) -> None:
    path = database(folder)
    with closing(SqliteStore(folder, upkeep=False)) as store:
        for number in range(300):
            store.execute(AppendMessages(USER, "INBOX", (NewMessage(mail(f"m{number}", "text " * 500)),)))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = bytearray(path.read_bytes())
    middle = len(octets) // 2 // 4096 * 4096
    octets[middle : middle + 3 * 4096] = b"\xa5" * (3 * 4096)
    path.write_bytes(octets)
    (finding,) = check(folder, repair=False)
    assert "database is damaged" in finding.problem
    first, *_ = check(folder, repair=True)
    assert first.repaired is not None
    assert "saved" in first.repaired
    assert list(path.parent.glob("mail.sqlite3.damaged-*"))
    assert check(folder, repair=False) == []
    with closing(SqliteStore(folder)) as store:
        assert len(store.execute(OpenMailbox(USER, "INBOX")).uids) > 250


def test_a_database_in_use_is_not_replaced(folder: Path) -> None:
    database(folder).write_bytes(b"junk" * 5000)
    with closing(SqliteStore(folder)):
        (finding,) = check(folder, repair=True)
    assert "stop the server" in finding.problem
    assert finding.repaired is None
    assert all(finding.repaired for finding in check(folder, repair=True))


def test_a_database_of_junk_is_replaced(folder: Path) -> None:
    database(folder).write_bytes(b"junk" * 5000)
    assert all(finding.repaired for finding in check(folder, repair=True))
    assert check(folder, repair=False) == []


def recovered(folder: Path) -> list[bytes]:
    """The messages in the mailbox for what was found again."""
    with closing(SqliteStore(folder)) as store:
        mailbox = store.execute(OpenMailbox(USER, "Recovered")).id
        return [row.content for row in store.execute(FetchMessages(mailbox, EVERY_UID, Column.CONTENT)).rows]


def test_messages_that_lost_their_rows_are_put_into_a_mailbox(folder: Path) -> None:
    run_sql(folder, "DELETE FROM message")
    check(folder, repair=True)
    assert sorted(recovered(folder)) == sorted([mail("one"), mail("two"), LARGE])
    assert check(folder, repair=False) == []


def test_what_blobs_hold_outlives_a_missing_database(folder: Path) -> None:
    database(folder).unlink()
    with closing(SqliteStore(folder)) as store, pytest.raises(StoreUnavailable, match="missing"):
        store.execute(OpenMailbox(USER, "INBOX"))
    assert [finding.problem for finding in check(folder, repair=False)] == ["the database is missing"]
    check(folder, repair=True)
    assert recovered(folder) == [LARGE]
    assert check(folder, repair=False) == []


def test_a_blob_that_is_not_its_digest_is_kept_once(folder: Path) -> None:
    path = orphan(folder)
    path.write_bytes(LARGE)
    path.with_name("abcd" * 16).write_bytes(mail("other", "z" * 90_000))
    path.with_name("abc").write_bytes(b"not a blob")
    check(folder, repair=True)
    assert recovered(folder) == [mail("other", "z" * 90_000)]
    assert check(folder, repair=False) == []


def test_damaged_accounts_are_told_and_mended(folder: Path) -> None:
    path = folder / "accounts.sqlite3"
    path.write_bytes(b"junk" * 5000)
    with pytest.raises(StoreUnavailable, match="damaged"):
        SqliteStore(folder)
    run_sql(folder, "UPDATE state SET last_uidvalidity = 1")
    (finding,) = check(folder, repair=False)
    assert "accounts are damaged" in finding.problem
    assert [finding.problem.split(" (")[0] for finding in check(folder, repair=True)] == [
        "the accounts are damaged",
        "the last UIDVALIDITY is not known",
    ]
    assert check(folder, repair=False) == []


def test_accounts_that_can_be_read_are_saved(folder: Path) -> None:
    path = folder / "accounts.sqlite3"
    with closing(SqliteStore(folder)) as store:
        store.accounts.add("bob", "secret")
    with closing(sqlite3.connect(path)) as connection, connection:
        row = connection.execute("SELECT * FROM account").fetchone()
        connection.executemany("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", [(f"u{n}", *row[1:]) for n in range(200)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = bytearray(path.read_bytes())
    octets[-4096:] = b"\xa5" * 4096
    path.write_bytes(octets)
    (finding,) = check(folder, repair=True)
    assert "accounts are damaged" in finding.problem
    with closing(SqliteStore(folder)) as store:
        assert 50 < len(store.accounts.list()) < 202


@pytest.mark.parametrize("name", ["accounts.sqlite3", "users/*/ann/mail.sqlite3"])
def test_an_emptied_file_is_told(folder: Path, name: str) -> None:
    (path,) = folder.glob(name)
    path.write_bytes(b"")
    (finding,) = check(folder, repair=False)
    assert "the file is empty" in finding.problem
    assert all(finding.repaired for finding in check(folder, repair=True))


def test_nobody_else_may_read_the_databases(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        store.execute(AppendMessages(USER, "INBOX", (NewMessage(mail("one")),)))
        store.catch_up(USER)
        paths = list(tmp_path.rglob("*.sqlite3*"))
        assert len(paths) >= 3
        assert {path.stat().st_mode & 0o077 for path in paths} == {0}


def test_reindex_makes_the_index_anew(folder: Path) -> None:
    index = user_folder(folder, USER) / "search.sqlite3"
    index.write_bytes(b"x")
    heard: list[tuple[int, str]] = []
    reindex(folder, progress=lambda done, name: heard.append((done, name)))
    assert heard == [(0, "ann"), (1, "")]
    with closing(sqlite3.connect(index)) as connection:
        assert connection.execute("SELECT count(*) FROM text").fetchone() == (3,)
    with closing(SqliteStore(folder)) as store:
        mailbox = store.execute(OpenMailbox(USER, "INBOX")).id
        assert list(store.execute(SearchMessages(mailbox, TextContains(b"YYYY"), EVERY_UID)).uids) == [3]
