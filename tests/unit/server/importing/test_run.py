"""Importing into a store: nothing twice, nothing lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from angarium.engine.operations import (
    AppendMessages,
    Column,
    FetchMessages,
    ListMailboxes,
    OpenMailbox,
    Operation,
    OverQuota,
    StoreUnavailable,
    TooLarge,
    UserName,
)
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.server.importing import run
from angarium.server.importing.run import Report, import_source
from angarium.server.importing.source import Probe, Source, SourceMessage
from angarium.spec.model_store import ModelStore

ANN = UserName("ann")
DATE = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def store() -> ModelStore:
    return ModelStore({"ann": "secret"})


def message(number: int, mailbox: str = "INBOX", **rest: Any) -> SourceMessage:
    return SourceMessage(mailbox, f"message {number}", lambda: b"Subject: %d\r\n\r\n" % number, **rest)


def source(*messages: SourceMessage, mailboxes: tuple[str, ...] = ()) -> Source:
    return Source("test", lambda: iter(messages), len(messages), mailboxes)


def carry(store: Any, *messages: SourceMessage) -> tuple[int, int, list[str]]:
    report = import_source(store, ANN, source(*messages), lambda report: None)
    return report.added, report.present, [problem.origin for problem in report.problems]


def contents(store: ModelStore, mailbox: str = "INBOX") -> list[bytes]:
    opened = store.execute(OpenMailbox(ANN, mailbox))
    page = store.execute(FetchMessages(opened.id, NumberSet(((1, 2**32 - 1),)), Column.CONTENT, rows_max=10_000))
    return [row.content for row in page.rows]


def test_messages_keep_flags_and_dates(store: ModelStore) -> None:
    assert carry(store, message(1, flags=(b"\\Seen", b"\\Recent", b"work"), internal_date=DATE)) == (1, 0, [])
    opened = store.execute(OpenMailbox(ANN, "INBOX"))
    (row,) = store.execute(FetchMessages(opened.id, NumberSet(((1, 9),)), Column.FLAGS | Column.INTERNALDATE)).rows
    assert (row.flags, row.internal_date) == ((b"\\Seen", b"work"), b'" 3-Feb-2001 04:05:06 +0000"')


def test_mailboxes_are_made_and_subscribed_to(store: ModelStore) -> None:
    import_source(store, ANN, source(message(1, "Work/2020"), mailboxes=("Empty",)), lambda report: None)
    entries = {entry.name: entry.subscribed for entry in store.execute(ListMailboxes(ANN))}
    assert (entries["Empty"], entries["Work/2020"]) == (True, True)
    assert contents(store, "Work/2020") == [b"Subject: 1\r\n\r\n"]


def test_second_run_adds_nothing(store: ModelStore) -> None:
    messages = [message(number, mailbox) for mailbox in ("INBOX", "Work") for number in range(5)]
    assert carry(store, *messages) == (10, 0, [])
    assert carry(store, *messages) == (0, 10, [])
    assert carry(store, *messages, message(5)) == (1, 10, [])


def test_copies_are_counted(store: ModelStore) -> None:
    assert carry(store, message(1)) == (1, 0, [])
    assert carry(store, message(1), message(1), message(1)) == (2, 1, [])
    assert carry(store, message(1), message(1), message(1)) == (0, 3, [])


def probed(number: int, header: bytes, read: list[int]) -> SourceMessage:
    octets = header + b"body %d\r\n" % number

    def fetch() -> bytes:
        read.append(number)
        return octets

    return SourceMessage("INBOX", f"UID {number}", fetch, probe=lambda: Probe(len(octets), header))


def test_header_tells_where_reading_is_dear(store: ModelStore) -> None:
    read: list[int] = []
    named = b"Message-ID: <1@example.org>\r\n\r\n"
    messages = [probed(1, named, read), probed(2, b"Subject: x\r\n\r\n", read), probed(3, b"Subject: x\r\n\r\n", read)]
    assert carry(store, *messages) == (3, 0, [])
    read.clear()
    assert carry(store, *messages) == (0, 3, [])
    # Those without a Message-ID could be different messages: their octets are compared.
    assert read == [2, 3]


class Refusing:
    """A store in front of another, that refuses some appends."""

    def __init__(self, store: ModelStore, refuse: Callable[[bytes], Exception | None]) -> None:
        self.store, self.refuse, self.appends = store, refuse, 0

    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, AppendMessages):
            self.appends += 1
            for new in operation.messages:
                assert isinstance(new.content, bytes)
                if error := self.refuse(new.content):
                    raise error
        return self.store.execute(operation)

    def is_quick(self, operation: Operation) -> bool:
        return self.store.is_quick(operation)


def test_one_bad_message_keeps_out_only_itself(store: ModelStore) -> None:
    refusing = Refusing(store, lambda octets: TooLarge("too large") if b": 3" in octets else None)
    assert carry(refusing, *map(message, range(6))) == (5, 0, ["message 3"])
    assert len(contents(store)) == 5


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), OverQuota("no room")])
def test_a_full_store_ends_the_import(store: ModelStore, error: Exception) -> None:
    refusing = Refusing(store, lambda octets: error)
    with pytest.raises(type(error)):
        carry(refusing, *map(message, range(6)))
    assert refusing.appends == 1


def test_stopped_import_goes_on(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH_MESSAGES_MAX", 2)
    messages = [message(number) for number in range(7)]

    def stop(report: Report) -> None:
        if report.added >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_source(store, ANN, source(*messages), stop)
    assert carry(store, *messages) == (3, 4, [])
    assert contents(store) == [b"Subject: %d\r\n\r\n" % number for number in range(7)]


def test_batches_are_bounded(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH_OCTETS_MAX", 40)
    refusing = Refusing(store, lambda octets: None)
    assert carry(refusing, *map(message, range(6)), *(message(number, "Work") for number in range(2))) == (8, 0, [])
    assert refusing.appends == 4


def test_unreadable_message(store: ModelStore) -> None:
    def vanished() -> bytes:
        raise FileNotFoundError(2, "No such file", "x")

    assert carry(store, message(1), SourceMessage("INBOX", "x", vanished), message(2)) == (2, 0, ["x"])


def test_impossible_mailbox(store: ModelStore) -> None:
    assert carry(store, message(1, "a//b"), message(2)) == (1, 0, ["message 1"])
    report = import_source(store, ANN, source(mailboxes=("a//b",)), lambda report: None)
    assert [problem.origin for problem in report.problems] == ["a//b"]


def test_progress_is_told(store: ModelStore) -> None:
    seen: list[int] = []
    import_source(store, ANN, source(*map(message, range(3))), lambda report: seen.append(report.seen))
    assert seen[-1] == 3


def test_lazy_sources_are_read_once(store: ModelStore) -> None:
    read: list[int] = []

    def messages() -> Iterator[SourceMessage]:
        for number in range(3):
            read.append(number)
            yield message(number)

    import_source(store, ANN, Source("test", messages), lambda report: None)
    assert read == [0, 1, 2]
