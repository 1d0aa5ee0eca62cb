"""Commands, replies and the order of a transaction, as LMTP takes them over (RFC 5321 §3.3, §4.1, §4.2)."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.lmtp.session import State
from angarium.engine.operations import AppendMessages, OverQuota, ResolveRecipient, StoreBusy, StoreError
from angarium.engine.steps import Closed, Shutdown, TimedOut
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue, body, inbox

REPLY_CODES = {
    211,
    214,
    220,
    221,
    250,
    251,
    252,
    354,
    421,
    450,
    451,
    452,
    455,
    500,
    501,
    502,
    503,
    504,
    550,
    551,
    552,
    553,
    554,
    555,
}
LINES = (
    b"LHLO m", b"LHLO", b"EHLO m", b"MAIL FROM:<>", b"MAIL FROM:x", b"RCPT TO:<ann>", b"RCPT TO:<nobody>", b"RCPT TO:<>",
    b"DATA x", b"RSET", b"RSET x", b"VRFY a", b"VRFY", b"EXPN a", b"HELP", b"HELP x", b"NOOP", b"NOOP x", b"TURN", b"", b"BDAT 0",
    b"MAIL FROM:<> X=1", b"QUIT x",
)  # fmt: skip
STATES = {
    State.CONNECTED: b"",
    State.READY: b"LHLO m\r\n",
    State.SENDER: b"LHLO m\r\nMAIL FROM:<>\r\n",
    State.RECIPIENTS: b"LHLO m\r\n" + BEGIN,
    State.CHUNKS: b"LHLO m\r\n" + BEGIN + b"BDAT 1\r\nx",
}


def connect(users: ModelStore, state: State = State.READY) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    if STATES[state]:
        connection.say(STATES[state])
    assert connection.server.state is state
    return connection


def refusing(kind: type, error: StoreError, users: ModelStore) -> Callable[[Any], Any]:
    def execute(operation: Any) -> Any:
        if isinstance(operation, kind):
            raise error
        return users.execute(operation)

    return execute


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": "", "ben": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    return connect(users)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("line", LINES)
def test_one_reply_for_each_command_with_a_code_of_the_rfc(users: ModelStore, state: State, line: bytes) -> None:
    said = connect(users, state).say(line + b"\r\n")
    assert [each for each in said if each[3:4] == " "] == said[-1:]
    assert len({each[:3] for each in said}) == 1
    assert int(said[0][:3]) in REPLY_CODES
    assert all(re.match(r"\d{3}[- ]\S", each) for each in said)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("line", LINES)
def test_a_command_that_fails_leaves_the_state(users: ModelStore, state: State, line: bytes) -> None:
    connection = connect(users, state)
    if connection.codes(line + b"\r\n")[0][0] in "45":
        assert connection.server.state is state
        assert not connection.closed


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("line", "code"), [(b"NOOP x", "250"), (b"HELP", "214"), (b"EXPN a", "502"), (b"VRFY a", "252"), (b"RSET", "250")]
)
def test_what_is_in_place_everywhere(users: ModelStore, state: State, line: bytes, code: str) -> None:
    assert connect(users, state).codes(line + b"\r\n")[0][:3] == code


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (State.CONNECTED, b"MAIL FROM:<>"),
        (State.CONNECTED, b"RCPT TO:<ann>"),
        (State.READY, b"RCPT TO:<ann>"),
        (State.READY, b"DATA"),
        (State.SENDER, b"DATA"),
        (State.SENDER, b"MAIL FROM:<>"),
        (State.RECIPIENTS, b"MAIL FROM:<>"),
        (State.CHUNKS, b"MAIL FROM:<>"),
        (State.CHUNKS, b"RCPT TO:<ann>"),
    ],
)
def test_out_of_order_is_503(users: ModelStore, state: State, line: bytes) -> None:
    connection = connect(users, state)
    assert connection.codes(line + b"\r\n") == ["503 5.5.1"]
    assert connection.server.state is state


@pytest.mark.parametrize(
    "line", [b"MAIL FROM:a@b", b"MAIL FROM:<a b@c>", b"MAIL", b"RSET x", b"DATA x", b"QUIT x", b"RCPT TO:<a"]
)
def test_wrong_arguments_are_501(ready: LmtpDialogue, line: bytes) -> None:
    assert ready.codes(line + b"\r\n") == ["501 5.5.4"]


@pytest.mark.parametrize("line", [b"TURN", b"STARTTLS", b"AUTH PLAIN", b"", b"XFOO bar"])
def test_an_unknown_command_is_500_and_no_reason_to_leave(ready: LmtpDialogue, line: bytes) -> None:
    for _ in range(10):
        assert ready.codes(line + b"\r\n") == ["500 5.5.1"]
    assert ready.codes(b"NOOP\r\n") == ["250 2.0.0"]


@pytest.mark.parametrize("line", [b"noop", b"nOOp", b"mail from:<a@b>", b"MAIL FROM:<a@b> size=5", b"RSET  ", b"NOOP x  "])
def test_case_and_white_space_at_the_end_do_not_matter(ready: LmtpDialogue, line: bytes) -> None:
    assert ready.codes(line + b"\r\n")[0][:3] == "250"


@pytest.mark.parametrize("state", [State.SENDER, State.RECIPIENTS, State.CHUNKS])
@pytest.mark.parametrize("line", [b"RSET\r\n", b"LHLO again\r\n"])
def test_rset_and_lhlo_forget_everything(users: ModelStore, state: State, line: bytes) -> None:
    connection = connect(users, state)
    assert connection.codes(line)[0][:3] == "250"
    assert connection.server.state is State.READY
    assert connection.codes(b"DATA\r\n") == ["503 5.5.1"]
    connection.say(b"MAIL FROM:<>\r\nRCPT TO:<ben>\r\nDATA\r\n")
    assert connection.codes(b"x\r\n.\r\n") == ["250 2.0.0"]
    assert (len(inbox(users.execute)), len(inbox(users.execute, "ben"))) == (0, 1)


@pytest.mark.parametrize("state", [State.CONNECTED, State.READY])
def test_rset_is_a_noop_outside_a_transaction(users: ModelStore, state: State) -> None:
    connection = connect(users, state)
    assert connection.codes(b"RSET\r\nRSET\r\n") == ["250 2.0.0"] * 2
    assert connection.server.state is state


@pytest.mark.parametrize("state", STATES)
def test_quit_is_answered_221_and_ends_without_delivery(users: ModelStore, state: State) -> None:
    connection = connect(users, state)
    assert connection.codes(b"QUIT\r\n") == ["221 2.0.0"]
    assert connection.closed
    assert inbox(users.execute) == []


@pytest.mark.parametrize(
    ("event", "said"),
    [(Closed(), []), (TimedOut(), ["421 4.4.2 here timed out"]), (Shutdown(), ["421 4.3.2 here shutting down"])],
)
@pytest.mark.parametrize("line", [b"DATA\r\n", b"BDAT 5\r\n"])
def test_an_end_in_between_delivers_nothing_and_undoes_nothing(
    ready: LmtpDialogue, users: ModelStore, event: Any, said: list[str], line: bytes
) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    ready.say(b"first\r\n.\r\n")
    ready.say(BEGIN + line)
    ready.say(b"sec")
    assert ready.send(event) == said
    assert ready.closed
    assert [body(each) for each in inbox(users.execute)] == [b"first\r\n"]


def test_a_source_route_is_taken_and_dropped(ready: LmtpDialogue) -> None:
    assert ready.codes(b"MAIL FROM:<>\r\nRCPT TO:<@a.example,@b.example:ann@here>\r\n") == ["250 2.1.0", "250 2.1.5"]
    assert [each.address for each in ready.operations if isinstance(each, ResolveRecipient)] == ["ann@here"]


@pytest.mark.parametrize("line", [b"MAIL FROM:<> RET=HDRS", b"MAIL FROM:<> AUTH=<>"])
def test_parameters_that_nobody_offered_are_555(ready: LmtpDialogue, line: bytes) -> None:
    assert ready.codes(line + b"\r\n") == ["555 5.5.4"]


@pytest.mark.parametrize(
    "message",
    [
        b"", b"no header at all\r\n", b"Resent-To: x\r\n\r\n", b"Resent-From: a\r\nResent-From: b\r\nResent-Date: c\r\n\r\n",
        b"From\r\nX\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\nx\r\n", b"\x01\x1b\x7f\n\r\t\r\n", b"a\nb\rc\r\n",
    ],
)  # fmt: skip
def test_defects_of_a_message_are_no_reason_to_refuse_it(ready: LmtpDialogue, users: ModelStore, message: bytes) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.codes(message + b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == message


@pytest.mark.parametrize(
    "line", [b"x\n.\nMAIL FROM:<>\r\n", b"x\r.\rMAIL FROM:<>\r\n", b"x\n.\r\nMAIL FROM:<>\r\n", b"x\r\n.\nMAIL FROM:<>\r\n"]
)
def test_only_crlf_ends_lines_and_messages(ready: LmtpDialogue, line: bytes) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.say(line) == []
    assert ready.codes(b".\r\n") == ["250 2.0.0"]


@pytest.mark.parametrize("line", [b"NOOP \nNOOP\r\n", b"NOOP \rNOOP\r\n"])
def test_a_bare_cr_or_lf_in_a_command_ends_nothing(ready: LmtpDialogue, line: bytes) -> None:
    assert ready.codes(line) == ["501 5.5.4"]


def test_no_line_is_added(ready: LmtpDialogue, users: ModelStore) -> None:
    for message in (b"", b"x\r\n", b"x\r\n\r\n"):
        ready.say(BEGIN + b"DATA\r\n")
        ready.say(message + b".\r\n")
    assert [body(each) for each in inbox(users.execute)] == [b"", b"x\r\n", b"x\r\n\r\n"]


@pytest.mark.parametrize("message", [b".\r\n", b"..\r\n", b"a\r\n.\r\n..b\r\n", b".a\r\n\r\n.\r\n", b"a.\r\n"])
def test_dots_are_removed_as_they_were_added(ready: LmtpDialogue, users: ModelStore, message: bytes) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
    assert ready.codes(stuffed + b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == message


@pytest.mark.parametrize(("error", "code"), [(StoreBusy(), "451 4.3.0"), (OverQuota(), "552 5.2.2")])
def test_a_message_that_was_refused_is_not_tried_again(users: ModelStore, error: StoreError, code: str) -> None:
    connection = LmtpDialogue(refusing(AppendMessages, error, users))
    connection.say(b"LHLO m\r\n" + BEGIN + b"DATA\r\n")
    assert connection.codes(b"x\r\n.\r\n") == [code]
    connection.execute = users.execute
    assert connection.codes(b"NOOP\r\nQUIT\r\n") == ["250 2.0.0", "221 2.0.0"]
    assert inbox(users.execute) == []


def test_buffers_are_cleared_after_a_message(ready: LmtpDialogue) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    ready.say(b"x\r\n.\r\n")
    assert ready.codes(b"RCPT TO:<ann>\r\nDATA\r\nMAIL FROM:<>\r\nDATA\r\n") == [
        "503 5.5.1",
        "503 5.5.1",
        "250 2.1.0",
        "503 5.5.1",
    ]


def test_the_domain_of_lhlo_is_not_held_against_the_client(users: ModelStore) -> None:
    for name in (b"nowhere.invalid", b"[203.0.113.9]", b"[IPv6:2001:db8::1]"):
        connection = LmtpDialogue(users.execute)
        assert connection.codes(b"LHLO " + name + b"\r\n" + BEGIN) == ["250", "250 2.1.0", "250 2.1.5"]
