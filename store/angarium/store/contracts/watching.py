# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of change stamps, changes and recent messages (RFC 7162 §3.2, RFC 3501 §2.3.2)."""

import pytest

from angarium.engine.operations import (
    CopyMessages,
    CreateMailbox,
    DeleteMailbox,
    ExpungeMessages,
    FetchStatus,
    MailboxNotFound,
    OpenMailbox,
    ReadChanges,
)
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store


class WatchingContract(Harness):
    """OpenMailbox and ReadChanges."""

    def test_open_of_nothing(self, store: Store) -> None:
        with pytest.raises(MailboxNotFound):
            self.ask(store, OpenMailbox(ALICE, "none"))

    def test_an_empty_mailbox(self, store: Store) -> None:
        opened = self.open(store)
        assert (opened.name, list(opened.uids), opened.uidnext) == ("INBOX", [], 1)
        assert opened.uidvalidity > 0
        assert opened.highest_modseq > 0
        assert (opened.keywords, opened.first_unseen) == ((), None)

    def test_no_change_is_none(self, store: Store) -> None:
        self.append(store, mail())
        opened = self.open(store)
        assert self.changes(store, opened.id, opened.highest_modseq) is None
        assert self.changes(store, opened.id, opened.highest_modseq, stamp=opened.stamp) is None

    def test_everything_that_changes_is_told(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"), mail("3"))
        opened = self.open(store)
        self.add_flags(store, opened.id, uids(1), rb"\Seen")
        self.add_flags(store, opened.id, uids(2), rb"\Deleted")
        self.ask(store, ExpungeMessages(opened.id))
        self.append(store, mail("4"))
        changes = self.changes(store, opened.id, opened.highest_modseq, stamp=opened.stamp)
        assert changes is not None
        assert list(changes.uids) == [1, 3, 4]
        assert [(row.uid, row.flags) for row in changes.flags] == [(1, (rb"\Seen",)), (4, ())]
        assert changes.vanished == uids(2)
        assert changes.highest_modseq == self.open(store).highest_modseq
        assert changes.highest_modseq >= max(row.modseq for row in changes.flags)
        assert self.changes(store, opened.id, changes.highest_modseq, stamp=changes.stamp) is None

    def test_changes_from_the_beginning(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"))
        self.add_flags(store, self.open(store).id, uids(1), rb"\Deleted")
        self.ask(store, ExpungeMessages(self.open(store).id))
        changes = self.changes(store, self.open(store).id, 1)
        assert changes is not None
        assert [row.uid for row in changes.flags] == [2]
        assert changes.vanished == uids(1)

    def test_equal_stamps_hide_nothing(self, store: Store) -> None:
        """Every kind of change gives the mailbox another stamp."""
        self.ask(store, CreateMailbox(ALICE, "Work"))
        self.append(store, mail("0"), name="Work")
        mailbox = self.open(store, "Work").id
        inbox = self.open(store).id
        steps = (
            lambda: self.append(store, mail("1"), mail("2")),
            lambda: self.add_flags(store, inbox, uids(1), rb"\Deleted"),
            lambda: self.ask(store, ExpungeMessages(inbox)),
            lambda: self.ask(store, CopyMessages(mailbox, EVERY_UID, ALICE, "INBOX")),
            lambda: self.ask(store, CopyMessages(inbox, uids(2), ALICE, "Work", move=True)),
        )
        for step in steps:
            before = self.open(store)
            step()
            after = self.open(store)
            assert after.stamp != before.stamp
            changes = self.changes(store, inbox, before.highest_modseq, stamp=before.stamp)
            assert changes is not None
            assert changes.uids == after.uids

    def test_quick_answers_are_none(self, store: Store) -> None:
        opened = self.open(store)
        look = ReadChanges(opened.id, opened.highest_modseq, opened.stamp)
        if store.is_quick(look):
            assert self.ask(store, look) is None
        self.append(store, mail())
        assert self.ask(store, look) is not None

    def test_changes_of_a_mailbox_that_is_gone(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        opened = self.open(store, "Work")
        self.ask(store, DeleteMailbox(ALICE, "Work"))
        with pytest.raises(MailboxNotFound):
            self.ask(store, ReadChanges(opened.id, opened.highest_modseq, opened.stamp))

    def test_recent_is_claimed_by_one(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"))
        assert self.open(store).recent_from == 1
        assert self.recent(store) == 2
        assert self.open(store, claim_recent=True).recent_from == 1
        assert self.recent(store) == 0
        opened = self.open(store, claim_recent=True)
        assert opened.recent_from >= opened.uidnext
        self.append(store, mail("3"))
        changes = self.changes(store, opened.id, opened.highest_modseq, claim_recent=True)
        assert changes is not None
        assert changes.recent_from == 3
        assert self.recent(store) == 0
        assert self.open(store).recent_from >= 4

    def recent(self, store: Store) -> int:
        """Ask STATUS how many messages are recent."""
        (status,) = self.ask(store, FetchStatus(ALICE, ("INBOX",), frozenset({StatusItem.RECENT})))
        count: int = status.values[StatusItem.RECENT]
        return count

    def test_a_uid_map_never_changes(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"))
        opened = self.open(store)
        self.append(store, mail("3"))
        self.add_flags(store, opened.id, uids(1), rb"\Deleted")
        self.ask(store, ExpungeMessages(opened.id))
        assert list(opened.uids) == [1, 2]
        assert list(self.open(store).uids) == [2, 3]

    def test_vanished_is_a_set_of_ranges(self, store: Store) -> None:
        self.append(store, *(mail(str(number)) for number in range(9)))
        opened = self.open(store)
        self.add_flags(store, opened.id, NumberSet(((2, 4), (6, 6))), rb"\Deleted")
        self.ask(store, ExpungeMessages(opened.id))
        changes = self.changes(store, opened.id, opened.highest_modseq)
        assert changes is not None
        assert changes.vanished.ranges == ((2, 4), (6, 6))
