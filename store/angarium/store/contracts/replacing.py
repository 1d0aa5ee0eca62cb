# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of REPLACE (RFC 8508 §3.4)."""

import pytest

from angarium.engine.operations import (
    Column,
    CreateMailbox,
    DiscardStaged,
    MailboxId,
    MailboxNotFound,
    MessageNotFound,
    NewMessage,
    ReadContent,
    ReplaceMessage,
    StageOctets,
)
from angarium.grammar.imap.commands import StagedLiteral
from angarium.store.contracts.harness import ALICE, Harness, mail, uids
from angarium.store.store import Store

NOWHERE = MailboxId(ALICE, 999_999)


class ReplacingContract(Harness):
    """ReplaceMessage."""

    def test_replace_in_the_same_mailbox(self, store: Store) -> None:
        self.append(store, mail("1"), NewMessage(mail("2"), (rb"\Draft", b"$Work")))
        opened = self.open(store)
        new = NewMessage(mail("3"), (rb"\Seen",))
        replaced = self.ask(store, ReplaceMessage(opened.id, 2, ALICE, "INBOX", new))
        after = self.open(store)
        assert (replaced.appended.mailbox, replaced.appended.uids) == (opened.id, (3,))
        assert replaced.appended.uidvalidity == after.uidvalidity
        assert list(after.uids) == [1, 3]
        assert self.flags(store, opened.id)[3] == {rb"\Seen"}
        assert self.ask(store, ReadContent(opened.id, 3, 0, 10_000)) == mail("3")
        assert self.ask(store, ReadContent(opened.id, 2, 0, 10_000)) == b""
        assert replaced.highest_modseq == after.highest_modseq > opened.highest_modseq
        changes = self.changes(store, opened.id, opened.highest_modseq)
        assert changes is not None
        assert (changes.vanished, [row.uid for row in changes.flags]) == (uids(2), [3])
        assert after.keywords == ()

    def test_replace_in_another_mailbox(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"))
        target = self.ask(store, CreateMailbox(ALICE, "Work")).id
        opened = self.open(store)
        replaced = self.ask(store, ReplaceMessage(opened.id, 1, ALICE, "Work", NewMessage(mail("3"))))
        after = self.open(store)
        assert (replaced.appended.mailbox, replaced.appended.uids) == (target, (1,))
        assert list(after.uids) == [2]
        assert replaced.highest_modseq == after.highest_modseq > opened.highest_modseq
        assert [row.content for row in self.rows(store, target, Column.CONTENT)] == [mail("3")]

    def test_a_replacement_that_fails_changes_nothing(self, store: Store) -> None:
        self.append(store, mail("1"))
        opened = self.open(store)
        token = self.ask(store, StageOctets(mail("2")))
        new = NewMessage(StagedLiteral(token, len(mail("2"))))
        for operation, error in (
            (ReplaceMessage(opened.id, 2, ALICE, "INBOX", new), MessageNotFound),
            (ReplaceMessage(opened.id, 1, ALICE, "none", new), MailboxNotFound),
            (ReplaceMessage(NOWHERE, 1, ALICE, "INBOX", new), MailboxNotFound),
        ):
            with pytest.raises(error):
                self.ask(store, operation)
        after = self.open(store)
        assert (after.uids, after.uidnext, after.highest_modseq) == (opened.uids, opened.uidnext, opened.highest_modseq)
        assert self.ask(store, ReplaceMessage(opened.id, 1, ALICE, "INBOX", new)).appended.uids == (opened.uidnext,)
        self.ask(store, DiscardStaged(token))
