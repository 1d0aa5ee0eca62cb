# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of appending and reading messages (RFC 9051 §6.3.12, §6.4.5)."""

from datetime import datetime, timedelta, timezone

import pytest

from angarium.engine.mail.prerender import prerender
from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    AppendMessages,
    Column,
    DiscardStaged,
    FetchMessages,
    MailboxId,
    MailboxNotFound,
    NewMessage,
    ReadContent,
    ReadStaged,
    StageOctets,
    StoreUnavailable,
)
from angarium.grammar.imap.commands import StagedLiteral
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

BERLIN = timezone(timedelta(hours=1))
EVERY_COLUMN = (
    Column.FLAGS | Column.INTERNALDATE | Column.SIZE | Column.ENVELOPE | Column.BODY | Column.BODYSTRUCTURE
    | Column.PARTMAP | Column.HEADER | Column.CONTENT | Column.EMAILID | Column.THREADID
    | Column.SAVEDATE | Column.PREVIEW
)  # fmt: skip


class MessagesContract(Harness):
    """AppendMessages, FetchMessages, ReadContent, StageOctets, DiscardStaged."""

    def test_append_gives_uids_in_order(self, store: Store) -> None:
        first = self.append(store, mail("1"), mail("2"))
        second = self.append(store, mail("3"))
        opened = self.open(store)
        assert (first.uids, second.uids) == ((1, 2), (3,))
        assert first.mailbox == second.mailbox == opened.id
        assert first.uidvalidity == second.uidvalidity == opened.uidvalidity
        assert list(opened.uids) == [1, 2, 3]
        assert opened.uidnext == 4

    def test_append_takes_a_new_mod_sequence(self, store: Store) -> None:
        before = self.open(store).highest_modseq
        self.append(store, mail())
        after = self.open(store)
        assert after.highest_modseq > before
        assert [row.modseq for row in self.rows(store, after.id)] == [after.highest_modseq]

    def test_append_of_nothing_changes_nothing(self, store: Store) -> None:
        before = self.open(store)
        assert self.append(store).uids == ()
        assert self.open(store).highest_modseq == before.highest_modseq

    def test_append_to_no_mailbox(self, store: Store) -> None:
        with pytest.raises(MailboxNotFound):
            self.append(store, mail(), name="none")

    def test_every_column(self, store: Store) -> None:
        octets = mail("Grüße", extra="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
        date = datetime(2024, 2, 3, 4, 5, 6, tzinfo=BERLIN)
        appended = self.append(store, NewMessage(octets, (rb"\Seen", b"$Work"), date))
        (row,) = self.rows(store, appended.mailbox, EVERY_COLUMN)
        view = prerender(octets)
        assert row.uid == 1
        assert row.flags == (rb"\Seen", b"$Work")
        assert row.internal_date == b'" 3-Feb-2024 04:05:06 +0100"'
        assert row.size == len(octets)
        assert (row.envelope, row.body, row.bodystructure, row.partmap) == (
            view.envelope,
            view.body,
            view.bodystructure,
            view.partmap,
        )
        assert row.header == octets[: view.header_octets]
        assert row.content == octets

    @pytest.mark.parametrize("column", list(Column))
    def test_one_column_brings_what_all_bring(self, store: Store, column: Column) -> None:
        appended = self.append(store, NewMessage(mail(), (rb"\Flagged",)))
        (every,) = self.rows(store, appended.mailbox, EVERY_COLUMN)
        (row,) = self.rows(store, appended.mailbox, column)
        names = {Column.FLAGS: ("flags", "modseq"), Column.INTERNALDATE: ("internal_date",)}
        for name in names.get(column, (str(column.name).lower(),)):
            assert getattr(row, name) == getattr(every, name)
        assert (row.content is None) == (column is not Column.CONTENT)
        assert (row.header is None) == (column is not Column.HEADER)

    @pytest.mark.parametrize("octets", [b"", b"\r\n", b"x", b"no header\r\n\r\nbody", b"A: b", b"\0\xff" * 50, mail() * 3])
    def test_octets_are_kept_as_they_are(self, store: Store, octets: bytes) -> None:
        appended = self.append(store, octets)
        (row,) = self.rows(store, appended.mailbox, Column.CONTENT | Column.HEADER | Column.SIZE)
        assert row.content == octets
        assert row.size == len(octets)
        assert row.header is not None
        assert octets.startswith(row.header)

    def test_prefix_comes_before_the_content(self, store: Store) -> None:
        appended = self.append(store, NewMessage(mail(), prefix=b"Return-Path: <x@example.org>\r\n"))
        (row,) = self.rows(store, appended.mailbox, Column.CONTENT | Column.SIZE)
        assert row.content == b"Return-Path: <x@example.org>\r\n" + mail()
        assert row.size == len(row.content)

    def test_absent_uids_are_passed_over(self, store: Store) -> None:
        appended = self.append(store, mail("1"), mail("2"), mail("3"))
        page = self.ask(store, FetchMessages(appended.mailbox, NumberSet(((2, 2), (9, 99))), Column.FLAGS))
        assert [row.uid for row in page.rows] == [2]
        assert (
            page.next_uid is None
            or not self.ask(store, FetchMessages(appended.mailbox, NumberSet(((page.next_uid, 99),)), Column.FLAGS)).rows
        )

    def test_pages_cover_everything_once(self, store: Store) -> None:
        appended = self.append(store, *(mail(str(number)) for number in range(20)))
        wanted = NumberSet(((2, 3), (5, 5), (7, 15), (18, 40)))
        found, next_uid, pages = [], 1, 0
        while next_uid is not None:
            rest = wanted.intersection(NumberSet(((next_uid, 2**32 - 1),)))
            page = self.ask(store, FetchMessages(appended.mailbox, rest, Column.FLAGS, rows_max=3))
            assert len(page.rows) <= 3
            found += [row.uid for row in page.rows]
            next_uid, pages = page.next_uid, pages + 1
        assert found == [uid for uid in wanted if uid <= 20]
        assert pages >= 5

    def test_pages_are_bounded_in_octets(self, store: Store) -> None:
        appended = self.append(store, *(mail(str(number), "x" * 50_000) for number in range(8)))
        page = self.ask(store, FetchMessages(appended.mailbox, EVERY_UID, Column.CONTENT, octets_max=100_000))
        assert 1 <= len(page.rows) <= 3
        assert page.next_uid == page.rows[-1].uid + 1
        assert len(self.rows(store, appended.mailbox, Column.CONTENT)) == 8

    def test_changed_since(self, store: Store) -> None:
        appended = self.append(store, mail("1"), mail("2"), mail("3"))
        before = self.open(store).highest_modseq
        self.add_flags(store, appended.mailbox, uids(2), rb"\Seen")
        page = self.ask(store, FetchMessages(appended.mailbox, EVERY_UID, Column.FLAGS, changed_since=before))
        assert [(row.uid, row.flags) for row in page.rows] == [(2, (rb"\Seen",))]

    def test_read_content_in_pieces(self, store: Store) -> None:
        octets = mail(body="0123456789" * 20_000)
        appended = self.append(store, octets)
        pieces = [
            self.ask(store, ReadContent(appended.mailbox, 1, offset, 64_000)) for offset in range(0, len(octets) + 1, 64_000)
        ]
        assert b"".join(pieces) == octets
        assert self.ask(store, ReadContent(appended.mailbox, 1, len(octets), 10)) == b""
        assert self.ask(store, ReadContent(appended.mailbox, 1, len(octets) - 3, 10)) == octets[-3:]

    def test_read_content_of_nothing(self, store: Store) -> None:
        mailbox = self.open(store).id
        assert self.ask(store, ReadContent(mailbox, 7, 0, 10)) == b""
        with pytest.raises(MailboxNotFound):
            self.ask(store, ReadContent(MailboxId(ALICE, 999_999), 1, 0, 10))

    def test_content_longer_than_a_page_is_left_to_read_content(self, store: Store) -> None:
        octets = mail(body="y" * CONTENT_OCTETS_MAX)
        appended = self.append(store, octets, mail())
        large, small = self.rows(store, appended.mailbox, Column.CONTENT | Column.HEADER | Column.SIZE)
        assert large.content is None
        assert large.size == len(octets)
        assert large.header == octets[: prerender(octets).header_octets]
        assert small.content == mail()

    @pytest.mark.parametrize("prefix", [b"", b"X-Trace: 1\r\n"])
    @pytest.mark.parametrize("length", [10, 300_000])
    def test_staged_literal(self, store: Store, length: int, prefix: bytes) -> None:
        octets = mail(body="z" * length)
        token = self.ask(store, StageOctets(octets[:100]))
        for start in range(100, len(octets), 65_536):
            assert self.ask(store, StageOctets(octets[start : start + 65_536], token)) == token
        assert self.ask(store, ReadStaged(token, 5, length)) == octets[5 : 5 + length]
        assert self.ask(store, ReadStaged(token, len(octets) - 3, 10)) == octets[-3:]
        assert self.ask(store, ReadStaged(token, len(octets), 10)) == b""
        literal = StagedLiteral(token, len(octets))
        with pytest.raises(MailboxNotFound):
            self.ask(store, AppendMessages(ALICE, "none", (NewMessage(literal, prefix=prefix),)))
        appended = self.append(store, NewMessage(literal, prefix=prefix))
        assert self.ask(store, ReadContent(appended.mailbox, 1, 0, 10**6)) == prefix + octets
        with pytest.raises(StoreUnavailable):
            self.ask(store, StageOctets(b"more", token))

    def test_discarded_literals_are_gone(self, store: Store) -> None:
        token = self.ask(store, StageOctets(mail()))
        other = self.ask(store, StageOctets(mail()))
        assert token != other
        self.ask(store, DiscardStaged(token))
        with pytest.raises(StoreUnavailable):
            self.ask(store, StageOctets(b"more", token))
        with pytest.raises(StoreUnavailable):
            self.ask(store, ReadStaged(token, 0, 1))
        self.append(store, NewMessage(StagedLiteral(other, len(mail()))))
