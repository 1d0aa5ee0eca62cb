"""Commands in one go (RFC 2920 §3.2)."""

import pytest

from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue, body, inbox

SESSION = (
    b"LHLO mta\r\nMAIL FROM:<>\r\nRCPT TO:<nobody>\r\nRCPT TO:<ann>\r\nFOO\r\nDATA\r\none\r\n..\r\n.\r\n"
    b"MAIL FROM:<a@b>\r\nRCPT TO:<ann>\r\nBDAT 3\r\nQUIBDAT 4 LAST\r\nT\r\n\nRCPT TO:<ann>\r\nBDAT 4\r\nRSETNOOP\r\nQUIT\r\n"
)
ANSWERS = [
    "250", "250 2.1.0", "550 5.1.1", "250 2.1.5", "500 5.5.1", "354", "250 2.0.0",
    "250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0", "503 5.5.1", "503 5.5.1", "250 2.0.0", "221 2.0.0",
]  # fmt: skip


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    connection.say(b"LHLO mta\r\n")
    return connection


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 50, 1000])
def test_commands_are_answered_in_order_and_nothing_is_lost(users: ModelStore, cut: int) -> None:
    connection = LmtpDialogue(users.execute)
    said = [code for at in range(0, len(SESSION), cut) for code in connection.codes(SESSION[at : at + cut])]
    assert said == ANSWERS
    assert [body(each) for each in inbox(users.execute)] == [b"one\r\n.\r\n", b"QUIT\r\n\n"]


def test_replies_to_a_group_go_out_as_a_unit(ready: LmtpDialogue) -> None:
    assert len(ready.say(b"RSET\r\n" + BEGIN + b"RCPT TO:<nobody>\r\n")) == 4
    assert len(ready.writes) == 1


@pytest.mark.parametrize(
    "line", [b"LHLO m\r\n", b"VRFY ann\r\n", b"EXPN list\r\n", b"NOOP\r\n", b"FOO\r\n", b"DATA\r\n", b"\xff\r\n"]
)
def test_replies_that_may_not_wait(ready: LmtpDialogue, line: bytes) -> None:
    said = ready.say(b"RSET\r\n" + line + b"RSET\r\n")
    assert len(ready.writes) == 2
    assert ready.writes[1].decode().splitlines() == said[-1:] == ["250 2.0.0 Reset"]


def test_the_reply_to_data_does_not_wait_for_the_message(ready: LmtpDialogue) -> None:
    ready.say(BEGIN + b"DATA\r\nx\r\n.\r\n")
    assert [each[:3] for each in ready.writes] == [b"250", b"250"]
    assert ready.writes[0].endswith(b"354 Start mail input; end with <CRLF>.<CRLF>\r\n")


def test_the_reply_to_quit_ends_the_session(ready: LmtpDialogue) -> None:
    assert ready.codes(b"RSET\r\nQUIT\r\n") == ["250 2.0.0", "221 2.0.0"]
    assert ready.closed


@pytest.mark.parametrize("lines", [b"MAIL FROM:<>\r\n", BEGIN, b"RSET\r\nRSET\r\n", BEGIN + b"MAIL FR", BEGIN + b"BDAT 3\r\nab"])
def test_nothing_is_held_back_while_the_server_waits(ready: LmtpDialogue, lines: bytes) -> None:
    whole = [line for line in lines.split(b"\r\n")[:-1] if not line.startswith(b"BDAT")]
    assert len(ready.say(lines)) == len(whole)


def test_a_transaction_that_goes_no_further_does_nothing(ready: LmtpDialogue, users: ModelStore) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    ready.say(b"x\r\n")
    assert inbox(users.execute) == []


def test_replies_tell_commands_apart(ready: LmtpDialogue) -> None:
    said = ready.say(BEGIN + b"RSET\r\nVRFY ann\r\nNOOP\r\nQUIT\r\n")
    texts = [line.split(" ", 2)[2] for line in said]
    assert len(set(texts)) == len(texts)
    assert "<ann@here>" in texts[1]
