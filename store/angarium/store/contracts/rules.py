# ruff: noqa: D102 - the names of the tests say what they mean
"""The three rules of every store: durable, whole, counted (``angarium.engine.operations``)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from angarium.engine.operations import (
    AppendMessages,
    Column,
    CopyMessages,
    CreateMailbox,
    ExpungeMessages,
    FetchStatus,
    MailboxExists,
    NewMessage,
    OpenMailbox,
    StoreError,
)
from angarium.grammar.imap.commands import StagedLiteral, StatusItem
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store


class RulesContract(Harness):
    """What holds whatever the operation."""

    def test_durable(self, store: Store, tmp_path: Path) -> None:
        self.append(store, NewMessage(mail("1"), (b"$Work",)), mail("2", "x" * 100_000))
        self.ask(store, CreateMailbox(ALICE, "Work"))
        opened = self.open(store)
        self.ask(store, CopyMessages(opened.id, uids(1), ALICE, "Work", move=True))
        opened = self.open(store)
        rows = self.rows(store, opened.id, Column.FLAGS | Column.CONTENT | Column.INTERNALDATE)
        again = self.reopen_store(store, tmp_path)
        found = again.execute(OpenMailbox(ALICE, "INBOX"))
        assert (found.id, found.uids, found.uidnext, found.uidvalidity, found.highest_modseq) == (
            opened.id,
            opened.uids,
            opened.uidnext,
            opened.uidvalidity,
            opened.highest_modseq,
        )
        assert self.rows(again, found.id, Column.FLAGS | Column.CONTENT | Column.INTERNALDATE) == rows
        assert len(again.execute(OpenMailbox(ALICE, "Work")).uids) == 1
        self.discard_store(again)

    def test_whole(self, store: Store) -> None:
        """A bad message among good ones: none of them is stored, and no UID or mod-sequence is lost to sight."""
        before = self.open(store)
        bad = NewMessage(StagedLiteral("no such token", 5))
        with pytest.raises((StoreError, KeyError)):
            self.ask(store, AppendMessages(ALICE, "INBOX", (NewMessage(mail()), bad)))
        after = self.open(store)
        assert (after.uids, after.uidnext, after.highest_modseq) == (before.uids, before.uidnext, before.highest_modseq)

    def test_whole_create(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "a"))
        with pytest.raises(MailboxExists):
            self.ask(store, CreateMailbox(ALICE, "a"))
        assert self.ask(store, FetchStatus(ALICE, ("a/b",), frozenset({StatusItem.MESSAGES}))) == (None,)

    def test_counted(self, store: Store) -> None:
        """Mod-sequences grow with every change, and no message has one above its mailbox's."""
        seen = [self.open(store).highest_modseq]
        mailbox = self.open(store).id
        for step in (
            lambda: self.append(store, mail("1"), mail("2")),
            lambda: self.append(store, mail("3")),
            lambda: self.add_flags(store, mailbox, uids(1, 3), rb"\Seen"),
            lambda: self.add_flags(store, mailbox, uids(2), rb"\Deleted"),
            lambda: self.ask(store, ExpungeMessages(mailbox)),
        ):
            step()
            seen.append(self.open(store).highest_modseq)
            assert all(row.modseq <= seen[-1] for row in self.rows(store, mailbox))
        assert seen == sorted(set(seen))

    def test_many_threads(self, store: Store) -> None:
        """Threads that append, set flags and read at once: every UID is given once and the counts are right."""
        mailbox = self.open(store).id

        def work(thread: int) -> list[int]:
            found = []
            for number in range(5):
                uid = self.append(store, mail(f"{thread}.{number}")).uids[0]
                self.add_flags(store, mailbox, uids(uid), rb"\Seen" if number % 2 else b"$Even")
                self.rows(store, mailbox, Column.FLAGS | Column.ENVELOPE)
                found.append(uid)
            return found

        with ThreadPoolExecutor(6) as pool:
            given = [uid for found in pool.map(work, range(6)) for uid in found]
        assert sorted(given) == list(range(1, 31)) == list(self.open(store).uids)
        (status,) = self.ask(store, FetchStatus(ALICE, ("INBOX",), frozenset({StatusItem.MESSAGES, StatusItem.UNSEEN})))
        assert status.values[StatusItem.MESSAGES] == 30
        assert status.values[StatusItem.UNSEEN] == 18
        assert {row.uid for row in self.rows(store, mailbox) if b"$Even" in row.flags} == {
            row.uid for row in self.rows(store, mailbox) if rb"\Seen" not in row.flags
        }
        assert self.ask(store, CopyMessages(mailbox, NumberSet(((1, 30),)), ALICE, "INBOX")).pairs[-1] == (30, 60)
        assert len(self.rows(store, mailbox)) == len(EVERY_UID.intersection(NumberSet(((1, 60),))))
