"""Octets above 127 in lines (RFC 6152 §2, §3)."""

import pytest

from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import LmtpDialogue, body, inbox

LINES = bytes(octet for octet in range(1, 256) if octet not in b"\r\n") + b"\r\n"


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    assert "250-8BITMIME" in connection.say(b"LHLO mta\r\n"), "the keyword has no parameter"
    return connection


@pytest.mark.parametrize("parameter", [b"", b" BODY=7BIT", b" BODY=8BITMIME", b" body=8bitmime"])
def test_all_bits_of_each_octet_are_kept(ready: LmtpDialogue, users: ModelStore, parameter: bytes) -> None:
    assert ready.codes(b"MAIL FROM:<>%b\r\nRCPT TO:<ann>\r\nDATA\r\n" % parameter) == ["250 2.1.0", "250 2.1.5", "354"]
    assert ready.codes(LINES * 2 + b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == LINES * 2


@pytest.mark.parametrize("parameters", [b"BODY=7BIT BODY=8BITMIME", b"BODY=", b"BODY=9BIT"])
def test_one_body_with_a_known_value(ready: LmtpDialogue, parameters: bytes) -> None:
    assert ready.codes(b"MAIL FROM:<> " + parameters + b"\r\n") == ["501 5.5.4"]


def test_stuffed_lines_do_not_end_eight_bit_content(ready: LmtpDialogue, users: ModelStore) -> None:
    content = b".\r\n\xe4\r\n.\r\n\xff\r\n"
    ready.say(b"MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<ann>\r\nDATA\r\n")
    assert ready.codes(content.replace(b".", b"..") + b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == content


@pytest.mark.parametrize("length", [998, 5_000])
def test_lines_may_be_long(ready: LmtpDialogue, users: ModelStore, length: int) -> None:
    ready.say(b"MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<ann>\r\nDATA\r\n")
    assert ready.codes(b"\xe4" * length + b"\r\n.\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == b"\xe4" * length + b"\r\n"
