"""AUTHENTICATE from the client's side: PLAIN and SCRAM-SHA-256 (RFC 4616, RFC 5802, RFC 7677 §3)."""

from base64 import b64decode, b64encode

import pytest

from angarium.engine.imap.client import ConnectionState, ImapClient
from angarium.engine.imap.client_sasl import SaslFailed, plain, scram_sha_256

# The exchange that RFC 7677 §3 prints.
USER, PASSWORD, NONCE = "user", "pencil", "rOprNGfwEbeRWgbNEkqO"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
CLIENT_FINAL = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def client_of(capabilities: bytes) -> ImapClient:
    client = ImapClient()
    client.receive(b"* OK [CAPABILITY IMAP4rev1 " + capabilities + b"] ready\r\n")
    return client


def challenge(octets: bytes) -> bytes:
    return b"+ " + b64encode(octets) + b"\r\n"


@pytest.mark.parametrize("capability", [b"SASL-IR", b"IMAP4rev2"])
def test_plain_goes_along_with_the_command(capability: bytes) -> None:
    client = client_of(capability)
    client.authenticate(b"PLAIN", plain("ann", "pw"))
    assert client.outgoing() == b"A1 AUTHENTICATE PLAIN " + b64encode(b"\0ann\0pw") + b"\r\n"
    client.receive(b"A1 OK in\r\n")
    assert client.state is ConnectionState.AUTHENTICATED


def test_plain_waits_for_a_server_without_initial_responses() -> None:
    client = client_of(b"IDLE")
    client.authenticate(b"PLAIN", plain("ann", "pw", "bob"))
    assert client.outgoing() == b"A1 AUTHENTICATE PLAIN\r\n"
    client.receive(b"+ \r\n")
    assert b64decode(client.outgoing()) == b"bob\0ann\0pw"


def test_plain_has_nothing_to_say_to_a_challenge() -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"PLAIN", plain("ann", "pw"))
    client.outgoing()
    client.receive(challenge(b"what?"))
    assert client.outgoing() == b"*\r\n"
    with pytest.raises(SaslFailed, match="no challenge"):
        client.receive(b"A1 BAD cancelled\r\n")


def test_a_refused_login_is_an_answer_not_an_error() -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"PLAIN", plain("ann", "wrong"))
    client.receive(b"A1 NO [AUTHENTICATIONFAILED] no\r\n")
    assert client.state is ConnectionState.NOT_AUTHENTICATED


def test_scram_as_the_rfc_prints_it() -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"SCRAM-SHA-256", scram_sha_256(USER, PASSWORD, NONCE))
    assert b64decode(client.outgoing().split()[3]) == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    client.receive(challenge(SERVER_FIRST))
    assert b64decode(client.outgoing()) == CLIENT_FINAL
    client.receive(challenge(SERVER_FINAL))
    assert client.outgoing() == b"\r\n"
    client.receive(b"A1 OK in\r\n")
    assert client.state is ConnectionState.AUTHENTICATED


@pytest.mark.parametrize("challenges", [[], [SERVER_FIRST]])
def test_a_server_that_proves_nothing_is_not_believed(challenges: list[bytes]) -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"SCRAM-SHA-256", scram_sha_256(USER, PASSWORD, NONCE))
    for each in challenges:
        client.receive(challenge(each))
    with pytest.raises(SaslFailed, match="has not proved"):
        client.receive(b"A1 OK in\r\n")


@pytest.mark.parametrize(
    "challenges",
    [
        [b"r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
        [SERVER_FIRST, b"v=AAAA"],
        [SERVER_FIRST, SERVER_FINAL, b"more"],
    ],
)
def test_a_wrong_challenge_ends_the_exchange(challenges: list[bytes]) -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"SCRAM-SHA-256", scram_sha_256(USER, PASSWORD, NONCE))
    for each in challenges:
        client.outgoing()
        client.receive(challenge(each))
    assert client.outgoing() == b"*\r\n"
    with pytest.raises(SaslFailed):
        client.receive(b"A1 NO cancelled\r\n")


def test_a_challenge_after_giving_up_is_given_up_too() -> None:
    client = client_of(b"SASL-IR")
    client.authenticate(b"PLAIN", plain("ann", "pw"))
    for _ in range(2):
        client.outgoing()
        client.receive(challenge(b"what?"))
    assert client.outgoing() == b"*\r\n"
    with pytest.raises(SaslFailed, match="no challenge"):
        client.receive(b"A1 NO cancelled\r\n")
