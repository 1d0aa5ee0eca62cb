"""The parts of the SQLite store: stamps, connections, staging, blobs, UID maps, names, failures."""

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.engine.operations import (
    AppendMessages,
    Column,
    CopyMessages,
    CreateMailbox,
    ExpungeMessages,
    FetchMessages,
    InvalidMailboxName,
    LimitReached,
    ListMailboxes,
    MailboxId,
    MailboxNotFound,
    NewMessage,
    OpenMailbox,
    ReadChanges,
    ReadContent,
    SetFlags,
    SetSubscription,
    StageOctets,
    StoreBusy,
    StoreUnavailable,
    TooLarge,
    UserName,
)
from angarium.grammar.imap.commands import StagedLiteral, StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import EVERY_UID, mail, uids
from angarium.store.sqlite.append import date_columns
from angarium.store.sqlite.blobs import Blobs
from angarium.store.sqlite.connections import Connections
from angarium.store.sqlite.failures import translate
from angarium.store.sqlite.mail import Limits
from angarium.store.sqlite.names import canonical_name, check_name
from angarium.store.sqlite.opening import claim_recent
from angarium.store.sqlite.staging import Staging
from angarium.store.sqlite.stamps import Stamps
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import encode_name, user_folder, users_with_mail

USER = UserName("ann")
INBOX = MailboxId(USER, 1)
NEPAL = timezone(timedelta(hours=5, minutes=45))


def test_stamps_are_shared_and_never_zero_at_rest(tmp_path: Path) -> None:
    one, two = Stamps(tmp_path / "stamps"), Stamps(tmp_path / "stamps")
    seen = {one.read(INBOX)}
    assert seen == {two.read(INBOX)} != {0}
    for _ in range(100):
        two.invalidate(INBOX)
        assert one.read(INBOX) == 0
        two.renew(INBOX)
        seen.add(one.read(INBOX))
    assert len(seen) == 101
    one.close()
    two.close()


def test_a_stamp_file_of_another_size_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "stamps").write_bytes(b"short")
    stamps = Stamps(tmp_path / "stamps")
    assert stamps.read(INBOX) != 0
    stamps.close()


def test_changes_of_another_process_are_seen(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        opened = store.execute(OpenMailbox(USER, "INBOX"))
        look = ReadChanges(opened.id, opened.highest_modseq, opened.stamp)
        assert store.is_quick(look)
        program = (
            "import sys; from pathlib import Path; from angarium.engine.operations import *;"
            "from angarium.store.sqlite.store import SqliteStore;"
            "SqliteStore(Path(sys.argv[1])).execute(AppendMessages(UserName('ann'), 'INBOX', (NewMessage(b'x'),)))"
        )
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
        assert not store.is_quick(look)
        changes = store.execute(look)
        assert list(changes.uids) == [1]
        assert store.is_quick(ReadChanges(opened.id, changes.highest_modseq, changes.stamp))


def test_a_shared_slot_causes_one_look_too_many(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        opened = store.execute(OpenMailbox(USER, "INBOX"))
        store._parts.stamps.renew(opened.id)
        found = store.execute(ReadChanges(opened.id, opened.highest_modseq, opened.stamp))
        assert (found.flags, found.vanished.ranges) == ((), ())
        assert store.is_quick(ReadChanges(opened.id, opened.highest_modseq, found.stamp))


def test_few_connections_stay_open(tmp_path: Path) -> None:
    lent = Connections(tmp_path, lambda connection, user: None, idle_max=3)
    for number in range(10):
        with lent.lend(UserName(f"user{number}")) as connection:
            connection.execute("SELECT 1")
    assert len(lent._idle) == 3
    with lent.lend(UserName("user9")) as first, lent.lend(UserName("user9")) as second:
        assert first is not second
    with lent.lend(UserName("user9")) as third:
        assert third in (first, second)
    lent.close()
    assert not lent._idle
    with pytest.raises(sqlite3.ProgrammingError):
        third.execute("SELECT 1")


def test_open_transactions_do_not_outlive_a_loan(tmp_path: Path) -> None:
    lent = Connections(tmp_path, lambda connection, user: None)
    with lent.lend(USER) as connection:
        connection.execute("BEGIN IMMEDIATE")
    with lent.lend(USER) as connection:
        assert not connection.in_transaction
    lent.close()


def test_a_connection_is_given_up_after_a_disk_failure(tmp_path: Path) -> None:
    lent = Connections(tmp_path, lambda connection, user: None)
    error = sqlite3.OperationalError("x")
    error.sqlite_errorname = "SQLITE_IOERR_READ"
    with pytest.raises(sqlite3.OperationalError), lent.lend(USER):
        raise error
    assert not lent._idle
    lent.close()


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        ("SQLITE_BUSY", StoreBusy, "try again"),
        ("SQLITE_BUSY_SNAPSHOT", StoreBusy, "try again"),
        ("SQLITE_FULL", StoreUnavailable, "free some space"),
        ("SQLITE_READONLY_DBMOVED", StoreUnavailable, "writable"),
        ("SQLITE_CORRUPT", StoreUnavailable, "angarium check --repair"),
        (None, StoreUnavailable, "cannot be used"),
        (OSError(errno.ENOSPC, "No space left on device"), StoreUnavailable, "free some space"),
        (OSError("odd"), StoreUnavailable, "odd"),
    ],
)
def test_failures_say_what_to_do(error: str | OSError | None, kind: type, text: str) -> None:
    if not isinstance(error, OSError):
        failure = sqlite3.OperationalError("x")
        if error is not None:
            failure.sqlite_errorname = error
        found = translate(failure)
    else:
        found = translate(error)
    assert type(found) is kind
    assert text in str(found)
    assert "\n" not in str(found)


