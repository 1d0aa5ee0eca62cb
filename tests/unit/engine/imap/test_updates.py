from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.imap.asks import Octets
from angarium.engine.imap.identity import Identity
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.state import PlaintextLogin, Selected, Session
from angarium.engine.imap.updates import announce, extended, missing, responses
from angarium.engine.operations import Changes, FlagsRow, MailboxId, OpenedMailbox, ReadChanges, UidMap, UserName
from angarium.engine.steps import Peer
from angarium.grammar.imap.responses import Code, Condition, Exists, FlagsData, Recent, ResponseCode, Untagged, Vanished
from angarium.grammar.imap.sequence_set import NumberSet

MAILBOX = MailboxId(UserName("tim"), 1)


def session(uids: list[int], **features: bool) -> Session:
    result = Session(Peer("x"), Limits(), Identity(), PlaintextLogin.LOCAL)
    opened = OpenedMailbox(MAILBOX, "INBOX", 1, 10, 5, UidMap(uids), stamp=7)
    result.selected = Selected(opened, read_only=False)
    for name, value in features.items():
        setattr(result, name, value)
    return result


def say(to: Session, changes: Changes | None, expunges: bool = True) -> list[Any]:
    return [answer.octets if isinstance(answer, Octets) else answer for answer in responses(to, changes, expunges=expunges)]


def test_nothing_has_happened() -> None:
    to = session([1])
    asking = announce(to, expunges=True)
    assert next(asking) == ReadChanges(MAILBOX, 5, 7, claim_recent=True)
    with pytest.raises(StopIteration):
        asking.send(None)


def test_messages_have_come() -> None:
    to = session([1, 2])
    rows = (FlagsRow(3, (b"new",), 6), FlagsRow(4, (), 6))
    assert say(to, Changes(6, UidMap([1, 2, 3, 4]), rows, recent_from=3, stamp=8)) == [
        Exists(4),
        Recent(2),
        FlagsData((rb"\Answered", rb"\Flagged", rb"\Deleted", rb"\Seen", rb"\Draft", b"new")),
    ]
    assert (to.mailbox.modseq, to.mailbox.stamp) == (6, 8)


def test_revision_2_has_no_recent() -> None:
    assert say(session([], revision2=True), Changes(6, UidMap([1]), recent_from=1)) == [Exists(1)]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({}, b"* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n"),
        ({"qresync": True}, Vanished(NumberSet(((2, 2), (4, 4))))),
        ({"uid_only": True}, Vanished(NumberSet(((2, 2), (4, 4))))),
    ],
)
def test_messages_have_gone(features: dict[str, bool], expected: Any) -> None:
    assert say(session([1, 2, 3, 4], **features), Changes(6, UidMap([1, 3]))) == [expected]


def test_banned_expunges_wait() -> None:
    to = session([1, 2, 3])
    assert say(to, Changes(6, UidMap([1, 3, 4])), expunges=False) == [Exists(4), Recent(0)]
    assert list(to.mailbox.uids) == [1, 2, 3, 4]
    assert say(to, Changes(7, UidMap([3, 4])), expunges=False) == []
    assert say(to, None, expunges=True) == [b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n"]
    assert list(to.mailbox.uids) == [3, 4]


def test_waiting_expunges_are_told_without_news() -> None:
    to = session([1, 2])
    say(to, Changes(6, UidMap([2])), expunges=False)
    asking = announce(to, expunges=True)
    next(asking)
    assert asking.send(None) == Octets(b"* 1 EXPUNGE\r\n")


def announced(to: Session, changes: Changes | None, expunges: bool) -> list[Any]:
    """What ``announce`` says when the store answers with these changes."""
    asking = announce(to, expunges=expunges)
    next(asking)
    with suppress(StopIteration):
        return [asking.send(changes), *asking]
    return []


def up_to(modseq: int) -> Untagged:
    return Untagged(Condition.OK, "all changes up to here have been told", ResponseCode(Code.HIGHESTMODSEQ, (modseq,)))


def test_the_mod_sequence_told_stays_below_expunges_that_wait() -> None:
    to = session([1, 2], qresync=True, condstore=True)
    assert announced(to, Changes(6, UidMap([1]), (), recent_from=9, stamp=8), expunges=False) == [up_to(5)]
    assert announced(to, None, expunges=False) == [up_to(5)]
    assert announced(to, Changes(8, UidMap([1]), (), recent_from=9, stamp=9), expunges=False) == [up_to(5)]
    assert announced(to, None, expunges=True) == [Vanished(NumberSet(((2, 2),))), up_to(8)]
    assert announced(to, None, expunges=True) == []


def test_everything_has_gone() -> None:
    assert say(session([1, 2]), Changes(6, UidMap())) == [b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n"]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({}, b"* 2 FETCH (FLAGS (\\Seen))\r\n"),
        ({"revision2": True}, b"* 2 FETCH (UID 5 FLAGS (\\Seen))\r\n"),
        ({"condstore": True}, b"* 2 FETCH (UID 5 FLAGS (\\Seen) MODSEQ (6))\r\n"),
    ],
)
def test_flags_have_changed(features: dict[str, bool], expected: bytes) -> None:
    assert say(session([3, 5], **features), Changes(6, UidMap([3, 5]), (FlagsRow(5, (rb"\Seen",), 6),))) == [expected]


