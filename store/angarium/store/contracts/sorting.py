# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of SORT and THREAD (RFC 5256, RFC 5957)."""

from datetime import UTC, datetime
from typing import Final

import pytest

from angarium.engine.operations import MailboxId, MailboxNotFound, NewMessage, Sorted, SortMessages, ThreadMessages
from angarium.grammar.imap.search_keys import All, HasFlag, SearchKey
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm
from angarium.store.contracts.harness import ALICE, EVERY_UID, Harness, uids
from angarium.store.store import Store

ROWS: Final = (
    # header, flags, received
    ("From: b@x\r\nTo: a@x\r\nSubject: Tea\r\nDate: Fri, 5 Jan 2024 23:30:00 -0500\r\nMessage-ID: <1@x>\r\n", (), 4),
    ("From: A <C@x>\r\nCc: z@x\r\nSubject: apples\r\nMessage-ID: <2@x>\r\nReferences: <9@x>\r\n", (rb"\Seen",), 6),
    ("From: a@x\r\nCc: B@x\r\nSubject: re: TEA\r\nDate: Fri, 5 Jan 2024 10:00:00 +0000\r\nX: a longer one\r\n", (), 2),
    ("Subject: =?utf-8?q?=C3=84pfel?=\r\nDate: Sat, 6 Jan 2024 04:00:00 +0000\r\nReferences: <9@x>\r\n", (rb"\Seen",), 6),
)


class SortingContract(Harness):
    """SortMessages and ThreadMessages."""

    def filled(self, store: Store) -> MailboxId:
        """Four messages."""
        for header, flags, day in ROWS:
            self.append(store, NewMessage(f"{header}\r\nx".encode(), flags, datetime(2024, 1, day, tzinfo=UTC)))
        return self.open(store).id

    @pytest.mark.parametrize(
        ("criteria", "expected"),
        [
            ((SortCriterion(SortKey.ARRIVAL),), (3, 1, 2, 4)),
            ((SortCriterion(SortKey.ARRIVAL, True),), (2, 4, 1, 3)),
            ((SortCriterion(SortKey.CC),), (1, 4, 3, 2)),
            ((SortCriterion(SortKey.DATE),), (3, 2, 4, 1)),
            ((SortCriterion(SortKey.FROM),), (4, 3, 1, 2)),
            ((SortCriterion(SortKey.DISPLAYFROM),), (4, 2, 3, 1)),
            ((SortCriterion(SortKey.DISPLAYTO),), (2, 3, 4, 1)),
            ((SortCriterion(SortKey.SIZE, True),), (3, 1, 4, 2)),
            ((SortCriterion(SortKey.SUBJECT),), (2, 4, 1, 3)),
            ((SortCriterion(SortKey.SUBJECT, True),), (1, 3, 4, 2)),
            ((SortCriterion(SortKey.SUBJECT, True), SortCriterion(SortKey.DATE)), (3, 1, 4, 2)),
            ((SortCriterion(SortKey.TO), SortCriterion(SortKey.ARRIVAL)), (3, 2, 4, 1)),
        ],
    )
    def test_orders(self, store: Store, criteria: tuple[SortCriterion, ...], expected: tuple[int, ...]) -> None:
        mailbox = self.filled(store)
        assert self.ask(store, SortMessages(mailbox, criteria, All(), EVERY_UID)) == Sorted(expected)

    @pytest.mark.parametrize(
        ("key", "within", "expected"),
        [
            (HasFlag(rb"\Seen"), EVERY_UID, (4, 2)),
            (All(), uids(1, 4), (4, 1)),
            (HasFlag(rb"\Draft"), EVERY_UID, ()),
            (All(), NumberSet(), ()),
        ],
    )
    def test_sort_only_what_matches(self, store: Store, key: SearchKey, within: NumberSet, expected: tuple[int, ...]) -> None:
        mailbox = self.filled(store)
        criteria = (SortCriterion(SortKey.FROM),)
        assert self.ask(store, SortMessages(mailbox, criteria, key, within)) == Sorted(expected)

    def test_highest_mod_sequence_of_what_is_sorted(self, store: Store) -> None:
        mailbox = self.filled(store)
        (row,) = self.add_flags(store, mailbox, uids(2), b"$Work").rows
        operation = SortMessages(mailbox, (SortCriterion(SortKey.SIZE),), HasFlag(b"$Work"), EVERY_UID, want_modseq=True)
        assert self.ask(store, operation) == Sorted((2,), row.modseq)

    @pytest.mark.parametrize(
        ("algorithm", "key", "within", "expected"),
        [
            (ThreadAlgorithm.ORDEREDSUBJECT, All(), EVERY_UID, ((0, 3), (1, 1), (0, 2), (0, 4))),
            (ThreadAlgorithm.REFERENCES, All(), EVERY_UID, ((0, None), (1, 2), (1, 4), (0, 1), (1, 3))),
            (ThreadAlgorithm.REFS, All(), EVERY_UID, ((0, 3), (0, 1), (0, None), (1, 2), (1, 4))),
            (ThreadAlgorithm.REFERENCES, All(), uids(1, 2, 3), ((0, 2), (0, 1), (1, 3))),
            (ThreadAlgorithm.REFERENCES, HasFlag(rb"\Seen"), EVERY_UID, ((0, None), (1, 2), (1, 4))),
            (ThreadAlgorithm.REFERENCES, HasFlag(rb"\Draft"), EVERY_UID, ()),
            (ThreadAlgorithm.ORDEREDSUBJECT, All(), NumberSet(), ()),
        ],
    )
    def test_threads(
        self,
        store: Store,
        algorithm: ThreadAlgorithm,
        key: SearchKey,
        within: NumberSet,
        expected: tuple[tuple[int, int | None], ...],
    ) -> None:
        mailbox = self.filled(store)
        assert self.ask(store, ThreadMessages(mailbox, algorithm, key, within)).members == expected

    def test_mailboxes_to_sort_that_are_gone(self, store: Store) -> None:
        gone = MailboxId(ALICE, 999_999)
        with pytest.raises(MailboxNotFound):
            self.ask(store, SortMessages(gone, (SortCriterion(SortKey.DATE),), All(), EVERY_UID))
        with pytest.raises(MailboxNotFound):
            self.ask(store, ThreadMessages(gone, ThreadAlgorithm.REFERENCES, All(), EVERY_UID))