def test_leftovers_of_dead_processes_are_removed(tmp_path: Path) -> None:
    first = Staging(tmp_path)
    alive = first.add(b"x", None)
    dead = tmp_path / f"{2**22 + 1}-5-{'0' * 32}"
    reused = tmp_path / f"{os.getpid()}-5-{'0' * 32}"
    other = tmp_path / "README"
    for path in (dead, reused, other):
        path.write_bytes(b"x")
    Staging(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive, "README"])


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "1-2-zz", "1-2-" + "0" * 33])
def test_only_tokens_name_staged_files(tmp_path: Path, token: str) -> None:
    staging = Staging(tmp_path)
    with pytest.raises(StoreUnavailable):
        staging.add(b"x", token)
    with pytest.raises(StoreUnavailable):
        staging.discard(token)


def test_blobs(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    digest = bytes(range(32))
    draft = blobs.draft([b"one", b"two"])
    assert not blobs.exists(digest)
    blobs.put(digest, draft)
    blobs.put(digest, draft)
    blobs.discard(draft)
    assert blobs.read(digest, 2, 3) == b"etw"
    assert blobs.digests() == [digest]
    blobs.delete(digest)
    blobs.delete(digest)
    assert blobs.read(digest, 0, 9) == b""
    assert blobs.digests() == []


def test_equal_large_messages_share_a_blob_that_goes_with_the_last(tmp_path: Path) -> None:
    octets = mail(body="y" * 100_000)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(octets), NewMessage(octets)))).mailbox
        store.execute(CopyMessages(mailbox, uids(1), USER, "Sent"))
        folder = user_folder(tmp_path, USER) / "blobs"
        assert len(list(folder.glob("??/*"))) == 1
        assert not list(folder.glob("draft-*"))
        store.execute(SetFlags(mailbox, EVERY_UID, StoreMode.ADD, (rb"\Deleted",)))
        store.execute(ExpungeMessages(mailbox))
        store.catch_up(USER)
        sent = store.execute(OpenMailbox(USER, "Sent")).id
        assert store.execute(ReadContent(sent, 1, 0, 10**6)) == octets
        store.execute(SetFlags(sent, EVERY_UID, StoreMode.ADD, (rb"\Deleted",)))
        store.execute(ExpungeMessages(sent))
        store.catch_up(USER)
        assert not list(folder.glob("??/*"))


def test_expunged_octets_are_kept_as_long_as_asked(tmp_path: Path) -> None:
    now = 1000.0
    with closing(SqliteStore(tmp_path, upkeep=False, clock=lambda: now, expunged_kept_seconds=60)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(mail(), (rb"\Deleted",)),))).mailbox
        store.execute(ExpungeMessages(mailbox))
        rows = "SELECT count(*) FROM octets"
        store.catch_up(USER)
        assert store.read(USER, lambda mail: mail.connection.execute(rows).fetchone()[0]) == 1
        now = 1060.0
        store.catch_up(USER)
        assert store.read(USER, lambda mail: mail.connection.execute(rows).fetchone()[0]) == 0


def test_sessions_share_one_uid_map(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        store.execute(AppendMessages(USER, "INBOX", (NewMessage(mail()),) * 3))
        first = store.execute(OpenMailbox(USER, "INBOX"))
        store.execute(SetFlags(first.id, uids(1), StoreMode.ADD, (rb"\Seen",)))
        assert store.execute(OpenMailbox(USER, "INBOX")).uids is first.uids


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=12))
def test_a_newer_uid_map_is_what_the_table_says(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bool, int]]
) -> None:
    with closing(SqliteStore(tmp_path_factory.mktemp("mail"), upkeep=False)) as store:
        mailbox = store.execute(OpenMailbox(USER, "INBOX")).id
        for append, number in changes:
            if append:
                store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"x", (rb"\Deleted",)),) * (number % 5)))
            else:
                store.execute(ExpungeMessages(mailbox, NumberSet(((number, number + 3),))))
            if number % 3:
                rows = store.execute(FetchMessages(mailbox, EVERY_UID, Column.FLAGS)).rows
                assert list(store.execute(OpenMailbox(USER, "INBOX")).uids) == [row.uid for row in rows]


