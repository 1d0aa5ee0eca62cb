"""Addresses in UTF-8 (RFC 6531 §3)."""

import pytest

from angarium.engine.operations import ResolveRecipient
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import LmtpDialogue, body, inbox


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"jürgen": "", "ann": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    offered = connection.say(b"LHLO mta\r\n")
    assert {"250-SMTPUTF8", "250-8BITMIME"} <= set(offered), "the keyword has no parameter, and 8BITMIME goes with it"
    assert not any("DSN" in line for line in offered)
    return connection


@pytest.mark.parametrize("address", ["jürgen@bücher.example", "jürgen@xn--bcher-kva.example", '"jürgen"@here', "jürgen"])
def test_mailboxes_may_be_utf8(ready: LmtpDialogue, users: ModelStore, address: str) -> None:
    sent = f"MAIL FROM:<{address}> SMTPUTF8\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode()
    assert ready.codes(sent) == ["250 2.1.0", "250 2.1.5", "354"]
    assert ready.codes("Subject: ü\r\n.\r\n".encode()) == ["250 2.0.0"]
    (asked,) = (each for each in ready.operations if isinstance(each, ResolveRecipient))
    assert asked.address.startswith("jürgen")
    assert body(inbox(users.execute, "jürgen")[0]) == "Subject: ü\r\n".encode()


def test_trace_fields_name_them_as_they_came(ready: LmtpDialogue, users: ModelStore) -> None:
    ready.say("MAIL FROM:<é@bücher.example> SMTPUTF8\r\nRCPT TO:<jürgen@bücher.example>\r\nDATA\r\n".encode())
    ready.say(b"x\r\n.\r\n")
    content = inbox(users.execute, "jürgen")[0].decode()
    assert content.startswith("Return-Path: <é@bücher.example>\r\n")
    assert "with UTF8LMTP\r\n\tfor <jürgen@bücher.example>;" in content


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("MAIL FROM:<é@x>", "550 5.6.7"),
        ("MAIL FROM:<e@é>", "550 5.6.7"),
        ("MAIL FROM:<e@x> SMTPUTF8=1", "555 5.5.4"),
        ("MAIL FROM:<e@x> SMTPUTF8 SMTPUTF8", "501 5.5.4"),
        ("MAIL FROM:<é\x07@x> SMTPUTF8", "501 5.5.4"),
        ("MAIL FROM:<é(@x> SMTPUTF8", "501 5.5.4"),
        ("VRFY jürgen", "252 2.1.5"),
        ("VRFY jürgen SMTPUTF8", "252 2.1.5"),
        ("EXPN jürgen SMTPUTF8", "502 5.5.1"),
    ],
)
def test_where_it_is_allowed(ready: LmtpDialogue, line: str, code: str) -> None:
    assert ready.codes(line.encode() + b"\r\n") == [code]


def test_a_recipient_in_utf8_needs_the_parameter(ready: LmtpDialogue) -> None:
    assert ready.codes("MAIL FROM:<>\r\nRCPT TO:<jürgen>\r\n".encode())[-1] == "553 5.6.7"


def test_octets_that_are_no_utf8_are_a_syntax_error(ready: LmtpDialogue) -> None:
    assert ready.codes(b"MAIL FROM:<\xe9@x> SMTPUTF8\r\n") == ["501 5.5.4"]


@pytest.mark.parametrize("parameter", [b"", b" SMTPUTF8"])
def test_replies_are_ascii(ready: LmtpDialogue, parameter: bytes) -> None:
    ready.say(b"MAIL FROM:<>%b\r\n" % parameter)
    for line in ("RCPT TO:<jürgen>", "RCPT TO:<é>", "VRFY é", "EXPN é SMTPUTF8", "é", "DATA"):
        ready.say(line.encode() + b"\r\n")
        assert b"".join(ready.writes).isascii()
    ready.say(b"x\r\n.\r\n")
    assert b"".join(ready.writes).isascii()
