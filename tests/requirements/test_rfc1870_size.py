"""SIZE in LHLO and MAIL (RFC 1870 §4, §6)."""

import pytest

from angarium.engine.lmtp.limits import Limits
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import LmtpDialogue, body, inbox

LIMIT = 1000


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute, Limits(message_octets_max=LIMIT, stage_octets=400))
    assert f"250-SIZE {LIMIT}" in connection.say(b"LHLO mta\r\n")
    return connection


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (b"SIZE=0", "250 2.1.0"),
        (b"SIZE=1000", "250 2.1.0"),
        (b"size=0001000", "250 2.1.0"),
        (b"SIZE=1001", "552 5.3.4"),
        (b"SIZE=99999999999999999999", "552 5.3.4"),
        (b"SIZE=100000000000000000000", "501 5.5.4"),
        (b"SIZE=", "501 5.5.4"),
        (b"SIZE", "555 5.5.4"),
        (b"SIZE=1 SIZE=1", "501 5.5.4"),
    ],
)
def test_declared_sizes(ready: LmtpDialogue, parameters: bytes, code: str) -> None:
    assert ready.codes(b"MAIL FROM:<> " + parameters + b"\r\n") == [code]
    assert ready.codes(b"RCPT TO:<ann>\r\n") == ["250 2.1.5" if code.startswith("250") else "503 5.5.1"]


@pytest.mark.parametrize("declared", [0, 5, 900])
@pytest.mark.parametrize("message", [b"first\r\nsecond\r\n", b"0123456\r\n" * 100])
def test_the_declared_size_does_not_end_the_message(
    ready: LmtpDialogue, users: ModelStore, declared: int, message: bytes
) -> None:
    ready.say(b"MAIL FROM:<> SIZE=%d\r\nRCPT TO:<ann>\r\nDATA\r\n" % declared)
    assert ready.say(message) == []
    assert ready.codes(b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == message


@pytest.mark.parametrize(("octets", "code"), [(LIMIT, "250 2.0.0"), (LIMIT + 1, "552 5.3.4")])
def test_stuffed_dots_and_the_last_dot_do_not_count(ready: LmtpDialogue, octets: int, code: str) -> None:
    message = b".2345678\r\n" * 99 + b"." + b"x" * (octets - 993) + b"\r\n"
    assert len(message) == octets
    ready.say(b"MAIL FROM:<> SIZE=1000\r\nRCPT TO:<ann>\r\nDATA\r\n")
    assert ready.codes(message.replace(b".", b"..") + b".\r\n") == [code]


@pytest.mark.parametrize("way", [b"DATA\r\n%b.\r\n", b"BDAT 1001 LAST\r\n%b"])
def test_a_larger_message_is_refused_for_good(ready: LmtpDialogue, users: ModelStore, way: bytes) -> None:
    ready.say(b"MAIL FROM:<> SIZE=10\r\nRCPT TO:<ann>\r\n")
    assert ready.codes(way % (b"x" * 999 + b"\r\n"))[-1] == "552 5.3.4"
    assert ready.codes(b"NOOP\r\n") == ["250 2.0.0"]
    assert inbox(users.execute) == []
