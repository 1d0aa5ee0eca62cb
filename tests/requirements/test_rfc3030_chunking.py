"""Chunks of counted octets (RFC 3030 §2, §3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.lmtp.limits import Limits
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue, body, inbox

BINARY = b"MAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<ann>\r\n"
PART = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" + bytes(range(256))


def connect(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute, Limits(message_octets_max=1000, stage_octets=300, errors_max=1000))
    assert {"250-CHUNKING", "250-BINARYMIME"} <= set(connection.say(b"LHLO mta\r\n"))
    return connection


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    return connect(users)


def bdat(octets: bytes, last: bool = False) -> bytes:
    return b"BDAT %d%b\r\n" % (len(octets), b" LAST" if last else b"") + octets


def test_chunks_are_250_each_and_the_last_may_be_empty(ready: LmtpDialogue, users: ModelStore) -> None:
    assert ready.codes(BEGIN + bdat(b"a\r\n.")) == ["250 2.1.0", "250 2.1.5", "250 2.0.0"]
    assert ready.codes(bdat(b"\r\nb")) == ["250 2.0.0"]
    assert ready.codes(b"BDAT 0 LAST\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == b"a\r\n.\r\nb"


def test_data_goes_on_working(ready: LmtpDialogue, users: ModelStore) -> None:
    ready.say(BEGIN + bdat(b"one\r\n", last=True))
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.codes(b"two\r\n.\r\n") == ["250 2.0.0"]
    assert [body(each) for each in inbox(users.execute)] == [b"one\r\n", b"two\r\n"]


def test_a_chunk_after_the_last_is_503(ready: LmtpDialogue) -> None:
    ready.say(BEGIN + bdat(b"x\r\n", last=True))
    assert ready.codes(bdat(b"RSET\r\n") + b"RSET\r\n" + BEGIN) == ["503 5.5.1", "250 2.0.0", "250 2.1.0", "250 2.1.5"]


def test_a_refused_chunk_is_swallowed_before_its_reply(ready: LmtpDialogue) -> None:
    ready.say(BEGIN)
    assert ready.say(b"BDAT 1001\r\n" + b"x" * 1000) == []
    assert ready.codes(b"x" + bdat(b"QUIT\r\n") + bdat(b"QUIT\r\n", last=True)) == ["552 5.3.4"] * 3
    assert ready.codes(b"RSET\r\n" + BEGIN) == ["250 2.0.0", "250 2.1.0", "250 2.1.5"]


def test_rset_clears_chunks(ready: LmtpDialogue, users: ModelStore) -> None:
    ready.say(BEGIN + bdat(b"old" * 200) + b"RSET\r\n" + BEGIN)
    assert ready.codes(bdat(b"new\r\n", last=True)) == ["250 2.0.0"]
    assert [body(each) for each in inbox(users.execute)] == [b"new\r\n"]


def test_data_after_bdat_is_503_until_rset(ready: LmtpDialogue) -> None:
    ready.say(BEGIN + bdat(b"x\r\n"))
    assert ready.codes(b"DATA\r\nRSET\r\n" + BEGIN + b"DATA\r\n") == ["503 5.5.1", "250 2.0.0", "250 2.1.0", "250 2.1.5", "354"]


def test_data_after_binarymime_is_503_until_rset(ready: LmtpDialogue) -> None:
    ready.say(BINARY)
    assert ready.codes(b"DATA\r\nRSET\r\n" + BEGIN + b"DATA\r\n") == ["503 5.5.1", "250 2.0.0", "250 2.1.0", "250 2.1.5", "354"]


@given(st.binary(max_size=200), st.integers(0, 50))
def test_too_small_a_count_leaves_lines_that_are_no_commands(octets: bytes, counted: int) -> None:
    users = ModelStore({"ann": ""})
    connection = connect(users)
    octets = octets.replace(b"\r\n", b"\n")
    connection.say(BEGIN)
    connection.say(b"BDAT %d\r\n" % min(counted, len(octets)) + octets)
    assert connection.codes(b"\r\nRSET\r\n")[-1] == "250 2.0.0"
    assert inbox(users.execute) == []


def test_binary_octets_arrive_as_they_were(ready: LmtpDialogue, users: ModelStore) -> None:
    ready.say(BINARY)
    assert ready.codes(bdat(PART[:100]) + bdat(PART[100:], last=True)) == ["250 2.0.0"] * 2
    assert body(inbox(users.execute)[0]) == PART


@pytest.mark.parametrize("parameter", [b"", b" BODY=7BIT", b" BODY=8BITMIME"])
def test_a_binary_part_is_taken_without_binarymime(ready: LmtpDialogue, users: ModelStore, parameter: bytes) -> None:
    ready.say(b"MAIL FROM:<>%b\r\nRCPT TO:<ann>\r\n" % parameter)
    assert ready.codes(bdat(PART, last=True)) == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == PART
