import pytest

from angarium.engine.imap.identity import Identity
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.state import PlaintextLogin, Selected, Session, may_expunge, names_numbers
from angarium.engine.operations import MailboxId, OpenedMailbox, UidMap, UserName
from angarium.engine.steps import Peer
from angarium.grammar.imap.commands import Command, Fetch, Noop, Search, Sort, Store, StoreMode, Thread
from angarium.grammar.imap.search_keys import All, And, HasFlag, Not, Or, SequenceIs, UidIs
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.grammar.imap.sorting import ThreadAlgorithm

ONE = SequenceSet(((1, 1),))
NUMBERS = SequenceIs(ONE)
UIDS = UidIs(ONE)


@pytest.mark.parametrize(
    ("command", "may"),
    [
        (Noop(), True),
        (Fetch(ONE, ()), False),
        (Fetch(ONE, (), uid=True), True),
        (Store(ONE, StoreMode.ADD, ()), False),
        (Store(ONE, StoreMode.ADD, (), uid=True), True),
        (Sort((), UIDS, b""), False),
        (Sort((), UIDS, b"", uid=True), True),
        (Sort((), NUMBERS, b"", uid=True), False),
        (Thread(ThreadAlgorithm.REFERENCES, UIDS, b""), False),
        (Thread(ThreadAlgorithm.REFERENCES, UIDS, b"", uid=True), True),
        (Thread(ThreadAlgorithm.REFERENCES, NUMBERS, b"", uid=True), False),
        (Search(UIDS), False),
        (Search(UIDS, uid=True), True),
        (Search(NUMBERS, uid=True), False),
        (Search(SequenceIs(SequenceSet(saved=True)), uid=True), True),
        (Search(And((All(), Not(NUMBERS))), uid=True), False),
        (Search(And((All(), Not(UIDS))), uid=True), True),
        (Search(Or(UIDS, NUMBERS), uid=True), False),
        (Search(Or(NUMBERS, UIDS), uid=True), False),
        (Search(Or(UIDS, HasFlag(b"x")), uid=True), True),
    ],
)
def test_expunge_is_banned_where_numbers_are_used(command: Command, may: bool) -> None:
    assert may_expunge(command) is may


def selected(uids: list[int], recent_from: int = 2**32, uidnext: int = 100) -> Selected:
    mailbox = MailboxId(UserName("tim"), 1)
    return Selected(OpenedMailbox(mailbox, "INBOX", 1, uidnext, 1, UidMap(uids), recent_from=recent_from), read_only=False)


def test_sequence_numbers() -> None:
    view = selected([3, 5, 9])
    assert [view.sequence_number(uid) for uid in (3, 5, 9)] == [1, 2, 3]
    assert view.last_uid == 9
    assert selected([]).last_uid == 0


def test_recent() -> None:
    view = selected([3, 5, 9, 12], recent_from=5, uidnext=10)
    assert [view.is_recent(uid) for uid in (3, 5, 9, 12)] == [False, True, True, False]
    assert view.count_recent() == 2
    view.claim_recent(2**32, 13)
    view.claim_recent(12, 13)
    assert view.recent == [(5, 9), (12, 12)]
    view.claim_recent(13, 15)
    view.claim_recent(14, 15)
    assert view.recent == [(5, 9), (12, 14)]
    assert view.count_recent() == 3


@pytest.mark.parametrize(
    ("peer", "policy", "may"),
    [
        (Peer("x"), PlaintextLogin.NEVER, False),
        (Peer("x"), PlaintextLogin.LOCAL, False),
        (Peer("x"), PlaintextLogin.ALWAYS, True),
        (Peer("x", local=True), PlaintextLogin.LOCAL, True),
        (Peer("x", local=True), PlaintextLogin.NEVER, False),
        (Peer("x", tls=True), PlaintextLogin.NEVER, True),
    ],
)
def test_where_passwords_may_be_sent(peer: Peer, policy: PlaintextLogin, may: bool) -> None:
    assert Session(peer, Limits(), Identity(), policy).may_log_in is may


def test_identity_leaves_out_what_is_not_set() -> None:
    assert Identity("A", version="1").parameters == ((b"name", b"A"), (b"version", b"1"))


@pytest.mark.parametrize(
    ("command", "numbers"),
    [
        (Fetch(ONE, ()), True),
        (Fetch(ONE, (), uid=True), False),
        (Search(All()), True),
        (Search(UIDS, uid=True), False),
        (Search(Or(All(), Not(UIDS)), uid=True), False),
        (Search(SequenceIs(SequenceSet(saved=True)), uid=True), True),
        (Search(And((All(), Or(All(), Not(NUMBERS)))), uid=True), True),
    ],
)
def test_whether_messages_are_named_by_number(command: Command, numbers: bool) -> None:
    assert names_numbers(command) is numbers


def test_a_session_that_is_reset_is_as_new() -> None:
    used = Session(Peer("x", tls=True), Limits(), Identity(), PlaintextLogin.LOCAL)
    new = {name: getattr(used, name) for name in Session.__slots__}
    used.user, used.claimed, used.compressed = UserName("tim"), "tim", True
    used.revision2 = used.condstore = used.qresync = used.uid_only = True
    used.reset()
    assert {name: getattr(used, name) for name in Session.__slots__} == new
