# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of identifiers of mailboxes, messages and threads (RFC 8474)."""

from pathlib import Path

import pytest

from angarium.engine.operations import (
    Column,
    CopyMessages,
    CreateMailbox,
    DeleteMailbox,
    ExpungeMessages,
    FetchStatus,
    MailboxId,
    RenameMailbox,
    SearchMessages,
)
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.search_keys import EmailIdIs, Not, SearchKey, ThreadIdIs
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

IDS = Column.EMAILID | Column.THREADID


def letter(own: str, references: str = "", in_reply_to: str = "") -> bytes:
    """Write a message with these ids."""
    fields = [("Message-ID", own), ("References", references), ("In-Reply-To", in_reply_to)]
    return "".join(f"{name}: {value}\r\n" for name, value in fields if value).encode() + b"\r\nText.\r\n"


class ObjectIdsContract(Harness):
    """``object_id`` of OpenedMailbox, MAILBOXID of FetchStatus, EMAILID and THREADID of FetchMessages and SearchMessages."""

    def mailbox_id(self, store: Store, name: str) -> object:
        """Ask for a MAILBOXID in both ways there are."""
        (status,) = self.ask(store, FetchStatus(ALICE, (name,), frozenset({StatusItem.MAILBOXID})))
        opened = self.open(store, name)
        assert status.values == {StatusItem.MAILBOXID: opened.object_id}
        return opened.object_id

    def ids(self, store: Store, mailbox: MailboxId, column: Column) -> list[bytes]:
        """Read one kind of id of all messages."""
        return [row.emailid if column is Column.EMAILID else row.threadid for row in self.rows(store, mailbox, column)]

    def found(self, store: Store, mailbox: MailboxId, key: SearchKey) -> list[int]:
        """Search a mailbox."""
        return list(self.ask(store, SearchMessages(mailbox, key, EVERY_UID)).uids)

    def test_mailboxes_have_ids_of_their_own(self, store: Store) -> None:
        for name in ("Work", "Work/Old"):
            self.ask(store, CreateMailbox(ALICE, name))
        ids = [self.mailbox_id(store, name) for name in ("INBOX", "Work", "Work/Old")]
        assert len(set(ids)) == 3
        assert self.ask(store, CreateMailbox(ALICE, "Play")).object_id == self.mailbox_id(store, "Play")
        assert b"" not in ids

    def test_rename_keeps_the_id(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work/Old"))
        before = [self.mailbox_id(store, name) for name in ("Work", "Work/Old")]
        self.ask(store, RenameMailbox(ALICE, "Work", "Play"))
        assert [self.mailbox_id(store, name) for name in ("Play", "Play/Old")] == before

    def test_rename_of_inbox_makes_a_mailbox(self, store: Store) -> None:
        before = self.mailbox_id(store, "INBOX")
        self.ask(store, RenameMailbox(ALICE, "INBOX", "Old"))
        assert self.mailbox_id(store, "INBOX") == before
        assert self.mailbox_id(store, "Old") != before

    def test_a_mailbox_made_anew_has_another_id(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        before = self.mailbox_id(store, "Work")
        self.ask(store, DeleteMailbox(ALICE, "Work"))
        self.ask(store, CreateMailbox(ALICE, "Work"))
        assert self.mailbox_id(store, "Work") != before

    def test_messages_have_ids_of_their_own(self, store: Store) -> None:
        appended = self.append(store, mail("1"), mail("2"))
        ids = self.ids(store, appended.mailbox, Column.EMAILID)
        assert len(set(ids)) == 2
        assert not set(ids) & {each.strip(b"()") for each in self.ids(store, appended.mailbox, Column.THREADID)}

    @pytest.mark.parametrize("move", [False, True])
    def test_copies_keep_the_ids(self, store: Store, move: bool) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        appended = self.append(store, mail("1"), mail("2"))
        before = self.rows(store, appended.mailbox, IDS)
        self.ask(store, CopyMessages(appended.mailbox, uids(2), ALICE, "Work", move))
        (after,) = self.rows(store, self.open(store, "Work").id, IDS)
        assert (after.emailid, after.threadid) == (before[1].emailid, before[1].threadid)

    def test_the_same_octets_are_of_the_same_thread(self, store: Store) -> None:
        appended = self.append(store, b"Subject: a\r\n\r\n", b"Subject: a\r\n\r\n", b"Subject: b\r\n\r\n")
        threads = self.ids(store, appended.mailbox, Column.THREADID)
        assert threads[0] == threads[1] != threads[2]

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
    @pytest.mark.parametrize(
        "answers",
        [
            (letter("<b@x>", "<a@x>"), letter("<c@x>", "<a@x> <b@x>")),
            (letter("<b@x>", in_reply_to="<a@x>"), letter("<c@x>", "<a@x>")),
        ],
    )
    def test_a_thread_in_any_order(self, store: Store, answers: tuple[bytes, bytes], order: tuple[int, ...]) -> None:
        messages = (letter("<a@x>"), *answers)
        threads = set()
        for each in order:
            appended = self.append(store, messages[each], letter(f"<other-{each}@x>"))
            threads.add(self.ids(store, appended.mailbox, Column.THREADID)[-2])
        assert len(threads) == 1

    def test_answers_that_name_only_what_they_answer(self, store: Store) -> None:
        letters = (letter("<a@x>"), letter("<b@x>", in_reply_to="<a@x>"), letter("<c@x>", in_reply_to="<b@x>"))
        appended = self.append(store, *letters)
        assert len(set(self.ids(store, appended.mailbox, Column.THREADID))) == 1

    def test_a_thread_across_mailboxes_and_removals(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        appended = self.append(store, letter("<a@x>"), letter("<b@x>", in_reply_to="<a@x>"))
        (thread, _) = self.ids(store, appended.mailbox, Column.THREADID)
        self.add_flags(store, appended.mailbox, EVERY_UID, rb"\Deleted")
        self.ask(store, ExpungeMessages(appended.mailbox))
        answer = self.append(store, letter("<c@x>", in_reply_to="<b@x>"), name="Work")
        assert self.ids(store, answer.mailbox, Column.THREADID) == [thread]

    def test_a_thread_stays_when_another_turns_out_to_be_the_same(self, store: Store) -> None:
        appended = self.append(store, letter("<a@x>"), letter("<c@x>", in_reply_to="<b@x>"))
        before = self.ids(store, appended.mailbox, Column.THREADID)
        self.append(store, letter("<b@x>", in_reply_to="<a@x>"))
        assert self.ids(store, appended.mailbox, Column.THREADID)[:2] == before
        assert before[0] != before[1]

    def test_search_by_id(self, store: Store) -> None:
        appended = self.append(store, letter("<a@x>"), letter("<b@x>", "<a@x>"), letter("<c@x>"))
        first, second, third = self.rows(store, appended.mailbox, IDS)
        assert self.found(store, appended.mailbox, EmailIdIs(second.emailid)) == [2]
        assert self.found(store, appended.mailbox, ThreadIdIs(first.threadid.strip(b"()"))) == [1, 2]
        assert self.found(store, appended.mailbox, Not(ThreadIdIs(third.threadid.strip(b"()")))) == [1, 2]

    def test_ids_are_told_apart_by_case(self, store: Store) -> None:
        appended = self.append(store, letter("<a@x>"))
        (row,) = self.rows(store, appended.mailbox, IDS)
        thread = row.threadid.strip(b"()")
        others = [row.emailid.swapcase(), thread.swapcase(), row.emailid[:-1], row.emailid + b"0", b"x", b"_"]
        assert all(not self.found(store, appended.mailbox, EmailIdIs(other)) for other in [*others, thread])
        assert all(not self.found(store, appended.mailbox, ThreadIdIs(other)) for other in [*others, row.emailid])

    def test_ids_survive(self, store: Store, tmp_path: Path) -> None:
        appended = self.append(store, letter("<a@x>"), letter("<b@x>", "<a@x>"))
        before = (self.mailbox_id(store, "INBOX"), self.rows(store, appended.mailbox, IDS))
        store = self.reopen_store(store, tmp_path)
        assert (self.mailbox_id(store, "INBOX"), self.rows(store, appended.mailbox, IDS)) == before
        self.append(store, letter("<c@x>", in_reply_to="<b@x>"))
        assert len(set(self.ids(store, appended.mailbox, Column.THREADID))) == 1
