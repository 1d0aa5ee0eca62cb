from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.imap.connection import ImapServer
from angarium.engine.imap.identity import Identity
from angarium.engine.imap.limits import Limits
from angarium.engine.operations import MailboxNotFound, ReadChanges, StoreBusy
from angarium.engine.steps import Closed, Peer, Read, Received, StartTls, Write
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue


def test_greeting_names_the_server_and_what_it_can_do(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x"), identity=Identity("Test"))
    assert connection.lines() == [b"* OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ENABLE ID LOGINDISABLED] Test ready"]


def test_crash_farewell() -> None:
    assert ImapServer(Peer("x")).crash_farewell() == b"* BYE [SERVERBUG] internal error\r\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", b"* BAD expected tag at octet 0"),
        ("a", b"a BAD expected SP at octet 1"),
        ("a NONSENSE", b"a BAD unknown command"),
        ("a LOGIN tim", b"a BAD expected SP at octet 11"),
        ("a \0", b"a BAD unknown command"),
        ("x" * 70_000, b"* BAD the line is too long"),
        ("a NOOP" + "x" * 70_000, b"a BAD the line is too long"),
    ],
)
def test_syntax_errors(store: ModelStore, line: str, answer: bytes) -> None:
    connection = Dialogue(store.execute)
    connection.lines()
    assert connection.command(line) == [answer]
    assert connection.command("b NOOP") == [b"b OK NOOP completed"]


def test_only_errors_for_too_long(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=Limits(bad_commands_max=3))
    connection.lines()
    connection.command("a X")
    connection.command("b X")
    assert connection.command("c NOOP") == [b"c OK NOOP completed"]
    connection.command("d X")
    connection.command("e X")
    assert connection.command("f X") == [b"f BAD unknown command", b"* BYE too many errors"]
    assert connection.closed


def test_too_many_failed_logins(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=Limits(login_failures_max=2))
    connection.command("a LOGIN tim wrong")
    assert connection.command("b LOGIN tim wrong")[-1] == b"* BYE too many failed logins"
    assert connection.closed


def test_pipelined_commands_are_answered_in_order(tim: Dialogue) -> None:
    assert tim.say(b"a NOOP\r\nb SELECT INBOX\r\nc CLOSE\r\nd LOGOUT\r\ne NOOP\r\n")[-4:] == [
        b"b OK [READ-WRITE] SELECT completed",
        b"c OK CLOSE completed",
        b"* BYE logging out",
        b"d OK LOGOUT completed",
    ]
    assert tim.closed


