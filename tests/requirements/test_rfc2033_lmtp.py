"""What LMTP changes in SMTP (RFC 2033 §4, §5)."""

from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.operations import AppendMessages, OverQuota
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue, body, inbox


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": "", "ben": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    connection.say(b"LHLO mta\r\n")
    return connection


def full_for(user: str, execute: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A store where one user has no room left."""

    def carry_out(operation: Any) -> Any:
        if isinstance(operation, AppendMessages) and operation.user == user:
            raise OverQuota
        return execute(operation)

    return carry_out


@pytest.mark.parametrize("verb", [b"HELO", b"EHLO"])
@pytest.mark.parametrize("before", [b"", b"LHLO mta\r\n", b"LHLO mta\r\n" + BEGIN])
def test_helo_and_ehlo_are_500_and_change_nothing(users: ModelStore, verb: bytes, before: bytes) -> None:
    connection = LmtpDialogue(users.execute)
    connection.say(before + b"NOOP\r\n")
    state = connection.server.state
    assert connection.codes(verb + b" mta\r\n") == ["500 5.5.1"]
    assert connection.server.state is state


def test_lhlo_is_what_ehlo_is_in_smtp(users: ModelStore) -> None:
    connection = LmtpDialogue(users.execute)
    assert connection.codes(b"MAIL FROM:<>\r\n") == ["503 5.5.1"]
    first, *keywords = connection.say(b"LHLO mta\r\n")
    assert first == "250-here"
    assert {line[:4] for line in keywords[:-1]} == {"250-"}
    assert keywords[-1][:4] == "250 "
    assert connection.codes(b"MAIL FROM:<>\r\n") == ["250 2.1.0"]


@pytest.mark.parametrize("recipients", [b"", b"RCPT TO:<nobody@here>\r\n" * 2])
def test_data_without_a_successful_rcpt_is_503(ready: LmtpDialogue, users: ModelStore, recipients: bytes) -> None:
    assert ready.codes(b"MAIL FROM:<>\r\n" + recipients + b"DATA\r\n")[-1] == "503 5.5.1"
    assert ready.codes(b"NOOP\r\n") == ["250 2.0.0"]
    assert inbox(users.execute) == []


@pytest.mark.parametrize("message", [b"DATA\r\nx\r\n.\r\n", b"BDAT 1\r\nxBDAT 2 LAST\r\n\r\n"])
def test_each_successful_rcpt_has_its_reply_in_order_even_twice_the_same(users: ModelStore, message: bytes) -> None:
    connection = LmtpDialogue(full_for("ben", users.execute))
    recipients = b"".join(b"RCPT TO:<%b@here>\r\n" % name for name in (b"ann", b"nobody", b"ben", b"ann"))
    connection.say(b"LHLO mta\r\nMAIL FROM:<>\r\n" + recipients)
    said = connection.say(message)
    assert said[1:] == ["250 2.0.0 <ann@here> delivered", "552 5.2.2 Mailbox full", "250 2.0.0 <ann@here> delivered"]
    assert [body(each) for each in inbox(users.execute)] == [b"x\r\n"] * 2
    assert inbox(users.execute, "ben") == []


def test_bdat_last_without_a_successful_rcpt_has_no_reply(ready: LmtpDialogue) -> None:
    ready.say(b"MAIL FROM:<>\r\nRCPT TO:<nobody@here>\r\n")
    assert ready.say(b"BDAT 3 LAST\r\nabc") == []
    assert ready.codes(b"NOOP\r\n") == ["250 2.0.0"]


@pytest.mark.parametrize("recipients", [b"", b"RCPT TO:<ann@here>\r\n", b"RCPT TO:<ann@here>\r\n" * 3])
def test_bdat_without_last_has_one_reply(ready: LmtpDialogue, recipients: bytes) -> None:
    ready.say(b"MAIL FROM:<>\r\n" + recipients)
    for _ in range(2):
        assert len(ready.say(b"BDAT 3\r\nabc")) == 1


def test_the_extensions_that_lmtp_wants_are_offered(users: ModelStore) -> None:
    offered = [line[4:] for line in LmtpDialogue(users.execute).say(b"LHLO mta\r\n")[1:]]
    assert {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME"} <= set(offered)


def test_each_recipients_reply_goes_out_before_the_next_delivery(users: ModelStore) -> None:
    order: list[str] = []

    def execute(operation: Any) -> Any:
        if isinstance(operation, AppendMessages):
            order.append(f"{operation.user} after {len(connection.writes)}")
        return users.execute(operation)

    connection = LmtpDialogue(execute)
    connection.say(b"LHLO mta\r\n" + BEGIN + b"RCPT TO:<ben@here>\r\nDATA\r\n")
    connection.say(b"x\r\n.\r\n")
    assert order == ["ann after 0", "ben after 1"]
    assert len(connection.writes) == 2


@pytest.mark.parametrize("message", [b"DATA\r\nx\r\n.\r\n", b"BDAT 3 LAST\r\nx\r\n"])
def test_250_follows_the_stores_word_and_nothing_else(users: ModelStore, message: bytes) -> None:
    def execute(operation: Any) -> Any:
        result = users.execute(operation)
        if isinstance(operation, AppendMessages):
            assert connection.writes == sent_before
            assert [body(each) for each in inbox(users.execute)] == [b"x\r\n"]
        return result

    connection = LmtpDialogue(execute)
    connection.say(b"LHLO mta\r\n" + BEGIN)
    sent_before = [b"354 Start mail input; end with <CRLF>.<CRLF>\r\n"] if message.startswith(b"DATA") else []
    assert connection.say(message)[-1] == "250 2.0.0 <ann@here> delivered"
