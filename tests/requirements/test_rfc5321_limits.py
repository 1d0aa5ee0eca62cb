"""Sizes and waits that a server has to bear (RFC 5321 §4.5.3)."""

import pytest

from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import BEGIN, LmtpDialogue, body, inbox

LONG = "x" * 64
DOMAIN = ".".join(["d" * 63] * 3 + ["e" * 63])
"""255 octets."""


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": "", LONG: ""})


@pytest.fixture
def ready(users: ModelStore) -> LmtpDialogue:
    connection = LmtpDialogue(users.execute)
    connection.say(b"LHLO mta\r\n")
    return connection


@pytest.mark.parametrize("path", [f"{LONG}@here", f"{LONG}@{DOMAIN[:189]}f", f"ann@{DOMAIN}", f'"{LONG}"@here'])
def test_local_parts_domains_and_paths(ready: LmtpDialogue, path: str) -> None:
    assert ready.codes(f"MAIL FROM:<{path}>\r\nRCPT TO:<{path}>\r\n".encode()) == ["250 2.1.0", "250 2.1.5"]


@pytest.mark.parametrize("octets", [512, 2_048])
def test_command_lines(ready: LmtpDialogue, octets: int) -> None:
    assert ready.codes(b"NOOP ".ljust(octets - 2, b"x") + b"\r\n") == ["250 2.0.0"]


def test_a_line_too_long_is_500_and_nothing_behind_it_is_lost(ready: LmtpDialogue) -> None:
    assert ready.codes(b"NOOP ".ljust(5_000, b"x") + b"\r\nNOOP\r\n") == ["500 5.5.2", "250 2.0.0"]


def test_reply_lines_are_no_longer_than_512(ready: LmtpDialogue) -> None:
    ready.say(b"MAIL FROM:<>\r\n")
    (line,) = ready.say(f"RCPT TO:<ann@{'.'.join([DOMAIN] * 5)}>\r\n".encode())
    assert line.startswith("250 2.1.5 <ann@")
    assert len(line) == 510


def test_text_lines_of_1000_octets_not_counting_the_stuffed_dot(ready: LmtpDialogue, users: ModelStore) -> None:
    line = b"." + b"x" * 997 + b"\r\n"
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.codes(b"." + line + b".\r\n") == ["250 2.0.0"]
    assert body(inbox(users.execute)[0]) == line


@pytest.mark.parametrize("octets", [65_536, 200_000])
def test_messages(ready: LmtpDialogue, users: ModelStore, octets: int) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.codes(b"x" * (octets - 2) + b"\r\n.\r\n") == ["250 2.0.0"]
    assert len(body(inbox(users.execute)[0])) == octets


def test_100_recipients_and_452_for_those_behind(ready: LmtpDialogue, users: ModelStore) -> None:
    said = ready.codes(b"MAIL FROM:<>\r\n" + b"RCPT TO:<ann>\r\n" * 103 + b"DATA\r\n")
    assert said == ["250 2.1.0"] + ["250 2.1.5"] * 100 + ["452 4.5.3"] * 3 + ["354"]
    assert ready.codes(b"x\r\n.\r\n") == ["250 2.0.0"] * 100
    assert len(inbox(users.execute)) == 100


def test_recipients_in_header_fields_are_not_counted(ready: LmtpDialogue) -> None:
    ready.say(BEGIN + b"DATA\r\n")
    assert ready.codes(b"To: " + b"a@b.example,\r\n " * 500 + b"c@d\r\n\r\n.\r\n") == ["250 2.0.0"]


@pytest.mark.parametrize("lines", [b"NOOP\r\n", BEGIN + b"DATA\r\n"])
def test_the_server_waits_for_5_minutes(ready: LmtpDialogue, lines: bytes) -> None:
    ready.say(lines)
    assert ready.read.seconds_max is not None
    assert ready.read.seconds_max >= 300
