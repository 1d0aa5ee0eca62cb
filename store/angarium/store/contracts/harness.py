"""What the parts of the contract suite share: a store, two users, some mail, and short ways to ask."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest

from angarium.engine.operations import (
    Appended,
    AppendMessages,
    Changes,
    Column,
    FetchMessages,
    FlagsSet,
    MailboxId,
    MessageRow,
    NewMessage,
    OpenedMailbox,
    OpenMailbox,
    Operation,
    PermissionDenied,
    ReadChanges,
    SetFlags,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.store import Store

ALICE: Final = UserName("alice")
BOB: Final = UserName("bob")
PASSWORDS: Final = {"alice": "open sesame", "bob": "shibboleth"}
EVERY_UID: Final = NumberSet(((1, 2**32 - 1),))


def mail(subject: str = "Tea", body: str = "At five.\r\n", extra: str = "") -> bytes:
    """Write a small message."""
    return (
        f"From: Carol <carol@example.org>\r\nTo: alice@example.org\r\nSubject: {subject}\r\n"
        f"Date: Fri, 5 Jan 2024 23:30:00 -0500\r\nMessage-ID: <{subject.encode().hex()}@example.org>\r\n{extra}\r\n{body}"
    ).encode()


class Harness:
    """Short ways to ask the store under test; see ``angarium.store.contract`` for what an embedder has to give."""

    unsupported: ClassVar[frozenset[type]] = frozenset()

    def make_store(self, folder: Path) -> Store:
        """Make an empty store with users ``alice`` and ``bob`` and their ``PASSWORDS``; ``folder`` is an empty folder."""
        raise NotImplementedError

    def discard_store(self, store: Store) -> None:
        """Let go of a store after a test; does nothing unless overridden."""

    def reopen_store(self, store: Store, folder: Path) -> Store:
        """Open the same data again as after a crash of the process; a store that cannot is skipped."""
        pytest.skip("the store says that it cannot be opened again")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """Give a test a store of its own."""
        store = self.make_store(tmp_path)
        yield store
        self.discard_store(store)

    def ask(self, store: Store, operation: Operation) -> Any:
        """Carry out an operation; one that the store does not support has to be refused, and ends the test."""
        if type(operation) in self.unsupported:
            with pytest.raises(PermissionDenied):
                store.execute(operation)
            pytest.skip(f"the store does not support {type(operation).__name__}")
        return store.execute(operation)

    def append(self, store: Store, *messages: bytes | NewMessage, name: str = "INBOX", user: UserName = ALICE) -> Appended:
        """Append messages to a mailbox."""
        new = tuple(message if isinstance(message, NewMessage) else NewMessage(message) for message in messages)
        result: Appended = self.ask(store, AppendMessages(user, name, new))
        return result

    def open(self, store: Store, name: str = "INBOX", claim_recent: bool = False) -> OpenedMailbox:
        """Look at a mailbox of alice."""
        result: OpenedMailbox = self.ask(store, OpenMailbox(ALICE, name, claim_recent))
        return result

    def rows(self, store: Store, mailbox: MailboxId, columns: Column = Column.FLAGS) -> list[MessageRow]:
        """Read all messages of a mailbox, page by page."""
        rows: list[MessageRow] = []
        next_uid: int | None = 1
        while next_uid is not None:
            page = self.ask(store, FetchMessages(mailbox, NumberSet(((next_uid, 2**32 - 1),)), columns))
            rows += page.rows
            next_uid = page.next_uid
        return rows

    def flags(self, store: Store, mailbox: MailboxId) -> dict[int, set[bytes]]:
        """Read the flags of all messages."""
        return {row.uid: set(row.flags) for row in self.rows(store, mailbox)}

    def add_flags(self, store: Store, mailbox: MailboxId, uids: NumberSet, *flags: bytes) -> FlagsSet:
        """Add flags to messages."""
        result: FlagsSet = self.ask(store, SetFlags(mailbox, uids, StoreMode.ADD, flags))
        return result

    def changes(self, store: Store, mailbox: MailboxId, since: int, **more: Any) -> Changes | None:
        """Read what has changed; changes that say nothing are as good as None."""
        result: Changes | None = self.ask(store, ReadChanges(mailbox, since, **more))
        return None if result is not None and result.highest_modseq <= since else result


def uids(*numbers: int) -> NumberSet:
    """Make a set of UIDs."""
    return NumberSet.from_numbers(numbers)
