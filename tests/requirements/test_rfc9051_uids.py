"""RFC 9051 §2.3.1: what a UID, UIDNEXT, UIDVALIDITY and a message sequence number promise, over the model and over SQLite."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue

ITEMS = "(INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1])"


@pytest.fixture(params=["model", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModelStore | SqliteStore]:
    if request.param == "model":
        yield ModelStore({"tim": "secret"})
        return
    store = SqliteStore(tmp_path, upkeep=False)
    store.accounts.add("tim", "secret")
    yield store
    store.close()


def letter(subject: str) -> bytes:
    return f"Subject: {subject}\r\nFrom: ann@example.org\r\n\r\nbody of {subject}\r\n".encode()


def uids(connection: Dialogue) -> dict[int, int]:
    """The UID of each message number."""
    lines = connection.command("u FETCH 1:* UID")
    return {int(found[1]): int(found[2]) for line in lines if (found := re.match(rb"\* (\d+) FETCH \(UID (\d+)\)", line))}


def status(connection: Dialogue, item: str, mailbox: str = "INBOX") -> int:
    """One value of STATUS."""
    found = re.search(rb"\(%b (\d+)\)" % item.encode(), connection.command(f"s STATUS {mailbox} ({item})")[0])
    assert found
    return int(found[1])


def test_uids_ascend_with_the_message_numbers(inbox: Dialogue) -> None:
    inbox.command(r"a STORE 2 +FLAGS.SILENT (\Deleted)")
    inbox.command("b EXPUNGE")
    inbox.append(letter("new"))
    inbox.command("c COPY 1 INBOX")
    numbered = uids(inbox)
    assert list(numbered) == [1, 2, 3, 4]
    assert list(numbered.values()) == sorted(set(numbered.values())) == [1, 3, 4, 5]


def test_uids_are_never_given_again(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    given = set(uids(inbox).values())
    for round in range(3):
        inbox.command(r"a STORE 1:* +FLAGS.SILENT (\Deleted)")
        inbox.command("b EXPUNGE")
        inbox = log_in()
        inbox.append(letter(f"round {round}"))
        inbox.command("c SELECT INBOX")
        fresh = set(uids(inbox).values())
        assert len(fresh) == 1
        assert min(fresh) > max(given)
        given |= fresh


def test_uids_stay_between_sessions(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command(r"a STORE 1 +FLAGS.SILENT (\Deleted)")
    inbox.command("b EXPUNGE")
    before, validity = uids(inbox), status(inbox, "UIDVALIDITY")
    inbox.command("c LOGOUT")
    later = log_in()
    later.command("a SELECT INBOX")
    assert uids(later) == before == {1: 2, 2: 3}
    assert status(later, "UIDVALIDITY") == validity


def test_uidnext_moves_with_new_messages_only(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    before = status(other, "UIDNEXT")
    for line in (r"STORE 1 +FLAGS (\Deleted Work)", "EXPUNGE", "COPY 1 Sent", "MOVE 1 Sent", "CREATE INBOX/below", "NOOP"):
        assert inbox.command(f"a {line}")[-1].startswith(b"a OK")
        assert status(other, "UIDNEXT") == before
    inbox.append(letter("short-lived"))
    inbox.command(r"b STORE 2 +FLAGS.SILENT (\Deleted)")
    assert inbox.command("c EXPUNGE")[0] == b"* 2 EXPUNGE"
    assert status(other, "UIDNEXT") > before
    assert status(log_in(), "UIDNEXT") == status(other, "UIDNEXT")


def test_a_mailbox_made_anew_has_a_greater_uidvalidity(tim: Dialogue) -> None:
    seen = []
    for away in ("DELETE box", "RENAME box elsewhere", "DELETE box", "DELETE box"):
        tim.command("a CREATE box")
        tim.append(letter("same"), mailbox="box")
        seen.append(status(tim, "UIDVALIDITY", "box"))
        assert tim.command(f"b {away}")[-1].startswith(b"b OK")
    assert seen == sorted(set(seen))


def test_the_contents_of_a_message_never_change(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    def contents(connection: Dialogue, uid: int) -> bytes:
        (line, _) = connection.command(f"f UID FETCH {uid} {ITEMS}")
        return re.sub(rb"^\* \d+", b"*", line)

    before = contents(inbox, 2)
    other = log_in()
    other.command("a SELECT INBOX")
    for line in (r"STORE 1 +FLAGS (\Deleted)", r"STORE 2 FLAGS (\Seen Work)", "EXPUNGE", "COPY 1 INBOX", "RENAME Sent Old"):
        assert other.command(f"b {line}")[-1].startswith(b"b OK")
        assert contents(other, 2) == before
    inbox.command("c NOOP")
    assert contents(inbox, 2) == before
    assert contents(log_in_and_select(log_in), 2) == before


def log_in_and_select(log_in: Callable[[], Dialogue]) -> Dialogue:
    """A session that begins now."""
    connection = log_in()
    connection.command("a SELECT INBOX")
    return connection
