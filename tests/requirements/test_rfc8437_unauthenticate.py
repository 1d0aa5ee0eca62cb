"""UNAUTHENTICATE (RFC 8437): the same connection for another user, who finds nothing of the one before."""

import zlib
from base64 import b64encode

import pytest

from angarium.engine.imap.state import Session
from angarium.engine.steps import Peer, Received
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue
from requirements.compressed_dialogue import CompressedDialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
PLAIN = b64encode(b"\0una\0other").decode()


@pytest.fixture
def store() -> ModelStore:
    return ModelStore({"tim": "secret", "una": "other"})


@pytest.fixture
def tim(store: ModelStore) -> CompressedDialogue:
    connection = CompressedDialogue(store.execute)
    assert connection.command("in LOGIN tim secret")[-1].startswith(b"in OK")
    return connection


def remembered(session: Session) -> dict[str, object]:
    """All of a session but the command in progress and what the connection began with."""
    fixed = ("tag", "peer", "limits", "identity", "plaintext_login", "reusable", "login_failures", "report_login")
    return {name: getattr(session, name) for name in Session.__slots__ if name not in fixed}


@pytest.mark.parametrize(
    "before", [[], ["SELECT INBOX"], ["ENABLE IMAP4rev2 QRESYNC CONDSTORE", "EXAMINE INBOX", "IDLE\r\nDONE"]]
)
def test_the_session_is_as_it_was_before_the_user_came(store: ModelStore, before: list[str]) -> None:
    connection = CompressedDialogue(store.execute)
    fresh = remembered(connection.server.session)
    connection.command("a LOGIN tim secret")
    connection.append(MESSAGE)
    for line in before:
        connection.command(f"b {line}")
    if before:
        connection.command("c SEARCH RETURN (SAVE) ALL")
        connection.compress()
    assert connection.command("d UNAUTHENTICATE")[-1].startswith(b"d OK [CAPABILITY ")
    assert remembered(connection.server.session) == fresh
    assert connection.command("e SELECT INBOX") == [b"e BAD SELECT is not valid when not authenticated"]
    assert connection.command("f LOGIN una other")[-1].startswith(b"f OK")


