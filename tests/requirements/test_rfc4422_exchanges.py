"""SASL exchanges as IMAP carries them (RFC 4422 §3, §5, §6)."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest

from angarium.engine.imap.commands.auth import MECHANISMS
from angarium.engine.sasl.scram import scram_sha_256_client
from angarium.engine.steps import Peer
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

LEGAL = re.compile(rb"[A-Z0-9_-]{1,20}")


@pytest.fixture
def stranger(store: ModelStore) -> Dialogue:
    connection = Dialogue(store.execute)
    connection.lines()
    return connection


def base64(octets: bytes) -> str:
    return b64encode(octets).decode()


def offered(connection: Dialogue) -> set[bytes]:
    """The mechanisms that CAPABILITY names."""
    words = connection.command("c CAPABILITY")[0].split()
    return {word.removeprefix(b"AUTH=") for word in words if word.startswith(b"AUTH=")}


def test_mechanisms_are_named_as_sasl_wants(stranger: Dialogue) -> None:
    assert offered(stranger) == set(MECHANISMS)
    assert all(LEGAL.fullmatch(name) for name in MECHANISMS)


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_a_mechanism_where_the_client_is_first_begins_with_an_empty_challenge(stranger: Dialogue, mechanism: bytes) -> None:
    assert stranger.command(f"a AUTHENTICATE {mechanism.decode()}") == [b"+ "]


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_the_client_may_abort_any_exchange(stranger: Dialogue, mechanism: bytes) -> None:
    stranger.command(f"a AUTHENTICATE {mechanism.decode()}")
    assert stranger.command("*")[0].startswith(b"a BAD ")
    assert stranger.command("b LOGIN tim secret")[0].startswith(b"b OK ")


def test_data_with_success_goes_as_a_challenge_whose_answer_is_empty(stranger: Dialogue) -> None:
    client = scram_sha_256_client("tim", "secret", "nonce")
    (line,) = stranger.command(f"a AUTHENTICATE SCRAM-SHA-256 {base64(next(client))}")
    (line,) = stranger.command(base64(client.send(b64decode(line[2:]))))
    assert b64decode(line[2:]).startswith(b"v=")
    assert client.send(b64decode(line[2:])) == b""
    assert stranger.command("")[0].startswith(b"a OK ")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (b"\0tim\0secret", b"a OK "),
        (b"tim\0tim\0secret", b"a OK "),
        (b"ann\0tim\0secret", b"a NO [AUTHORIZATIONFAILED] "),
        (b"\x07\0tim\0secret", b"a BAD "),
        (b"\xc2\xad\0tim\0secret", b"a BAD "),
        (b"\xff\0tim\0secret", b"a BAD "),
        (b"\0tim\0wrong", b"a NO [AUTHENTICATIONFAILED] "),
        (b"\0ann\0secret", b"a NO [AUTHENTICATIONFAILED] "),
    ],
)
def test_outcomes(stranger: Dialogue, message: bytes, answer: bytes) -> None:
    assert stranger.command(f"a AUTHENTICATE PLAIN {base64(message)}")[0].startswith(answer)
    in_ = b"OK" in answer
    assert stranger.command('b LIST "" *')[-1].startswith(b"b OK " if in_ else b"b BAD ")


def test_the_outcome_does_not_tell_who_is_known(stranger: Dialogue) -> None:
    answers = {stranger.command(f"a AUTHENTICATE PLAIN {base64(each)}")[0] for each in (b"\0tim\0wrong", b"\0nobody\0secret")}
    assert len(answers) == 1


def test_there_is_one_success_in_a_connection(stranger: Dialogue) -> None:
    assert stranger.command(f"a AUTHENTICATE PLAIN {base64(b'%ctim%csecret' % (0, 0))}")[0].startswith(b"a OK ")
    assert stranger.command(f"b AUTHENTICATE PLAIN {base64(b'%ctim%csecret' % (0, 0))}")[0].startswith(b"b BAD ")
    assert stranger.server.session.user == "tim"


def test_initial_responses_that_are_empty_and_that_are_not_there_differ(stranger: Dialogue) -> None:
    assert stranger.command("a AUTHENTICATE PLAIN")[0] == b"+ "
    stranger.command("*")
    assert stranger.command("b AUTHENTICATE PLAIN =")[0].startswith(b"b BAD ")


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_no_mechanism_is_offered_or_entered_where_others_could_listen(store: ModelStore, mechanism: bytes) -> None:
    connection = Dialogue(store.execute, Peer("192.0.2.1", can_start_tls=True))
    connection.lines()
    assert offered(connection) == set()
    assert connection.command(f"a AUTHENTICATE {mechanism.decode()}") == [
        b"a NO [PRIVACYREQUIRED] TLS is required before authentication"
    ]
    assert Dialogue(store.execute, Peer("192.0.2.1", tls=True)).command(f"a AUTHENTICATE {mechanism.decode()}")[-1] == b"+ "


def test_mechanisms_can_be_asked_for_again_behind_tls(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("192.0.2.1", can_start_tls=True))
    connection.lines()
    assert offered(connection) == set()
    assert connection.command("a STARTTLS")[0].startswith(b"a OK ")
    assert offered(connection) == set(MECHANISMS)


def test_failures_are_counted(store: ModelStore, log_in: Callable[[], Dialogue]) -> None:
    connection = Dialogue(store.execute)
    connection.lines()
    said = [line for _ in range(5) for line in connection.command(f"a AUTHENTICATE PLAIN {base64(b'%ctim%cx' % (0, 0))}")]
    assert said[-1].startswith(b"* BYE ")
    assert connection.closed
    log_in()