def test_what_was_sent_before_tls_is_forgotten(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x", can_start_tls=True))
    connection.lines()
    assert connection.say(b"a STARTTLS\r\nb LOGIN tim secret\r\n") == [b"a OK begin TLS"]
    assert connection.tls
    assert connection.server.session.user == ""
    assert connection.command("c LOGIN tim secret")[0].startswith(b"c OK")


def test_tls_that_fails() -> None:
    steps = ImapServer(Peer("x", can_start_tls=True)).run()
    assert isinstance(next(steps), Write)
    assert isinstance(steps.send(None), Read)
    assert isinstance(steps.send(Received(b"a STARTTLS\r\n")), Write)
    assert isinstance(steps.send(None), StartTls)
    with pytest.raises(StopIteration):
        steps.send(Closed())


def test_mailbox_deleted_elsewhere(tim: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    tim.command("a CREATE doomed")
    tim.command("b SELECT doomed")
    log_in().command("c DELETE doomed")
    assert tim.command("d NOOP") == [b"d OK NOOP completed", b"* BYE [NONEXISTENT] the selected mailbox has been deleted"]
    assert tim.closed


def raising(execute: Callable[[Any], Any], kind: type, error: Exception) -> Callable[[Any], Any]:
    def carry_out(operation: Any) -> Any:
        if isinstance(operation, kind):
            raise error
        return execute(operation)

    return carry_out


def test_mailbox_deleted_during_idle(inbox: Dialogue) -> None:
    inbox.execute = raising(inbox.execute, ReadChanges, MailboxNotFound())
    assert inbox.command("a IDLE") == [
        b"+ idling",
        b"a NO [NONEXISTENT] no such mailbox",
        b"* BYE [NONEXISTENT] the selected mailbox has been deleted",
    ]


def test_store_too_busy_to_tell_of_changes(inbox: Dialogue) -> None:
    inbox.execute = raising(inbox.execute, ReadChanges, StoreBusy())
    assert inbox.command("a NOOP") == [b"a OK NOOP completed"]


def test_store_too_busy_to_tell_of_changes_to_who_keeps_mod_sequences(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    inbox.execute = raising(inbox.execute, ReadChanges, StoreBusy())
    told = b"* OK [HIGHESTMODSEQ 4] all changes up to here have been told"
    assert inbox.command("b NOOP") == [told, b"b OK NOOP completed"]


def test_store_too_busy_during_idle(inbox: Dialogue) -> None:
    execute = inbox.execute
    inbox.execute = raising(execute, ReadChanges, StoreBusy())
    assert inbox.command("a IDLE") == [b"+ idling"]
    inbox.execute = execute
    assert inbox.command("DONE") == [b"a OK IDLE completed"]


def test_our_own_faults_are_the_drivers_to_report(inbox: Dialogue) -> None:
    inbox.execute = raising(inbox.execute, ReadChanges, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        inbox.command("a NOOP")


COMMANDS = b"a LOGIN tim secret\r\nb APPEND INBOX {3+}\r\nabc\r\n"
COMMANDS += b"c SELECT INBOX\r\nd FETCH 1 (UID BODY[])\r\ne IDLE\r\nDONE\r\nf LOGOUT\r\n"


def answers(pieces: list[bytes]) -> list[bytes]:
    connection = Dialogue(ModelStore({"tim": "secret"}).execute)
    lines = connection.lines()
    for piece in pieces:
        lines += connection.say(piece)
    return lines


def test_octet_by_octet() -> None:
    assert answers([bytes([octet]) for octet in COMMANDS]) == answers([COMMANDS])


@pytest.mark.parametrize("at", range(1, len(COMMANDS)))
def test_split_anywhere(at: int) -> None:
    assert answers([COMMANDS[:at], COMMANDS[at:]]) == answers([COMMANDS])


@given(octets=st.binary(max_size=200))
def test_any_octets_get_sensible_answers(octets: bytes) -> None:
    connection = Dialogue(ModelStore({"tim": "secret"}).execute)
    connection.command("a LOGIN tim secret")
    connection.say(octets + b"\r\n")
    if not connection.closed:
        connection.send(Closed())
    assert connection.closed


def test_without_message_numbers_those_who_use_them_hear_why(inbox: Dialogue) -> None:
    inbox.command("a ENABLE UIDONLY QRESYNC")
    why = b"BAD [UIDREQUIRED] UIDONLY is enabled: name messages by UID"
    assert inbox.command("b FETCH 1 FLAGS") == [b"b " + why]
    assert inbox.command("c SELECT INBOX (QRESYNC (1 1 1 (1 1)))") == [b"c " + why]
    assert inbox.command("d UID FETCH 1 UID") == [b"* 1 UIDFETCH (UID 1)", b"d OK FETCH completed"]
    assert inbox.command("e UID STORE 1 +FLAGS.SILENT (x)")[1].startswith(b"* 1 UIDFETCH (MODSEQ (")


def test_unauthenticate_where_it_is_switched_off_and_where_not(inbox: Dialogue, store: ModelStore) -> None:
    assert inbox.command("a UNAUTHENTICATE")[0].startswith(b"a OK [CAPABILITY ")
    connection = Dialogue(store.execute, reusable=False)
    connection.command("b LOGIN tim secret")
    assert connection.command("c UNAUTHENTICATE") == [b"c BAD UNAUTHENTICATE is not offered here"]


def test_compress_is_active_once(tim: Dialogue) -> None:
    tim.server.session.compressed = True
    assert tim.command("a COMPRESS DEFLATE") == [b"a BAD [COMPRESSIONACTIVE] COMPRESS is active already"]
    tim.server.session.compressed = False
    assert tim.command("b COMPRESS DEFLATE") == [b"b OK DEFLATE active"]
    assert tim.server.session.compressed
