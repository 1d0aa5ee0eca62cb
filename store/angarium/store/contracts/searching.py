# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of SEARCH (RFC 9051 §6.4.4)."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from angarium.engine.operations import MailboxId, MailboxNotFound, NewMessage, SearchMessages
from angarium.grammar.imap.search_keys import (
    All,
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    HasFlag,
    HeaderContains,
    Larger,
    ModSequenceSince,
    Not,
    Or,
    SearchKey,
    Smaller,
    TextContains,
    UidIs,
)
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

NEW_YORK = timezone(timedelta(hours=-5))
ENCODED = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?iso-8859-1?q?Caf=E9?= um =?utf-8?b?ZsO8bmY=?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"U3RyYcOfZSB1bmQgw4RwZmVs\r\n"
)
TWO_PARTS = (
    b"From: d@example.org\r\nSubject: two parts\r\nX-Empty:\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst needle\r\n--b\r\nContent-Type: application/octet-stream\r\n"
    b"Content-Transfer-Encoding: base64\r\nX-Part: marker\r\n\r\naGF5c3RhY2s=\r\n--b--\r\n"
)


class SearchingContract(Harness):
    """SearchMessages."""

    def find(self, store: Store, key: SearchKey, within: NumberSet = EVERY_UID) -> list[int]:
        """Search the four messages that every test here has."""
        mailbox = self.open(store).id
        if len(self.open(store).uids) == 0:
            self.append(
                store,
                NewMessage(mail("Tea", "At five.\r\n"), (rb"\Seen",), datetime(2024, 1, 6, 4, 30, tzinfo=UTC)),
                NewMessage(ENCODED, (b"$Work",), datetime(2024, 1, 7, 23, 59, tzinfo=NEW_YORK)),
                NewMessage(TWO_PARTS, (rb"\Deleted", rb"\Seen"), datetime(2024, 1, 8, 0, 1, tzinfo=NEW_YORK)),
                NewMessage(mail("Re: tea", "x" * 5000), (), datetime(2024, 2, 1, tzinfo=UTC)),
            )
        found = self.ask(store, SearchMessages(mailbox, key, within))
        assert found.highest_modseq == 0
        return list(found.uids)

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (All(), [1, 2, 3, 4]),
            (HasFlag(rb"\seen"), [1, 3]),
            (HasFlag(b"$WORK"), [2]),
            (HasFlag(b"$wor"), []),
            (Not(HasFlag(rb"\Seen")), [2, 4]),
            (Or(HasFlag(b"$Work"), HasFlag(rb"\Deleted")), [2, 3]),
            (And((HasFlag(rb"\Seen"), Not(HasFlag(rb"\Deleted")))), [1]),
            (And(()), [1, 2, 3, 4]),
            (Larger(len(ENCODED)), [3, 4]),
            (Smaller(len(ENCODED)), [1]),
            (UidIs(SequenceSet(((2, 3), (9, 99)))), [2, 3]),
            (UidIs(SequenceSet()), []),
            (ModSequenceSince(1), [1, 2, 3, 4]),
            (ModSequenceSince(2**63 - 1), []),
        ],
    )
    def test_keys_on_facts(self, store: Store, key: SearchKey, expected: list[int]) -> None:
        assert self.find(store, key) == expected

    @pytest.mark.parametrize(
        ("field", "test", "day", "expected"),
        [
            (DateField.INTERNAL, DateTest.ON, date(2024, 1, 6), [1]),
            (DateField.INTERNAL, DateTest.ON, date(2024, 1, 7), [2]),
            (DateField.INTERNAL, DateTest.ON, date(2024, 1, 8), [3]),
            (DateField.INTERNAL, DateTest.BEFORE, date(2024, 1, 8), [1, 2]),
            (DateField.INTERNAL, DateTest.SINCE, date(2024, 1, 8), [3, 4]),
            (DateField.SENT, DateTest.ON, date(2024, 1, 5), [1, 4]),
            (DateField.SENT, DateTest.BEFORE, date(2024, 1, 6), [1, 4]),
            (DateField.SENT, DateTest.SINCE, date(2024, 1, 6), []),
        ],
    )
    def test_dates_as_written(self, store: Store, field: DateField, test: DateTest, day: date, expected: list[int]) -> None:
        assert self.find(store, DateIs(field, test, day)) == expected
        assert self.find(store, Not(DateIs(field, test, day))) == [uid for uid in (1, 2, 3, 4) if uid not in expected]

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (HeaderContains(b"Subject", b"TEA"), [1, 4]),
            (HeaderContains(b"subject", "CAFÉ UM FÜNF".encode()), [2]),
            (HeaderContains(b"From", "jÜrgen".encode()), [2]),
            (HeaderContains(b"From", b"tea"), []),
            (HeaderContains(b"X-Empty", b""), [3]),
            (HeaderContains(b"X-Empty", b"x"), []),
            (HeaderContains(b"Date", b""), [1, 4]),
            (HeaderContains(b"X-Part", b"marker"), []),
            (BodyContains(b"NEEDLE"), [3]),
            (BodyContains("STRAßE UND äpfel".encode()), [2]),
            (BodyContains(b"haystack"), []),
            (BodyContains(b"Tea"), []),
            (BodyContains(b"at"), [1]),
            (BodyContains(b""), [1, 2, 3, 4]),
            (BodyContains(b'"five.'), []),
            (TextContains(b"tea"), [1, 4]),
            (TextContains(b"needle"), [3]),
            (TextContains(b"x-part: marker"), [3]),
            (Not(TextContains(b"tea")), [2, 3]),
            (And((HasFlag(rb"\Seen"), TextContains(b"example.org"))), [1, 3]),
            (Or(BodyContains(b"needle"), And((Larger(4000), Not(BodyContains(b"five"))))), [3, 4]),
        ],
    )
    def test_keys_on_text(self, store: Store, key: SearchKey, expected: list[int]) -> None:
        assert self.find(store, key) == expected
        self.settle(store)
        assert self.find(store, key) == expected

    def settle(self, store: Store) -> None:
        """Let a store finish what it does behind delivery, such as indexing; nothing to do unless overridden."""

    def test_only_within(self, store: Store) -> None:
        assert self.find(store, All(), NumberSet(((2, 3),))) == [2, 3]
        assert self.find(store, TextContains(b"tea"), uids(2, 4)) == [4]
        assert self.find(store, All(), NumberSet()) == []

    def test_many_ranges_and_keys(self, store: Store) -> None:
        many = SequenceSet(tuple((number, number) for number in range(1, 9000, 2)))
        assert self.find(store, UidIs(many)) == [1, 3]
        assert self.find(store, And((HasFlag(rb"\Seen"),) * 3000)) == [1, 3]
        assert self.find(store, All(), many.resolve(1)) == [1, 3]

    def test_highest_mod_sequence_of_the_hits(self, store: Store) -> None:
        self.append(store, mail("1"), mail("2"))
        mailbox = self.open(store).id
        (row,) = self.add_flags(store, mailbox, uids(2), rb"\Seen").rows
        found = self.ask(store, SearchMessages(mailbox, HasFlag(rb"\Seen"), EVERY_UID, want_modseq=True))
        assert (list(found.uids), found.highest_modseq) == ([2], row.modseq)
        found = self.ask(store, SearchMessages(mailbox, ModSequenceSince(row.modseq), EVERY_UID))
        assert list(found.uids) == [2]
        found = self.ask(store, SearchMessages(mailbox, HasFlag(rb"\Draft"), EVERY_UID, want_modseq=True))
        assert (list(found.uids), found.highest_modseq) == ([], 0)

    def test_a_mailbox_that_is_gone(self, store: Store) -> None:
        with pytest.raises(MailboxNotFound):
            self.ask(store, SearchMessages(MailboxId(ALICE, 999_999), All(), EVERY_UID))
