# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of access control lists (RFC 4314), of mailboxes between users, and of flags that rights keep from changing."""

import pytest

from angarium.engine.acl import RIGHTS
from angarium.engine.operations import (
    ChangeAcl,
    Column,
    CopyMessages,
    CreateMailbox,
    DeleteMailbox,
    ListShared,
    MailboxId,
    MailboxNotFound,
    NewMessage,
    OpenMailbox,
    ReadAcl,
    ReadRights,
    RenameMailbox,
    SetFlags,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import ALICE, BOB, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

NOBODY = UserName("nobody")
NOWHERE = MailboxId(ALICE, 999_999)
LARGE = mail("large", "x" * 400_000 + "\r\n")


class AccessContract(Harness):
    """ReadRights, ReadAcl, ChangeAcl, ListShared, and ``may`` of SetFlags and CopyMessages."""

    def grant(self, store: Store, name: str, identifier: str, rights: str, mode: StoreMode = StoreMode.REPLACE) -> None:
        """Change a list of alice's."""
        self.ask(store, ChangeAcl(ALICE, name, identifier, mode, rights))

    def rights(self, store: Store, *mailboxes: str | MailboxId, user: UserName = BOB, owner: UserName = ALICE) -> str:
        """Ask what somebody may do."""
        answer: str = self.ask(store, ReadRights(user, owner, mailboxes))
        return answer

    def test_nothing_is_allowed_at_first(self, store: Store) -> None:
        opened = self.open(store)
        assert self.rights(store, "INBOX") == self.rights(store, opened.id) == ""
        assert self.ask(store, ReadAcl(ALICE, "INBOX")) == ()
        assert self.ask(store, ListShared(BOB)) == ()

    def test_the_owner_has_every_right(self, store: Store) -> None:
        self.grant(store, "INBOX", "-anyone", "lr")
        assert self.rights(store, "INBOX", user=ALICE) == RIGHTS

    def test_where_nothing_is_there_are_no_rights(self, store: Store) -> None:
        self.grant(store, "INBOX", "anyone", RIGHTS)
        assert self.rights(store, "none") == self.rights(store, NOWHERE) == self.rights(store) == ""
        assert self.rights(store, "none", user=ALICE) == ""
        assert self.rights(store, "INBOX", owner=NOBODY) == ""

    def test_the_first_mailbox_that_exists_decides(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        self.grant(store, "INBOX", "bob", "lr")
        self.grant(store, "Work", "bob", "k")
        assert self.rights(store, "Work/none", "Work", "INBOX") == "k"
        assert self.rights(store, NOWHERE, "inbox") == "lr"

    def test_rights_are_replaced_added_and_removed(self, store: Store) -> None:
        for mode, rights, after in (
            (StoreMode.REPLACE, "rl", "lr"),
            (StoreMode.ADD, "ar", "lra"),
            (StoreMode.REMOVE, "rx", "la"),
            (StoreMode.REPLACE, "i", "i"),
        ):
            self.grant(store, "INBOX", "bob", rights, mode)
            assert (self.ask(store, ReadAcl(ALICE, "INBOX")), self.rights(store, "INBOX")) == ((("bob", after),), after)

    def test_an_entry_without_rights_goes(self, store: Store) -> None:
        self.grant(store, "INBOX", "bob", "lr")
        self.grant(store, "INBOX", "anyone", "l")
        self.grant(store, "INBOX", "bob", "rl", StoreMode.REMOVE)
        self.grant(store, "INBOX", "carol", "")
        assert self.ask(store, ReadAcl(ALICE, "INBOX")) == (("anyone", "l"),)

    def test_entries_are_joined_and_negative_ones_taken_away(self, store: Store) -> None:
        for identifier, rights in (("anyone", "lr"), ("bob", "si"), ("-anyone", "i"), ("-carol", "l"), ("carol", "a")):
            self.grant(store, "INBOX", identifier, rights)
        assert self.rights(store, "INBOX") == "lrs"

    def test_what_may_be_looked_up_is_listed(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        self.grant(store, "INBOX", "bob", "lr")
        self.grant(store, "Work", "bob", "ri")
        assert [(each.id, each.name, each.rights) for each in self.ask(store, ListShared(BOB))] == [
            (self.open(store).id, "INBOX", "lr")
        ]
        assert self.ask(store, ListShared(ALICE)) == ()

    def test_a_list_of_no_mailbox(self, store: Store) -> None:
        for operation in (ReadAcl(ALICE, "none"), ChangeAcl(ALICE, "none", "bob", StoreMode.REPLACE, "l")):
            with pytest.raises(MailboxNotFound):
                self.ask(store, operation)

    def test_a_new_mailbox_has_the_list_of_the_one_above(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        self.grant(store, "Work", "bob", "lr")
        self.ask(store, CreateMailbox(ALICE, "Work/a/b"))
        self.grant(store, "Work", "bob", "l")
        assert self.rights(store, "Work/a") == self.rights(store, "Work/a/b") == "lr"
        self.ask(store, CreateMailbox(ALICE, "Worker"))
        assert self.rights(store, "Worker") == ""

    def test_a_list_goes_with_its_mailbox_and_lives_through_renames(self, store: Store) -> None:
        created = self.ask(store, CreateMailbox(ALICE, "Work/a")).id
        self.grant(store, "Work/a", "bob", "lr")
        self.ask(store, RenameMailbox(ALICE, "Work", "Play"))
        assert self.rights(store, "Play/a") == self.rights(store, created) == "lr"
        self.ask(store, DeleteMailbox(ALICE, "Play/a"))
        self.ask(store, CreateMailbox(ALICE, "Play/a"))
        assert self.rights(store, "Play/a") == self.rights(store, created) == ""

    def test_a_change_of_rights_is_a_change_to_those_who_have_the_mailbox_open(self, store: Store) -> None:
        opened = self.open(store)
        self.grant(store, "INBOX", "bob", "lr")
        assert self.open(store).stamp != opened.stamp
        assert self.open(store).highest_modseq == opened.highest_modseq

    def test_flags_that_need_another_right_stay(self, store: Store) -> None:
        self.append(store, NewMessage(mail(), (rb"\Seen", rb"\Draft", b"$Work")))
        mailbox = self.open(store).id

        def after(mode: StoreMode, may: str, *flags: bytes) -> set[bytes]:
            self.ask(store, SetFlags(mailbox, EVERY_UID, mode, flags, may=may))
            return self.flags(store, mailbox)[1]

        assert after(StoreMode.ADD, "t", rb"\Deleted", rb"\Flagged", b"$New") == {rb"\Seen", rb"\Draft", b"$Work", rb"\Deleted"}
        assert after(StoreMode.REPLACE, "s") == {rb"\Draft", b"$Work", rb"\Deleted"}
        assert after(StoreMode.REPLACE, "st", rb"\Seen", rb"\Flagged") == {rb"\Seen", rb"\Draft", b"$Work"}
        assert after(StoreMode.REPLACE, "w", rb"\Flagged", rb"\Deleted") == {rb"\Seen", rb"\Flagged"}
        assert after(StoreMode.REMOVE, "w", rb"\Seen", rb"\flagged") == {rb"\Seen"}

    @pytest.mark.parametrize("move", [False, True])
    def test_copy_to_another_user(self, store: Store, move: bool) -> None:
        self.append(store, NewMessage(mail("1"), (rb"\Seen", b"$Work")), LARGE, mail("3"))
        opened = self.open(store)
        before = self.rows(store, opened.id, Column.INTERNALDATE | Column.EMAILID)
        copied = self.ask(store, CopyMessages(opened.id, uids(1, 2, 9), BOB, "INBOX", move=move, may="w"))
        target = self.ask(store, OpenMailbox(BOB, "INBOX"))
        assert (copied.target, copied.uidvalidity, copied.pairs) == (target.id, target.uidvalidity, ((1, 1), (2, 2)))
        rows = self.rows(store, target.id, Column.FLAGS | Column.INTERNALDATE | Column.EMAILID | Column.SIZE | Column.HEADER)
        assert [row.flags for row in rows] == [(b"$Work",), ()]
        assert [row.size for row in rows] == [len(mail("1")), len(LARGE)]
        assert [(row.internal_date, row.emailid) for row in rows] == [(row.internal_date, row.emailid) for row in before[:2]]
        after = self.open(store)
        assert list(after.uids) == ([3] if move else [1, 2, 3])
        assert copied.highest_modseq == after.highest_modseq

    def test_copy_that_leaves_flags_behind(self, store: Store) -> None:
        self.append(store, NewMessage(mail(), (rb"\Seen", rb"\Deleted", b"$Work")))
        target = self.ask(store, CreateMailbox(ALICE, "Work")).id
        self.ask(store, CopyMessages(self.open(store).id, uids(1), ALICE, "Work", may="s"))
        assert self.flags(store, target) == {1: {rb"\Seen"}}

    def test_copy_between_users_is_whole(self, store: Store) -> None:
        self.append(store, mail("1"))
        opened = self.open(store)
        with pytest.raises(MailboxNotFound):
            self.ask(store, CopyMessages(opened.id, uids(1), BOB, "none", move=True))
        with pytest.raises(MailboxNotFound):
            self.ask(store, CopyMessages(NOWHERE, uids(1), BOB, "INBOX"))
        assert self.open(store).uids == opened.uids
        assert self.ask(store, CopyMessages(opened.id, NumberSet(), BOB, "INBOX", move=True)).pairs == ()
