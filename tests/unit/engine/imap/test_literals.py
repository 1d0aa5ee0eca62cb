from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.imap.literals import tag_of
from angarium.engine.operations import AppendMessages, DiscardStaged, StageOctets, StoreUnavailable
from angarium.engine.steps import Closed
from angarium.grammar.imap.commands import StagedLiteral
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

LIMITS = Limits(
    literal_octets_max=10,
    append_octets_max=1_000,
    append_sum_octets_max=1_500,
    append_literals_max=4,
    append_memory_octets_max=20,
    login_literal_octets_max=5,
    literal_count_max=3,
)


@pytest.fixture
def tim(store: ModelStore) -> Dialogue:
    connection = Dialogue(store.execute, limits=LIMITS)
    connection.command("in LOGIN tim secret")
    connection.operations.clear()
    return connection


@pytest.mark.parametrize(
    ("octets", "tag"),
    [(b"a1 NOOP", b"a1"), (b"a+ NOOP", None), (b"", None), (b" x", None), (b"(x y", None), (b"abc", None)],
)
def test_tag(octets: bytes, tag: bytes | None) -> None:
    assert tag_of(octets) == tag


def test_small_message_is_not_staged(tim: Dialogue) -> None:
    assert tim.command("a APPEND INBOX {3}") == [b"+ go ahead"]
    assert tim.command("abc")[-1] == b"a OK [APPENDUID 1 1] APPEND completed"
    assert [type(operation) for operation in tim.operations] == [AppendMessages]


def test_large_message_is_staged_as_it_comes(tim: Dialogue) -> None:
    assert tim.command("a APPEND INBOX {11}") == [b"+ go ahead"]
    for piece in (b"12345", b"678901", b"\r\n"):
        lines = tim.say(piece)
    assert lines == [b"a OK [APPENDUID 1 1] APPEND completed"]
    first, second, third = tim.operations
    assert (first, second.octets) == (StageOctets(b"12345"), b"678901")
    assert third.messages[0].content == StagedLiteral(second.token, 11)


def test_large_messages_are_staged_one_after_the_other(tim: Dialogue) -> None:
    tim.say(b"a APPEND INBOX {11+}\r\n123456")
    tim.say(b"78901 {3+}\r\nabc {12+}\r\n1234567890")
    assert tim.say(b"12\r\n") == [b"a OK [APPENDUID 1 1:3] APPEND completed"]
    *staged, add = tim.operations
    assert [(each.octets, each.token is None) for each in staged] == [
        (b"123456", True),
        (b"78901", False),
        (b"1234567890", True),
        (b"12", False),
    ]
    tokens = [staged[1].token, staged[3].token]
    assert [each.content for each in add.messages] == [StagedLiteral(tokens[0], 11), b"abc", StagedLiteral(tokens[1], 12)]


def test_small_messages_are_staged_once_much_is_in_memory(tim: Dialogue) -> None:
    message = b" {10+}\r\n0123456789"
    assert tim.say(b"a APPEND INBOX" + message * 3 + b"\r\n") == [b"a OK [APPENDUID 1 1:3] APPEND completed"]
    assert [type(operation) for operation in tim.operations] == [StageOctets, AppendMessages]
    tim.operations.clear()
    tim.say(b"b APPEND INBOX" + message * 2 + b"\r\n")
    assert [type(operation) for operation in tim.operations] == [AppendMessages]


@pytest.mark.parametrize("second", [b" {11}\r\n", b" {11+}\r\n12345678901\r\n"])
def test_no_more_is_wanted_when_one_of_the_messages_was_wrong(tim: Dialogue, second: bytes) -> None:
    lines = tim.say(b"a APPEND INBOX {12+}\r\n12345678901x {11+}\r\n1234567890\0" + second)
    assert lines == [b"a BAD expected CHAR8 in the literal, found NUL"]
    assert [type(operation) for operation in tim.operations] == [StageOctets, DiscardStaged]
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


def test_all_staged_messages_are_forgotten(tim: Dialogue) -> None:
    tim.say(b"a APPEND nowhere {11+}\r\n12345678901 {11+}\r\n12345678901\r\n")
    first, second, _, *forgotten = tim.operations
    assert [type(each) for each in (first, second)] == [StageOctets, StageOctets]
    assert len({each.token for each in forgotten if isinstance(each, DiscardStaged)}) == 2


