# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of save dates, of keys that ask the clock, and of previews (RFC 8514, RFC 5032, RFC 8970)."""

from datetime import UTC, datetime, timedelta

import pytest

from angarium.engine.operations import Column, CopyMessages, CreateMailbox, MailboxId, NewMessage, RenameMailbox, SearchMessages
from angarium.grammar.imap.search_keys import DateField, DateIs, DateTest, Not, Older, SaveDateSupported, SearchKey, Younger
from angarium.grammar.imap.terminals import MONTHS
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, mail, uids
from angarium.store.store import Store

LONG_AGO = datetime(1994, 2, 7, 21, 52, 25, tzinfo=UTC)


def day_of(save_date: bytes) -> datetime:
    """Read a rendered save date."""
    day, month, rest = save_date.strip(b'"').decode("ascii").split("-", 2)
    return datetime.strptime(f"{day.strip()} {MONTHS.index(month) + 1} {rest}", "%d %m %Y %H:%M:%S %z")


class DatesContract(Harness):
    """SAVEDATE and PREVIEW of FetchMessages, their keys and OLDER and YOUNGER of SearchMessages."""

    def found(self, store: Store, mailbox: MailboxId, key: SearchKey) -> list[int]:
        """Search a mailbox."""
        return list(self.ask(store, SearchMessages(mailbox, key, EVERY_UID)).uids)

    def save_dates(self, store: Store, name: str) -> list[bytes]:
        """Read the save dates of a mailbox, if it has them."""
        mailbox = self.open(store, name).id
        dates = [row.savedate for row in self.rows(store, mailbox, Column.SAVEDATE)]
        supported = self.found(store, mailbox, SaveDateSupported())
        assert len(supported) in (0, len(dates))
        assert all((each == b"NIL") != bool(supported) for each in dates)
        if not supported:
            pytest.skip("the store keeps no save dates")
        return dates

    def test_a_save_date_is_the_stores_own(self, store: Store) -> None:
        appended = self.append(store, NewMessage(mail("1"), internal_date=LONG_AGO))
        (saved,) = self.save_dates(store, "INBOX")
        assert saved not in {row.internal_date for row in self.rows(store, appended.mailbox, Column.INTERNALDATE)}
        assert self.save_dates(store, "INBOX") == [saved]
        day_of(saved)

    def test_search_by_save_date(self, store: Store) -> None:
        appended = self.append(store, NewMessage(mail("1"), internal_date=LONG_AGO))
        (saved,) = self.save_dates(store, "INBOX")
        on = day_of(saved).date()
        for test, day, expected in (
            (DateTest.ON, on, [1]),
            (DateTest.ON, LONG_AGO.date(), []),
            (DateTest.SINCE, on, [1]),
            (DateTest.SINCE, on + timedelta(days=1), []),
            (DateTest.BEFORE, on, []),
            (DateTest.BEFORE, on + timedelta(days=1), [1]),
        ):
            assert self.found(store, appended.mailbox, DateIs(DateField.SAVED, test, day)) == expected

    @pytest.mark.parametrize("move", [False, True])
    def test_what_is_copied_is_saved_anew(self, store: Store, move: bool) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        appended = self.append(store, NewMessage(mail("1"), internal_date=LONG_AGO))
        before = self.save_dates(store, "INBOX")
        self.ask(store, CopyMessages(appended.mailbox, uids(1), ALICE, "Work", move))
        assert self.save_dates(store, "INBOX") == ([] if move else before)
        (after,) = self.save_dates(store, "Work")
        assert day_of(after) >= day_of(before[0])

    def test_a_mailbox_that_is_renamed_keeps_its_save_dates(self, store: Store) -> None:
        self.ask(store, CreateMailbox(ALICE, "Work"))
        self.append(store, mail("1"), name="Work")
        before = self.save_dates(store, "Work")
        self.ask(store, RenameMailbox(ALICE, "Work", "Play"))
        assert self.save_dates(store, "Play") == before

    def test_older_and_younger(self, store: Store) -> None:
        future = datetime(2999, 1, 1, tzinfo=UTC)
        appended = self.append(store, NewMessage(mail("1"), internal_date=LONG_AGO), NewMessage(mail("2"), internal_date=future))
        for seconds, older, younger in ((1, [1], [2]), (86_400, [1], [2]), (2**32 - 1, [], [1, 2])):
            assert self.found(store, appended.mailbox, Older(seconds)) == older
            assert self.found(store, appended.mailbox, Younger(seconds)) == younger
            assert self.found(store, appended.mailbox, Not(Younger(seconds))) == older

    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            (b"Subject: a\r\n\r\nWhat the\r\n\tmessage says.\r\n", b'"What the message says."'),
            (b'Subject: a\r\n\r\n"Quoted" \\ and so on\r\n', b'"\\"Quoted\\" \\\\ and so on"'),
            ("Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n".encode(), b"{7}\r\nGr\xc3\xbc\xc3\x9fe"),
            (b"Content-Type: text/html\r\n\r\n<p>No &lt;markup&gt;</p>\r\n", b'"No <markup>"'),
            (b"Content-Type: image/png\r\n\r\n\x89PNG\r\n", b'""'),
            (b"", b'""'),
        ],
    )
    def test_a_preview_is_a_string(self, store: Store, octets: bytes, expected: bytes) -> None:
        appended = self.append(store, octets)
        for columns in (Column.PREVIEW, Column.PREVIEW | Column.HEADER, Column.PREVIEW | Column.FLAGS | Column.SIZE):
            (row,) = self.rows(store, appended.mailbox, columns)
            assert row.preview == expected
