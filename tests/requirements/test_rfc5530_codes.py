"""Which response code comes when (RFC 5530 §3)."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.operations import (
    AppendMessages,
    AuthenticationFailed,
    CreateMailbox,
    LimitReached,
    OpenMailbox,
    OverQuota,
    PermissionDenied,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    VerifyPassword,
)
from angarium.engine.steps import Peer
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue


def refusing(kind: type, error: StoreError, connection: Dialogue) -> None:
    """From now on operations of one type are refused."""
    execute = connection.execute

    def carry_out(operation: Any) -> Any:
        if isinstance(operation, kind):
            raise error
        return execute(operation)

    connection.execute = carry_out


@pytest.mark.parametrize(
    ("operation", "error", "line", "code"),
    [
        (OpenMailbox, StoreUnavailable(), "SELECT INBOX", b"UNAVAILABLE"),
        (OpenMailbox, PermissionDenied(), "SELECT INBOX", b"NOPERM"),
        (OpenMailbox, StoreBusy(), "SELECT INBOX", b"INUSE"),
        (CreateMailbox, LimitReached(), "CREATE a", b"LIMIT"),
        (CreateMailbox, OverQuota(), "CREATE a", b"OVERQUOTA"),
        (AppendMessages, OverQuota(), "APPEND INBOX {1+}\r\nx", b"OVERQUOTA"),
        (AppendMessages, LimitReached(), "APPEND INBOX {1+}\r\nx", b"LIMIT"),
    ],
)
def test_what_the_store_refuses(tim: Dialogue, operation: type, error: StoreError, line: str, code: bytes) -> None:
    refusing(operation, error, tim)
    assert tim.command(f"a {line}")[-1].startswith(b"a NO [%b] " % code)
    assert tim.command("b NOOP")[-1].startswith(b"b OK ")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("CREATE INBOX", b"ALREADYEXISTS"),
        ("CREATE there", b"ALREADYEXISTS"),
        ("RENAME there INBOX", b"ALREADYEXISTS"),
        ("DELETE nowhere", b"NONEXISTENT"),
        ("RENAME nowhere elsewhere", b"NONEXISTENT"),
        ("SELECT nowhere", b"NONEXISTENT"),
        ("CREATE a//b", b"CANNOT"),
        ("LIST \"\" (" + " ".join(["a"] * 300) + ")", b"LIMIT"),
    ],
)  # fmt: skip
def test_what_the_model_refuses(tim: Dialogue, line: str, code: bytes) -> None:
    assert tim.command("c CREATE there")[-1].startswith(b"c OK ")
    assert tim.command(f"a {line}")[-1].startswith(b"a NO [%b] " % code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthenticationFailed(), b"AUTHENTICATIONFAILED"),
        (StoreUnavailable(), b"UNAVAILABLE"),
    ],
)
@pytest.mark.parametrize("line", ["LOGIN tim secret", f"AUTHENTICATE PLAIN {b64encode(b'%ctim%csecret' % (0, 0)).decode()}"])
def test_logins_that_fail(store: ModelStore, error: StoreError, code: bytes, line: str) -> None:
    connection = Dialogue(store.execute)
    connection.lines()
    refusing(VerifyPassword, error, connection)
    assert connection.command(f"a {line}")[-1].startswith(b"a NO [%b] " % code)


def test_acting_for_another_user(store: ModelStore) -> None:
    connection = Dialogue(store.execute)
    connection.lines()
    message = b64encode(b"ann%ctim%csecret" % (0, 0)).decode()
    assert connection.command(f"a AUTHENTICATE PLAIN {message}")[-1].startswith(b"a NO [AUTHORIZATIONFAILED] ")


@pytest.mark.parametrize("line", ["LOGIN tim secret", "AUTHENTICATE PLAIN", "AUTHENTICATE SCRAM-SHA-256"])
def test_passwords_where_others_could_listen(store: ModelStore, line: str) -> None:
    connection = Dialogue(store.execute, Peer("192.0.2.1", can_start_tls=True))
    connection.lines()
    assert connection.command(f"a {line}")[-1].startswith(b"a NO [PRIVACYREQUIRED] ")


def test_a_fetch_of_what_another_has_expunged(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 2 +FLAGS (\\Deleted)")
    other.command("c EXPUNGE")
    assert b" [EXPUNGEISSUED] " in inbox.command("a FETCH 1:3 (BODY.PEEK[])")[-1]


def test_our_own_fault(tim: Dialogue) -> None:
    assert tim.server.crash_farewell().startswith(b"* BYE [SERVERBUG] ")
