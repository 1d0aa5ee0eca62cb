"""An enhanced status code in every reply but the first ones (RFC 2034 §3, §4)."""

import re

import pytest

from angarium.engine.lmtp.limits import Limits
from angarium.engine.steps import Shutdown, TimedOut
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue

STATUS = re.compile(r"(?P<code>[245])\d\d[- ](?P<class>[245])\.\d{1,3}\.\d{1,3} +\S")
LINES = (
    b"NOOP", b"MAIL FROM:<>", b"EHLO m", b"FOO", b"MAIL", b"x" * 3000, b"HELP", b"VRFY a", b"EXPN a", b"RSET", b"DATA",
    b"RCPT TO:<ann>", b"BDAT 0",
)  # fmt: skip


@pytest.fixture
def fresh() -> LmtpDialogue:
    return LmtpDialogue(ModelStore({"ann": ""}).execute, Limits(message_octets_max=100, recipients_max=1))


def agree(line: str) -> bool:
    """Whether the line has a status code of the reply's own class."""
    match = STATUS.match(line)
    return match is not None and match["code"] == match["class"]


def test_neither_the_greeting_nor_lhlo_has_one(fresh: LmtpDialogue) -> None:
    for line in (*fresh.greeting, *fresh.say(b"LHLO mta\r\n")):
        assert not STATUS.match(line)


def test_354_has_none(fresh: LmtpDialogue) -> None:
    fresh.say(b"LHLO mta\r\n" + BEGIN)
    (line,) = fresh.say(b"DATA\r\n")
    assert not re.search(r"\d\.\d\.\d", line)


@pytest.mark.parametrize("line", LINES)
def test_every_reply_before_lhlo(fresh: LmtpDialogue, line: bytes) -> None:
    said = fresh.say(line + b"\r\n")
    assert said
    assert all(map(agree, said))


def test_every_reply_of_a_transaction(fresh: LmtpDialogue) -> None:
    fresh.say(b"LHLO mta\r\n")
    said = fresh.say(b"MAIL FROM:<> SIZE=999\r\nMAIL FROM:<> X=1\r\n" + BEGIN + b"RCPT TO:<b>\r\nRCPT TO:<a> X=1\r\nRCPT\r\n")
    said += fresh.say(b"DATA\r\n")[1:] + fresh.say(b"x\r\n.\r\n") + fresh.say(BEGIN + b"BDAT 3 LAST\r\nabc")
    said += fresh.say(BEGIN + b"BDAT 101\r\n" + b"x" * 101 + b"QUIT\r\n")
    assert len(said) == 15
    assert [line for line in said if not agree(line)] == []


def test_a_reply_of_several_lines_has_the_same_in_each(fresh: LmtpDialogue) -> None:
    said = fresh.say(b"HELP\r\n")
    assert len(said) > 1
    assert len({line[:3] + line[4:9] for line in said}) == 1


@pytest.mark.parametrize("event", [TimedOut(), Shutdown()])
def test_farewells_too(fresh: LmtpDialogue, event: TimedOut | Shutdown) -> None:
    (line,) = fresh.send(event)
    assert line.startswith("421 4.")
    assert agree(fresh.server.crash_farewell().decode())