def test_another_user_finds_nothing_of_the_first(tim: CompressedDialogue) -> None:
    tim.append(MESSAGE)
    tim.command("a ENABLE CONDSTORE")
    tim.command("b SELECT INBOX")
    tim.command("c UNAUTHENTICATE")
    tim.command("d LOGIN una other")
    assert tim.command("e STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"
    tim.append(MESSAGE)
    answers = tim.command("f SELECT INBOX")
    assert not any(b"CLOSED" in answer for answer in answers)
    assert tim.command("g STORE 1 +FLAGS (x)")[-2:] == [b"* 1 FETCH (FLAGS (x \\Recent))", b"g OK STORE completed"]
    assert tim.command("h SEARCH $")[0] == b"* SEARCH"


def test_nothing_is_expunged_and_no_removal_told(tim: CompressedDialogue, store: ModelStore) -> None:
    tim.append(MESSAGE, r"\Deleted")
    tim.command("a SELECT INBOX")
    other = Dialogue(store.execute)
    for line in ("LOGIN tim secret", "SELECT INBOX"):
        other.command(f"b {line}")
    assert len(tim.command("c UNAUTHENTICATE")) == 1
    assert other.command("d SEARCH DELETED")[0] == b"* SEARCH 1"


@pytest.mark.parametrize("state", ["authenticated", "selected"])
def test_it_may_be_pipelined_with_what_follows(tim: CompressedDialogue, state: str) -> None:
    if state == "selected":
        tim.command("s SELECT INBOX")
    answers = tim.say(b"a UNAUTHENTICATE\r\nb AUTHENTICATE PLAIN " + PLAIN.encode() + b"\r\nc STATUS INBOX (MESSAGES)\r\n")
    assert [answer[:4] for answer in answers] == [b"a OK", b"b OK", b"* ST", b"c OK"]
    assert tim.server.session.user == "una"


@pytest.mark.parametrize("flush", [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH])
def test_compression_ends_for_both_and_the_client_goes_on_in_the_clear(tim: CompressedDialogue, flush: int) -> None:
    tim.compress()
    line = tim.deflated(b"a UNAUTHENTICATE\r\n", flush)
    clear = b"b AUTHENTICATE PLAIN " + PLAIN.encode() + b"\r\n"
    answers = tim.raw(line + clear)
    assert [answer[:4] for answer in answers] == [b"a OK", b"b OK"]
    assert tim.inflater is None, "the server has not ended its stream"
    tim.compress()
    assert tim.command("d NOOP") == [b"d OK NOOP completed"]


def test_the_end_of_compression_may_come_in_any_pieces(store: ModelStore) -> None:
    for cut in range(1, 26):
        connection = CompressedDialogue(store.execute)
        connection.command("in LOGIN tim secret")
        connection.compress()
        octets = connection.deflated(b"a UNAUTHENTICATE\r\n") + b"b NOOP\r\n"
        answers = connection.raw(octets[:cut])
        answers += connection.raw(octets[cut:])
        assert [answer[:4] for answer in answers] == [b"a OK", b"b OK"], cut


def test_what_was_compressed_behind_it_is_not_carried_out(tim: CompressedDialogue) -> None:
    tim.compress()
    answers = tim.raw(tim.deflated(b"a UNAUTHENTICATE\r\nb LOGIN tim secret\r\n"))
    assert [answer[:4] for answer in answers] == [b"a OK"]
    assert tim.command("c SELECT INBOX") == [b"c BAD SELECT is not valid when not authenticated"]


def test_tls_stays(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x", can_start_tls=True))
    for line in ("a STARTTLS", "b LOGIN tim secret"):
        connection.command(line)
    offered = connection.command("c UNAUTHENTICATE")[0]
    assert b"AUTH=PLAIN" in offered
    assert b"STARTTLS" not in offered
    assert connection.command("d STARTTLS") == [b"d BAD STARTTLS is not offered here"]


@pytest.mark.parametrize("line", ["UNAUTHENTICATE x", "UNAUTHENTICATE ()"])
def test_bad_syntax_is_bad_and_the_user_stays(tim: CompressedDialogue, line: str) -> None:
    assert tim.command(f"a {line}")[0].startswith(b"a BAD ")
    assert tim.command("b SELECT INBOX")[-1].startswith(b"b OK")


def test_before_login_it_is_bad_and_not_announced(store: ModelStore) -> None:
    connection = Dialogue(store.execute)
    assert b"UNAUTHENTICATE" not in connection.command("a CAPABILITY")[0]
    assert connection.command("b UNAUTHENTICATE") == [b"b BAD UNAUTHENTICATE is not valid when not authenticated"]
    assert b" UNAUTHENTICATE" in connection.command("c LOGIN tim secret")[0]


def test_switched_off_it_is_neither_announced_nor_done(store: ModelStore) -> None:
    connection = Dialogue(store.execute, reusable=False)
    assert b"UNAUTHENTICATE" not in connection.command("a LOGIN tim secret")[0]
    assert connection.command("b UNAUTHENTICATE") == [b"b BAD UNAUTHENTICATE is not offered here"]
    assert connection.command("c SELECT INBOX")[-1].startswith(b"c OK")


@pytest.mark.parametrize("line", ["unauthenticate", "Unauthenticate"])
def test_any_case_of_letters(tim: CompressedDialogue, line: str) -> None:
    assert tim.command(f"a {line}")[0].startswith(b"a OK ")


def test_failed_logins_are_counted_on(tim: CompressedDialogue) -> None:
    tim.command("a UNAUTHENTICATE")
    for number in range(3):
        tim.command(f"b{number} LOGIN una wrong")
    tim.command("c LOGIN una other")
    tim.command("d UNAUTHENTICATE")
    tim.command("e LOGIN una wrong")
    assert tim.send(Received(b"f LOGIN una wrong\r\n"))[-1] == b"* BYE too many failed logins"
