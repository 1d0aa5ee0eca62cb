"""Log lines: one event each, whatever is in them."""

import io
import json
import logging

import pytest

from angarium.engine.operations import (
    AppendMessages,
    AuthenticationFailed,
    FetchScramVerifier,
    ListMailboxes,
    MailboxNotFound,
    NewMessage,
    OverQuota,
    RecipientUnknown,
    ResolveRecipient,
    StoreBusy,
    StoreError,
    UserName,
    VerifyPassword,
)  # fmt: skip
from angarium.engine.steps import Failed, Peer, Result
from angarium.server.logs import JsonFormatter, LogfmtFormatter, login, observe


@pytest.fixture(params=[LogfmtFormatter, JsonFormatter])
def logged(request):
    """A logger, and a function that gives the lines it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, lambda: stream.getvalue().splitlines()


def test_what_clients_send_cannot_forge_lines_or_fields(logged):
    logger, lines = logged
    logger.info("login", extra={"user": 'ann\nlevel=error event="x" \x1b[31m\r', "peer": "192.0.2.1"})
    (line,) = lines()
    assert "\x1b" not in line
    assert "\nlevel" not in line
    assert "level=error event=x" not in line


def test_tracebacks_stay_in_the_line(logged):
    logger, lines = logged
    try:
        raise ValueError("a\nb")
    except ValueError:
        logger.exception("crashed")
    (line,) = lines()
    assert "ValueError" in line


def test_json_is_json():
    record = logging.LogRecord("x", logging.INFO, "p", 1, "login", (), None)
    record.user = "ann"
    read = json.loads(JsonFormatter().format(record))
    assert (read["event"], read["level"], read["user"]) == ("login", "info", "ann")
    assert read["time"].endswith("Z")


ANN = UserName("ann")


@pytest.mark.parametrize(
    ("operation", "result", "expected"),
    [
        (VerifyPassword("ann", "pass"), ANN, ("DEBUG", "operation", "ann", None)),
        (VerifyPassword("bob", "pass"), AuthenticationFailed(), ("DEBUG", "operation", "bob", "AuthenticationFailed")),
        (VerifyPassword("ann", "pass"), StoreBusy(), ("INFO", "refused", "ann", "StoreBusy")),
        (FetchScramVerifier("ann"), None, ("DEBUG", "operation", "ann", None)),
        (FetchScramVerifier("x" * 65), None, ("DEBUG", "operation", "x" * 64 + "\u2026", None)),
        (ResolveRecipient("x@y"), RecipientUnknown(), ("INFO", "refused", "x@y", "RecipientUnknown")),
        (ResolveRecipient("x" * 999), RecipientUnknown(), ("INFO", "refused", "x" * 64 + "\u2026", "RecipientUnknown")),
        (AppendMessages(ANN, "INBOX", (NewMessage(b"pass"),)), None, ("INFO", "append", "ann", None)),
        (AppendMessages(ANN, "INBOX", (NewMessage(b"pass"),)), OverQuota(), ("WARNING", "append failed", "ann", "OverQuota")),
        (ListMailboxes(ANN), (), ("DEBUG", "operation", "ann", None)),
        (ListMailboxes(ANN), MailboxNotFound(), ("INFO", "refused", "ann", "MailboxNotFound")),
    ],
)
def test_operations_are_logged_by_name(operation, result, expected, caplog):
    event = Failed(result) if isinstance(result, StoreError) else Result(result)
    with caplog.at_level(logging.DEBUG, "angarium.store"):
        observe(operation, event, 0.0123, Peer("192.0.2.1"), "imap")
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.user, getattr(record, "error", None)) == expected
    assert (record.peer, record.protocol, record.operation, record.ms) == ("192.0.2.1", "imap", type(operation).__name__, 12.3)
    assert "pass" not in LogfmtFormatter().format(record)


def test_nothing_is_made_for_a_level_that_is_off(caplog):
    with caplog.at_level(logging.INFO, "angarium.store"):
        observe(ListMailboxes(ANN), Result(()), 0.0, Peer("x"), "imap")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("user", "failure", "expected"),
    [
        ("ann", None, ("INFO", "login", "ann", None)),
        ("x" * 64, None, ("INFO", "login", "x" * 64, None)),
        ("x" * 4096, "AuthenticationFailed", ("WARNING", "login failed", "x" * 64 + "\u2026", "AuthenticationFailed")),
    ],
)
def test_logins(user, failure, expected, caplog):
    with caplog.at_level(logging.INFO, "angarium.store"):
        login(Peer("192.0.2.1"), "imap", user, failure)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.user, getattr(record, "error", None)) == expected
    assert (record.peer, record.protocol) == ("192.0.2.1", "imap")
