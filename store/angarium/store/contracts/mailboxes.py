# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of the operations on mailboxes by name (RFC 9051 §6.3)."""

import pytest

from angarium.engine.operations import (
    Column,
    CreateMailbox,
    DeleteMailbox,
    FetchMessages,
    FetchStatus,
    HasChildren,
    InvalidMailboxName,
    ListMailboxes,
    MailboxEntry,
    MailboxExists,
    MailboxNotFound,
    OpenMailbox,
    PermissionDenied,
    ReadChanges,
    RenameMailbox,
    SetSubscription,
)
from angarium.grammar.imap.commands import StatusItem
from angarium.store.contracts.harness import ALICE, BOB, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store


class MailboxesContract(Harness):
    """LIST, CREATE, DELETE, RENAME, SUBSCRIBE and STATUS."""

    def entries(self, store: Store) -> dict[str, MailboxEntry]:
        """List alice's mailboxes by name."""
        return {entry.name: entry for entry in self.ask(store, ListMailboxes(ALICE))}

    def test_inbox_always_exists(self, store: Store) -> None:
        entry = self.entries(store)["INBOX"]
        assert entry.id is not None
        assert entry.id == self.open(store).id

    def test_names_are_sorted(self, store: Store) -> None:
        for name in ("b", "Z", "a/c", "ä"):
            self.ask(store, CreateMailbox(ALICE, name))
        names = list(self.entries(store))
        assert names == sorted(names)
        assert {"b", "Z", "a", "a/c", "ä", "INBOX"} <= set(names)

    def test_users_have_their_own_mailboxes(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Secret"))
        assert "Secret" not in {entry.name for entry in self.ask(store, ListMailboxes(BOB))}

    def test_create_answers_the_id(self, store: Store) -> None:
        created = self.ask(store, CreateMailbox(ALICE, "Work")).id
        assert created == self.entries(store)["Work"].id == self.open(store, "Work").id
        assert created.owner == ALICE

    def test_create_makes_missing_parents(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "one/two/three"))
        entries = self.entries(store)
        assert entries["one"].id is not None
        assert entries["one/two"].id is not None
        self.ask(store, CreateMailbox(ALICE, "one/two/four"))

    def test_create_keeps_special_uses(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Old", (rb"\Archive",)))
        assert self.entries(store)["Old"].special_use == (rb"\Archive",)

    @pytest.mark.parametrize("name", ["INBOX", "Work"])
    def test_create_refuses_what_exists(self, store: Store, name: str) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        with pytest.raises(MailboxExists):
            self.ask(store, CreateMailbox(ALICE, name))

    @pytest.mark.parametrize("name", ["", "/", "a//b", "/a", "a/", "a\tb", "a\x7f", "a\r\nb", "x" * 5000])
    def test_impossible_names_are_refused(self, store: Store, name: str) -> None:
        before = self.entries(store)
        with pytest.raises(InvalidMailboxName):
            self.ask(store, CreateMailbox(ALICE, name))
        with pytest.raises(InvalidMailboxName):
            self.ask(store, SetSubscription(ALICE, name, True))
        assert self.entries(store) == before

    def test_delete(self, store: Store) -> None:
        mailbox = self.ask(store, CreateMailbox(ALICE, "Work")).id
        self.append(store, mail(), name="Work")
        self.ask(store, DeleteMailbox(ALICE, "Work"))
        assert "Work" not in self.entries(store)
        for operation in (
            OpenMailbox(ALICE, "Work"),
            ReadChanges(mailbox, 1),
            FetchMessages(mailbox, EVERY_UID, Column.FLAGS),
            DeleteMailbox(ALICE, "Work"),
        ):
            with pytest.raises(MailboxNotFound):
                self.ask(store, operation)

    def test_delete_refuses_inbox(self, store: Store) -> None:
        with pytest.raises(PermissionDenied):
            self.ask(store, DeleteMailbox(ALICE, "INBOX"))

    def test_delete_refuses_what_has_children(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work/Old"))
        self.append(store, mail(), name="Work")
        with pytest.raises(HasChildren):
            self.ask(store, DeleteMailbox(ALICE, "Work"))
        assert len(self.open(store, "Work").uids) == 1

    def test_names_alike_are_not_children(self, store: Store) -> None:
        for name in ("Work", "Work2", "Work.x", "Work0/a"):
            self.ask(store, CreateMailbox(ALICE, name))
        self.ask(store, DeleteMailbox(ALICE, "Work"))
        assert {"Work2", "Work.x", "Work0", "Work0/a"} <= set(self.entries(store))

    def test_a_name_made_again_has_another_uidvalidity_and_id(self, store: Store) -> None:
        seen = set()
        for _ in range(4):
            mailbox = self.ask(store, CreateMailbox(ALICE, "Work")).id
            self.append(store, mail(), name="Work")
            seen.add((mailbox, self.open(store, "Work").uidvalidity))
            self.ask(store, DeleteMailbox(ALICE, "Work"))
        assert len({mailbox for mailbox, _ in seen}) == len({uidvalidity for _, uidvalidity in seen}) == 4

    def test_rename_keeps_mailbox_and_messages(self, store: Store) -> None:
        mailbox = self.ask(store, CreateMailbox(ALICE, "Work")).id
        self.append(store, mail(), name="Work")
        before = self.open(store, "Work")
        self.ask(store, RenameMailbox(ALICE, "Work", "Done"))
        after = self.open(store, "Done")
        assert after.id == mailbox
        assert (after.uidvalidity, after.uids) == (before.uidvalidity, before.uids)
        assert "Work" not in self.entries(store)

    def test_rename_moves_children(self, store: Store) -> None:
        for name in ("a/b/c", "a2", "ab/c"):
            self.ask(store, CreateMailbox(ALICE, name))
        self.ask(store, RenameMailbox(ALICE, "a", "x/y"))
        names = set(self.entries(store))
        assert {"x", "x/y", "x/y/b", "x/y/b/c", "a2", "ab", "ab/c"} <= names
        assert not names & {"a", "a/b", "a/b/c"}

    def test_rename_refusals(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "a/b"))
        with pytest.raises(MailboxNotFound):
            self.ask(store, RenameMailbox(ALICE, "none", "other"))
        with pytest.raises(MailboxExists):
            self.ask(store, RenameMailbox(ALICE, "a/b", "a"))
        with pytest.raises(MailboxExists):
            self.ask(store, RenameMailbox(ALICE, "a", "INBOX"))
        with pytest.raises(InvalidMailboxName):
            self.ask(store, RenameMailbox(ALICE, "a", "x//y"))
        with pytest.raises(InvalidMailboxName):
            self.ask(store, RenameMailbox(ALICE, "a", "a/b/c"))
        assert {"a", "a/b"} <= set(self.entries(store))

    def test_rename_inbox_moves_the_messages_only(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "INBOX/sub"))
        self.append(store, mail("one"), mail("two"))
        before = self.open(store)
        self.ask(store, RenameMailbox(ALICE, "INBOX", "Old/mail"))
        after, moved = self.open(store), self.open(store, "Old/mail")
        assert after.id == before.id
        assert len(after.uids) == 0
        assert after.uidnext == before.uidnext
        assert after.highest_modseq > before.highest_modseq
        assert len(moved.uids) == 2
        assert "INBOX/sub" in self.entries(store)

    def test_subscriptions(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        for name in ("Work", "not/there"):
            self.ask(store, SetSubscription(ALICE, name, True))
            self.ask(store, SetSubscription(ALICE, name, True))
        entries = self.entries(store)
        assert entries["Work"].subscribed
        assert entries["not/there"] == MailboxEntry("not/there", None, True)
        self.ask(store, DeleteMailbox(ALICE, "Work"))
        assert self.entries(store)["Work"] == MailboxEntry("Work", None, True)
        for name in ("Work", "not/there", "never"):
            self.ask(store, SetSubscription(ALICE, name, False))
        assert not {"Work", "not/there", "never"} & set(self.entries(store))

    def test_status_has_every_item_asked_for(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"), mail("3"))
        opened = self.open(store, claim_recent=True)
        self.add_flags(store, opened.id, uids(1), rb"\Seen", rb"\Deleted")
        self.append(store, mail("4"))
        (status,) = self.ask(store, FetchStatus(ALICE, ("INBOX",), frozenset(StatusItem) - {StatusItem.APPENDLIMIT}))
        opened = self.open(store)
        assert (status.name, status.id) == ("INBOX", opened.id)
        assert status.values == {
            StatusItem.MESSAGES: 4,
            StatusItem.RECENT: 1,
            StatusItem.UIDNEXT: 5,
            StatusItem.UIDVALIDITY: opened.uidvalidity,
            StatusItem.UNSEEN: 3,
            StatusItem.DELETED: 1,
            StatusItem.SIZE: sum(len(mail(subject)) for subject in "1234"),
            StatusItem.HIGHESTMODSEQ: opened.highest_modseq,
            StatusItem.MAILBOXID: opened.object_id,
        }

    def test_status_of_several(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        found = self.ask(store, FetchStatus(ALICE, ("Work", "none", "INBOX"), frozenset({StatusItem.MESSAGES})))
        assert [status and (status.name, status.values) for status in found] == [
            ("Work", {StatusItem.MESSAGES: 0}),
            None,
            ("INBOX", {StatusItem.MESSAGES: 0}),
        ]