@pytest.mark.parametrize("user", ["ann", "Ann@Example.org", "..", ".hidden", "", "a/b", "x" * 500, "ü", "a\0b"])
def test_user_names_are_safe_file_names(tmp_path: Path, user: str) -> None:
    name = encode_name(user)
    assert "/" not in name
    assert not name.startswith(".")
    assert 0 < len(name.encode()) <= 255
    assert user_folder(tmp_path, user).is_relative_to(tmp_path / "users")


def test_different_users_have_different_folders(tmp_path: Path) -> None:
    names = ["a", "A", "%41", "x" * 300, "x" * 301, ".a", "%2Ea", "a b", "a+b", ""]
    assert len({user_folder(tmp_path, name) for name in names}) == len(names)
    with closing(SqliteStore(tmp_path)) as store:
        for name in ("ann", "b@c", "ü"):
            store.execute(ListMailboxes(UserName(name)))
    assert users_with_mail(tmp_path) == ["ann", "b@c", "ü"]


def test_names() -> None:
    assert [canonical_name(name) for name in ("inbox", "iNbOx/a", "inboxes", "a/inbox")] == [
        "INBOX",
        "INBOX/a",
        "inboxes",
        "a/inbox",
    ]
    for name in ("a\u2028b", "/".join("x" * 65), "\ud800"):
        with pytest.raises(InvalidMailboxName):
            check_name(name, Limits())


@pytest.mark.parametrize(
    ("moment", "rendered", "day"),
    [
        (datetime(2024, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), b'" 3-Feb-2024 04:05:06 -0330"', 3),
        (
            datetime(2024, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            b'"31-Dec-2024 23:59:59 +0545"',
            31,
        ),
        (datetime(2024, 1, 1), b'" 1-Jan-2024 00:00:00 +0000"', 1),
    ],
)
def test_internal_dates(moment: datetime, rendered: bytes, day: int) -> None:
    found, utc, ordinal = date_columns(moment)
    assert found == rendered
    assert datetime.fromordinal(ordinal).day == day
    assert utc == int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())  # noqa: UP017


def test_limits(tmp_path: Path) -> None:
    limits = Limits(message_octets_max=200, mailboxes_max=8, keywords_max=3)
    with closing(SqliteStore(tmp_path, upkeep=False, limits=limits)) as store:
        token = store.execute(StageOctets(b"x" * 201))
        for content in (b"x" * 201, StagedLiteral(token, 201)):
            with pytest.raises(TooLarge):
                store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"small"), NewMessage(content))))
        grown = NewMessage(b"A: b\r\n\r\n" + b"\0" * 140, binary=True)
        with pytest.raises(TooLarge):
            store.execute(AppendMessages(USER, "INBOX", (grown,)))
        store.execute(CreateMailbox(USER, "a/b"))
        with pytest.raises(LimitReached):
            store.execute(CreateMailbox(USER, "c"))
        for number in range(8):
            store.execute(SetSubscription(USER, f"s{number}", True))
        with pytest.raises(LimitReached):
            store.execute(SetSubscription(USER, "s8", True))
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"x", (b"$1", b"$2", b"$3")),))).mailbox
        with pytest.raises(LimitReached):
            store.execute(SetFlags(mailbox, EVERY_UID, StoreMode.ADD, (b"$4",)))
        opened = store.execute(OpenMailbox(USER, "INBOX"))
        assert (opened.keywords, opened.keywords_full) == ((b"$1", b"$2", b"$3"), True)
        store.execute(SetFlags(mailbox, EVERY_UID, StoreMode.REPLACE, (b"$4",)))
        opened = store.execute(OpenMailbox(USER, "INBOX"))
        assert (opened.keywords, opened.keywords_full) == ((b"$4",), False)


def test_what_was_staged_for_a_copy_to_another_user_that_fails_is_discarded(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"x" * 100_000),)))
        mailbox = store.execute(OpenMailbox(USER, "INBOX")).id
        with pytest.raises(MailboxNotFound):
            store.execute(CopyMessages(mailbox, EVERY_UID, UserName("bob"), "none"))
        assert list((tmp_path / "staging").iterdir()) == []


def test_a_claim_on_a_mailbox_that_is_gone(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store, pytest.raises(MailboxNotFound):
        store.write(USER, lambda mail: claim_recent(mail, 99, 1))


def test_recent_is_claimed_once_by_threads(tmp_path: Path) -> None:
    claims: list[int] = []
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"x"),) * 4))
        threads = [
            threading.Thread(target=lambda: claims.append(store.execute(OpenMailbox(USER, "INBOX", True)).recent_from))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(claims) == [1] + [5] * 7


def test_unwritable_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path / "file" / "data")
