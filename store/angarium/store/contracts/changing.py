# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of flags, copies, moves and expunges (RFC 9051 §6.4; RFC 7162 §3.1)."""

import pytest
from attrs import evolve

from angarium.engine.operations import (
    Column,
    CopyMessages,
    CreateMailbox,
    ExpungeMessages,
    MailboxId,
    MailboxNotFound,
    NewMessage,
    OpenedMailbox,
    ReadContent,
    SetFlags,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

NOWHERE = MailboxId(ALICE, 999_999)


class ChangingContract(Harness):
    """SetFlags, CopyMessages, ExpungeMessages."""

    def three(self, store: Store) -> OpenedMailbox:
        r"""Append three messages: no flags, \Seen and $Work, \Deleted."""
        self.append(
            store, NewMessage(mail("1")), NewMessage(mail("2"), (rb"\Seen", b"$Work")), NewMessage(mail("3"), (rb"\Deleted",))
        )
        return self.open(store)

    def set(self, store: Store, opened: OpenedMailbox, mode: StoreMode, *flags: bytes) -> dict[int, set[bytes]]:
        """Change the flags of all three and check that the rows answered are what is then stored."""
        result = self.ask(store, SetFlags(opened.id, EVERY_UID, mode, flags))
        assert {row.uid: set(row.flags) for row in result.rows} == self.flags(store, opened.id)
        return self.flags(store, opened.id)

    def test_add(self, store: Store) -> None:
        assert self.set(store, self.three(store), StoreMode.ADD, rb"\Seen", b"$Late") == {
            1: {rb"\Seen", b"$Late"},
            2: {rb"\Seen", b"$Work", b"$Late"},
            3: {rb"\Seen", rb"\Deleted", b"$Late"},
        }

    def test_remove(self, store: Store) -> None:
        assert self.set(store, self.three(store), StoreMode.REMOVE, rb"\Deleted", b"$Work", b"$None") == {
            1: set(),
            2: {rb"\Seen"},
            3: set(),
        }

    def test_replace(self, store: Store) -> None:
        assert self.set(store, self.three(store), StoreMode.REPLACE, rb"\Draft") == {uid: {rb"\Draft"} for uid in (1, 2, 3)}
        assert self.set(store, self.open(store), StoreMode.REPLACE) == {uid: set() for uid in (1, 2, 3)}

    def test_flags_are_compared_without_regard_to_case(self, store: Store) -> None:
        opened = self.three(store)
        after = self.set(store, opened, StoreMode.ADD, rb"\sEEN", b"$wORK")
        assert after[2] == {rb"\Seen", b"$Work"}
        assert after[1] == {rb"\Seen", b"$Work"}
        assert self.set(store, opened, StoreMode.REMOVE, b"$WORK", rb"\SEEN")[2] == set()

    def test_system_flags_come_first(self, store: Store) -> None:
        opened = self.three(store)
        (row,) = self.add_flags(store, opened.id, uids(2), b"$A", rb"\Answered", rb"\Draft").rows
        kinds = [flag.startswith(b"\\") for flag in row.flags]
        assert kinds == sorted(kinds, reverse=True)

    def test_a_change_takes_the_next_mod_sequence(self, store: Store) -> None:
        opened = self.three(store)
        result = self.add_flags(store, opened.id, uids(1, 2, 7), rb"\Seen")
        modseqs = {row.uid: row.modseq for row in result.rows}
        assert modseqs[1] > opened.highest_modseq
        assert modseqs[2] <= opened.highest_modseq
        assert set(modseqs) == {1, 2}
        assert {row.uid: row.modseq for row in self.rows(store, opened.id)} == {3: opened.highest_modseq, **modseqs}
        assert self.open(store).highest_modseq == modseqs[1]

    def test_no_change_takes_none(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, uids(2), rb"\Seen", b"$work")
        self.ask(store, SetFlags(opened.id, EVERY_UID, StoreMode.REMOVE, (b"$None",)))
        assert self.open(store).highest_modseq == opened.highest_modseq

    def test_unchanged_since_spares_what_has_changed(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, uids(2), rb"\Flagged")
        result = self.ask(
            store,
            SetFlags(opened.id, EVERY_UID, StoreMode.ADD, (rb"\Answered",), unchanged_since=opened.highest_modseq),
        )
        assert [row.uid for row in result.rows] == [1, 3]
        assert result.modified == uids(2)
        assert rb"\Answered" not in self.flags(store, opened.id)[2]
        nothing = self.ask(store, SetFlags(opened.id, EVERY_UID, StoreMode.ADD, (b"$X",), unchanged_since=0))
        assert (nothing.rows, nothing.modified) == ((), NumberSet(((1, 3),)))

    def test_which_flags_were_not_known(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, uids(2), rb"\Flagged")
        operation = SetFlags(opened.id, EVERY_UID, StoreMode.ADD, (rb"\Flagged",), known_modseq=opened.highest_modseq)
        assert self.ask(store, operation).unknown == uids(2)
        assert self.ask(store, evolve(operation, known_modseq=None)).unknown == uids()

    def test_keywords_and_first_unseen_of_an_opened_mailbox(self, store: Store) -> None:
        opened = self.three(store)
        assert opened.keywords == (b"$Work",)
        assert opened.first_unseen == 1
        self.add_flags(store, opened.id, uids(1), rb"\Seen", b"$New")
        opened = self.open(store)
        assert set(opened.keywords) == {b"$Work", b"$New"}
        assert opened.first_unseen == 3
        self.set(store, opened, StoreMode.REPLACE, rb"\Seen")
        opened = self.open(store)
        assert (opened.keywords, opened.first_unseen) == ((), None)

    def test_set_flags_of_a_mailbox_that_is_gone(self, store: Store) -> None:
        with pytest.raises(MailboxNotFound):
            self.ask(store, SetFlags(NOWHERE, EVERY_UID, StoreMode.ADD, (rb"\Seen",)))

    def test_copy_keeps_everything_but_the_uid(self, store: Store) -> None:
        opened = self.three(store)
        target = self.ask(store, CreateMailbox(ALICE, "Work")).id
        self.append(store, mail("0"), name="Work")
        copied = self.ask(store, CopyMessages(opened.id, uids(1, 3, 9), ALICE, "Work"))
        assert copied.pairs == ((1, 2), (3, 3))
        after = self.open(store, "Work")
        assert (copied.target, copied.uidvalidity) == (target, after.uidvalidity)
        assert list(after.uids) == [1, 2, 3]
        columns = Column.FLAGS | Column.INTERNALDATE | Column.CONTENT
        source = {row.uid: row for row in self.rows(store, opened.id, columns)}
        copies = {row.uid: row for row in self.rows(store, target, columns)}
        for old, new in copied.pairs:
            assert (source[old].flags, source[old].internal_date, source[old].content) == (
                copies[new].flags,
                copies[new].internal_date,
                copies[new].content,
            )
            assert copies[new].modseq == after.highest_modseq
        assert self.open(store).highest_modseq == opened.highest_modseq == copied.highest_modseq

    def test_copy_into_the_same_mailbox(self, store: Store) -> None:
        opened = self.three(store)
        copied = self.ask(store, CopyMessages(opened.id, uids(1, 2), ALICE, "INBOX"))
        assert copied.pairs == ((1, 4), (2, 5))
        after = self.open(store)
        assert list(after.uids) == [1, 2, 3, 4, 5]
        assert copied.highest_modseq == after.highest_modseq > opened.highest_modseq

    def test_copy_of_nothing(self, store: Store) -> None:
        opened = self.three(store)
        self.ask(store, CreateMailbox(ALICE, "Work"))
        copied = self.ask(store, CopyMessages(opened.id, uids(8, 9), ALICE, "Work", move=True))
        assert copied.pairs == ()
        assert self.open(store).highest_modseq == opened.highest_modseq

    def test_copy_to_nowhere_changes_nothing(self, store: Store) -> None:
        opened = self.three(store)
        with pytest.raises(MailboxNotFound):
            self.ask(store, CopyMessages(opened.id, EVERY_UID, ALICE, "none", move=True))
        with pytest.raises(MailboxNotFound):
            self.ask(store, CopyMessages(NOWHERE, EVERY_UID, ALICE, "INBOX"))
        assert self.open(store).uids == opened.uids

    def test_move(self, store: Store) -> None:
        opened = self.three(store)
        target = self.ask(store, CreateMailbox(ALICE, "Work")).id
        moved = self.ask(store, CopyMessages(opened.id, uids(1, 3), ALICE, "Work", move=True))
        after = self.open(store)
        assert moved.pairs == ((1, 1), (3, 2))
        assert list(after.uids) == [2]
        assert after.highest_modseq == moved.highest_modseq > opened.highest_modseq
        changes = self.changes(store, opened.id, opened.highest_modseq)
        assert changes is not None
        assert changes.vanished == uids(1, 3)
        assert self.ask(store, ReadContent(target, 2, 0, 10_000)) == mail("3")

    def test_expunge_removes_what_is_deleted(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, uids(1), rb"\Deleted")
        before = self.open(store).highest_modseq
        removed = self.ask(store, ExpungeMessages(opened.id))
        after = self.open(store)
        assert removed.uids == uids(1, 3)
        assert list(after.uids) == [2]
        assert removed.highest_modseq == after.highest_modseq > before
        assert self.ask(store, ReadContent(opened.id, 1, 0, 10)) == b""

    def test_expunge_of_some(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, uids(1), rb"\Deleted")
        assert self.ask(store, ExpungeMessages(opened.id, NumberSet(((1, 2), (8, 9))))).uids == uids(1)
        assert list(self.open(store).uids) == [2, 3]

    def test_expunge_of_nothing_takes_no_mod_sequence(self, store: Store) -> None:
        opened = self.three(store)
        removed = self.ask(store, ExpungeMessages(opened.id, uids(1, 2)))
        assert (removed.uids, removed.highest_modseq) == (NumberSet(), opened.highest_modseq)
        assert self.open(store).highest_modseq == opened.highest_modseq

    def test_a_uid_is_never_given_twice(self, store: Store) -> None:
        opened = self.three(store)
        self.add_flags(store, opened.id, EVERY_UID, rb"\Deleted")
        self.ask(store, ExpungeMessages(opened.id))
        assert self.open(store).uidnext == 4
        assert self.append(store, mail()).uids == (4,)

    def test_expunge_of_a_mailbox_that_is_gone(self, store: Store) -> None:
        with pytest.raises(MailboxNotFound):
            self.ask(store, ExpungeMessages(NOWHERE))
