"""What untagged data does to a client's picture of the selected mailbox (RFC 9051 §7.4, RFC 7162 §3.2.10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.imap.client_view import MailboxView, ServerMisbehaved
from angarium.grammar.imap.responses import (
    Code,
    Condition,
    Exists,
    Expunged,
    FetchData,
    Flags,
    FlagsData,
    ListData,
    Recent,
    Response,
    ResponseCode,
    Uid,
    Untagged,
    Vanished,
)
from angarium.grammar.imap.sequence_set import NumberSet


def view(*uids: int | None) -> MailboxView:
    return MailboxView("INBOX", uids=list(uids))


@pytest.mark.parametrize(
    ("before", "response", "after"),
    [
        ([], Exists(2), [None, None]),
        ([7], Exists(1), [7]),
        ([7], Exists(3), [7, None, None]),
        ([7, 8, 9], Expunged(2), [7, 9]),
        ([None, 8], FetchData(1, (Flags(()), Uid(5))), [5, 8]),
        ([5, 8], FetchData(1, (Uid(5),)), [5, 8]),
        ([5, 8], FetchData(2, (Flags(()),)), [5, 8]),
        ([5, 8, 9], Vanished(NumberSet(((5, 5), (9, 9)))), [8]),
        ([5, 8, 9], Vanished(NumberSet(((5, 5),)), earlier=True), [5, 8, 9]),
        ([5, None, 9], Vanished(NumberSet(((6, 6),))), [None, None]),
        ([None, None], Vanished(NumberSet(((6, 7),))), []),
        ([5], ListData((), "/", "INBOX"), [5]),
    ],
)
def test_messages_come_go_and_are_named(before: list[int | None], response: Response, after: list[int | None]) -> None:
    mailbox = view(*before)
    mailbox.apply(response)
    assert mailbox.uids == after
    assert mailbox.exists == len(after)


@pytest.mark.parametrize(
    ("before", "response"),
    [
        ([7, 8], Exists(1)),
        ([7], Expunged(2)),
        ([], FetchData(1, (Flags(()),))),
        ([7], FetchData(1, (Uid(8),))),
        ([7], Vanished(NumberSet(((8, 9),)))),
    ],
)
def test_what_cannot_be_is_refused(before: list[int | None], response: Response) -> None:
    with pytest.raises(ServerMisbehaved):
        view(*before).apply(response)


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        (ResponseCode(Code.UIDVALIDITY, (5,)), "uidvalidity", 5),
        (ResponseCode(Code.UIDNEXT, (6,)), "uidnext", 6),
        (ResponseCode(Code.HIGHESTMODSEQ, (7,)), "highest_modseq", 7),
        (ResponseCode(Code.NOMODSEQ), "highest_modseq", None),
        (ResponseCode(Code.PERMANENTFLAGS, (b"\\Seen", b"\\*")), "permanent_flags", (b"\\Seen", b"\\*")),
        (ResponseCode(Code.READ_ONLY), "read_only", True),
        (ResponseCode(Code.READ_WRITE), "read_only", False),
        (ResponseCode(Code.ALERT), "uidvalidity", None),
    ],
)
def test_codes_describe_the_mailbox(code: ResponseCode, name: str, value: object) -> None:
    mailbox = view()
    mailbox.apply(Untagged(Condition.OK, "", code))
    assert getattr(mailbox, name) == value


def test_flags_and_recent_are_kept() -> None:
    mailbox = view(1)
    mailbox.apply(FlagsData((b"\\Seen",)))
    mailbox.apply(Recent(1))
    mailbox.apply(Untagged(Condition.OK, "just words"))
    assert (mailbox.flags, mailbox.recent) == ((b"\\Seen",), 1)


@given(st.lists(st.integers(1, 40), unique=True, max_size=20), st.data())
def test_expunge_one_by_one_is_vanished_at_once(numbers: list[int], data: st.DataObject) -> None:
    uids = sorted(numbers)
    gone = data.draw(st.lists(st.sampled_from(uids), unique=True)) if uids else []
    by_number, by_uid = view(*uids), view(*uids)
    for uid in gone:
        by_number.apply(Expunged(by_number.uids.index(uid) + 1))
    by_uid.apply(Vanished(NumberSet.from_numbers(gone)))
    assert by_number == by_uid
