"""Trace fields of final delivery (RFC 5321 §4.4)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from angarium.engine.lmtp.trace import date_time
from angarium.engine.steps import Peer
from angarium.spec.model_store import ModelStore
from requirements.lmtp_dialogue import LmtpDialogue, inbox

OLD = b"".join(b"Received: from %c by x; Mon, 1 Jan 2001 00:00:00 +0000\r\n" % name for name in b"ba") + b"Subject: x\r\n\r\n"


@pytest.fixture
def users() -> ModelStore:
    return ModelStore({"ann": "", "ben": ""})


def deliver(users: ModelStore, message: bytes, sender: bytes = b"<s@x.example>", peer: Peer = Peer("192.0.2.1")) -> list[bytes]:
    connection = LmtpDialogue(users.execute, peer=peer)
    recipients = b"RCPT TO:<ann@here>\r\nRCPT TO:<ben@here>\r\n"
    connection.say(b"LHLO mta.example\r\nMAIL FROM:" + sender + b"\r\n" + recipients + b"DATA\r\n")
    assert connection.codes(message + b".\r\n") == ["250 2.0.0"] * 2
    return [inbox(users.execute, user)[0] for user in ("ann", "ben")]


def test_return_path_and_received_come_first_and_the_rest_stays(users: ModelStore) -> None:
    for content in deliver(users, OLD):
        first, second, *_ = content.split(b"\r\n")
        assert first == b"Return-Path: <s@x.example>"
        assert second.startswith(b"Received: from ")
        assert content.endswith(b"+0000\r\n" + OLD)


@pytest.mark.parametrize(("peer", "literal"), [(Peer("192.0.2.1"), "[192.0.2.1]"), (Peer("2001:db8::1"), "[IPv6:2001:db8::1]")])
def test_from_names_the_client_and_its_address(users: ModelStore, peer: Peer, literal: str) -> None:
    for content in deliver(users, b"x\r\n", peer=peer):
        assert f"\r\nReceived: from mta.example ({literal})\r\n\tby here with LMTP\r\n".encode() in content


def test_for_names_one_recipient_and_never_another(users: ModelStore) -> None:
    first, second = deliver(users, b"x\r\n")
    assert b"\tfor <ann@here>;" in first
    assert b"ben" not in first
    assert b"\tfor <ben@here>;" in second
    assert b"ann" not in second


@pytest.mark.parametrize("sender", [b"<>", b"<s@x.example>", b'<"a b"@x.example>'])
def test_return_path_is_the_reverse_path(users: ModelStore, sender: bytes) -> None:
    for content in deliver(users, b"x\r\n", sender):
        assert content.startswith(b"Return-Path: " + sender + b"\r\n")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (UTC, "Sun, 4 Jan 2026 03:02:01 +0000"),
        (timezone(timedelta(hours=-8)), "Sun, 4 Jan 2026 03:02:01 -0800"),
        (timezone(timedelta(hours=5, minutes=45)), "Sun, 4 Jan 2026 03:02:01 +0545"),
    ],
)
def test_dates_have_the_local_time_a_numeric_zone_and_four_digits(zone: timezone, expected: str) -> None:
    assert date_time(datetime(2026, 1, 4, 3, 2, 1, tzinfo=zone)) == expected


@pytest.mark.xfail(strict=True, reason="what came with the message is not looked into, so a Return-Path there stays")
def test_there_is_one_return_path(users: ModelStore) -> None:
    for content in deliver(users, b"Return-Path: <old@x.example>\r\nSubject: x\r\n\r\n"):
        assert content.count(b"Return-Path:") == 1