def test_flags_reported_before_are_not_reported_again() -> None:
    to = session([3, 5])
    to.mailbox.told = {3: 6, 5: 6}
    rows = (FlagsRow(3, (rb"\Seen",), 6), FlagsRow(5, (), 7))
    assert say(to, Changes(7, UidMap([3, 5]), rows)) == [b"* 2 FETCH (FLAGS ())\r\n"]


def test_recent_flag_is_shown() -> None:
    to = session([3, 5])
    to.mailbox.claim_recent(5, 6)
    assert say(to, Changes(6, UidMap([3, 5]), (FlagsRow(5, (), 6),))) == [b"* 2 FETCH (FLAGS (\\Recent))\r\n"]
    to.revision2 = True
    assert say(to, Changes(7, UidMap([3, 5]), (FlagsRow(5, (), 7),))) == [b"* 2 FETCH (UID 5 FLAGS ())\r\n"]


uid_lists = st.lists(st.integers(1, 30), unique=True).map(sorted)


@given(old=uid_lists, new=uid_lists)
def test_view_algebra(old: list[int], new: list[int]) -> None:
    # UIDs only grow: what is new lies above all that was there.
    last = old[-1] if old else 0
    now = [uid for uid in new if uid in old or uid > last]
    gone = missing(UidMap(old), UidMap(now))
    assert gone == [uid for uid in old if uid not in now]
    view = extended(UidMap(old), UidMap(now))
    assert list(view) == old + [uid for uid in now if uid > last]


@given(old=uid_lists, new=uid_lists, qresync=st.booleans())
def test_a_client_that_follows_arrives_at_the_view(old: list[int], new: list[int], qresync: bool) -> None:
    last = old[-1] if old else 0
    now = [uid for uid in new if uid in old or uid > last]
    to, replay = session(old, qresync=qresync), list(old)
    for answer in say(to, Changes(6, UidMap(now))):
        if isinstance(answer, bytes):
            for line in answer.splitlines():
                del replay[int(line.split()[1]) - 1]
        elif isinstance(answer, Vanished):
            replay = [uid for uid in replay if uid not in answer.uids]
        elif isinstance(answer, Exists):
            assert answer.messages >= len(replay)
            replay += now[len(replay) : answer.messages]
    assert replay == now


@pytest.mark.parametrize(
    ("features", "octets"),
    [
        ({}, b"* 1 FETCH (FLAGS (x))\r\n"),
        ({"revision2": True}, b"* 1 FETCH (UID 3 FLAGS (x))\r\n"),
        ({"uid_only": True}, b"* 3 UIDFETCH (FLAGS (x))\r\n"),
        ({"uid_only": True, "condstore": True}, b"* 3 UIDFETCH (FLAGS (x) MODSEQ (6))\r\n"),
    ],
)
def test_changed_flags_name_the_message_as_the_client_does(features: dict[str, bool], octets: bytes) -> None:
    to = session([3, 4], **features)
    assert say(to, Changes(6, UidMap([3, 4]), (FlagsRow(3, (b"x",), 6),)))[-1] == octets