def test_message_that_cannot_be_added_is_discarded(tim: Dialogue) -> None:
    assert tim.command("a APPEND nowhere {11+}\r\n12345678901")[0].startswith(b"a NO [TRYCREATE]")
    assert isinstance(tim.operations[-1], DiscardStaged)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("a APPEND INBOX {1001}", b"a NO [TOOBIG] the message is too large"),
        ("a CREATE {11}", b"a BAD the literal is too large"),
        ("( {11}", b"* BAD the literal is too large"),
        ("a SEARCH {1+}\r\na {1+}\r\nb {1+}\r\nc {1}", b"a BAD there are too many literals"),
        ("a APPEND INBOX {1+}\r\na {1+}\r\nb {1+}\r\nc {1+}\r\nd {1}", b"a NO [LIMIT] too much for one APPEND"),
        ("a APPEND INBOX {900+}\r\n" + "x" * 900 + " {601}", b"a NO [LIMIT] too much for one APPEND"),
    ],
)
def test_refuses_synchronizing(tim: Dialogue, line: str, answer: bytes) -> None:
    assert tim.command(line)[-1] == answer
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


def test_refuses_and_skips_the_other_kind(tim: Dialogue) -> None:
    assert tim.command("a CREATE {11+}\r\nb LOGOUT\r\n 1") == [b"a BAD the literal is too large"]
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


def test_large_literals_need_a_login(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=LIMITS)
    connection.lines()
    assert connection.command("a LOGIN {6}") == [b"a BAD the literal is too large"]
    assert connection.command("a APPEND INBOX {6}") == [b"a BAD the literal is too large"]
    assert connection.command("a LOGIN {3+}\r\ntim secret")[0].startswith(b"a OK")


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"a APPEND INBOX {3+}\r\na\0b\r\n", b"a BAD expected CHAR8 in the literal, found NUL"),
        (b"a APPEND INBOX {11+}\r\n1234567890\0\r\n", b"a BAD expected CHAR8 in the literal, found NUL"),
    ],
)
def test_nul_is_refused(tim: Dialogue, octets: bytes, answer: bytes) -> None:
    assert tim.say(octets) == [answer]


def test_nul_of_literal8_goes_to_the_store(tim: Dialogue) -> None:
    tim.say(b"a APPEND INBOX ~{3+}\r\na\0b ~{11+}\r\n1234567890\0\r\n")
    staged, add, _ = tim.operations
    assert staged == StageOctets(b"1234567890\0")
    assert [(type(each.content), each.binary) for each in add.messages] == [(bytes, True), (StagedLiteral, True)]


def test_staged_octets_are_forgotten_when_more_is_wrong(tim: Dialogue) -> None:
    tim.say(b"a APPEND INBOX {13+}\r\n12345")
    tim.say(b"678\0")
    assert tim.say(b"9012\r\n") == [b"a BAD expected CHAR8 in the literal, found NUL"]
    assert [type(operation) for operation in tim.operations] == [StageOctets, DiscardStaged]


@pytest.mark.parametrize(
    ("rest", "answer"),
    [
        (b" nonsense\r\n", b"a BAD"),
        (b" {2000}\r\n", b"a NO [TOOBIG]"),
        (b" " + b"x" * 70_000 + b"\r\n", b"a BAD the line is too long"),
    ],
)
def test_staged_octets_of_no_command_are_forgotten(tim: Dialogue, rest: bytes, answer: bytes) -> None:
    lines = tim.say(b"a APPEND INBOX {11+}\r\n12345678901" + rest)
    assert lines[0].startswith(answer)
    assert isinstance(tim.operations[-1], DiscardStaged)
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


@pytest.mark.parametrize("rest", [b" {3+}\r\nabc\r\n", b" {11+}\r\n12345678901\r\n", b"\r\n"])
def test_large_literal_in_place_of_a_name(tim: Dialogue, rest: bytes) -> None:
    (answer,) = tim.say(b"a APPEND {11+}\r\n12345678901" + rest)
    assert answer.startswith(b"a BAD")
    assert isinstance(tim.operations[-1], DiscardStaged)


def test_client_that_goes_in_the_middle(tim: Dialogue) -> None:
    tim.say(b"a APPEND INBOX {11+}\r\n12345")
    tim.send(Closed())
    assert isinstance(tim.operations[-1], DiscardStaged)


def failing(execute: Callable[[Any], Any], kind: type) -> Callable[[Any], Any]:
    def carry_out(operation: Any) -> Any:
        if isinstance(operation, kind):
            raise StoreUnavailable("disk full")
        return execute(operation)

    return carry_out


def test_store_that_takes_no_more(tim: Dialogue, store: ModelStore) -> None:
    tim.execute = failing(store.execute, StageOctets)
    tim.say(b"a APPEND INBOX {13+}\r\n12345")
    assert tim.say(b"67890123\r\n") == [b"a NO [UNAVAILABLE] disk full"]
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


def test_store_that_cannot_even_forget(tim: Dialogue, store: ModelStore) -> None:
    tim.execute = failing(store.execute, DiscardStaged)
    assert tim.command("a APPEND nowhere {11+}\r\n12345678901")[0].startswith(b"a NO [TRYCREATE]")
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]
