from base64 import b64decode, b64encode
from typing import Any

import pytest

from angarium.engine.operations import AuthenticationFailed, PermissionDenied, StoreBusy
from angarium.engine.sasl.scram import scram_sha_256_client
from angarium.engine.steps import Peer
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

WRONG = b"a NO [AUTHENTICATIONFAILED] "


@pytest.fixture
def stranger(store: ModelStore) -> Dialogue:
    connection = Dialogue(store.execute)
    connection.lines()
    return connection


def test_login(stranger: Dialogue) -> None:
    assert stranger.command("a LOGIN tim secret")[0].startswith(b"a OK [CAPABILITY IMAP4rev1 IMAP4rev2 ")
    assert stranger.server.session.user == "tim"


@pytest.mark.parametrize("line", ["LOGIN tim wrong", "LOGIN nobody secret", "LOGIN tim {1+}\r\n\xff", "LOGIN tim {1+}\r\n\x07"])
def test_login_fails(stranger: Dialogue, line: str) -> None:
    (answer,) = stranger.say(b"a " + line.encode("latin-1") + b"\r\n")
    assert answer.startswith(WRONG)
    assert stranger.server.session.login_failures == 1


def test_plain(stranger: Dialogue) -> None:
    assert stranger.command("a AUTHENTICATE PLAIN") == [b"+ "]
    assert stranger.command(b64encode(b"\0tim\0secret").decode())[0].startswith(b"a OK [CAPABILITY ")


@pytest.mark.parametrize("text", ["", "you may not"])
def test_acting_for_another_user(stranger: Dialogue, text: str) -> None:
    def refuse(operation: object) -> object:
        raise PermissionDenied(text)

    stranger.execute = refuse
    line = f"a AUTHENTICATE PLAIN {b64encode(b'ann' + bytes(1) + b'tim' + bytes(1) + b'secret').decode()}"
    assert stranger.command(line) == [f"a NO [AUTHORIZATIONFAILED] {text or 'you may not act for that user'}".encode()]
    assert stranger.server.session.login_failures == 1


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["AUTHENTICATE PLAIN", "*"], b"a BAD AUTHENTICATE cancelled"),
        (["AUTHENTICATE PLAIN", "%%%"], b"a BAD expected base64"),
        (["AUTHENTICATE PLAIN ="], b"a BAD not a PLAIN message"),
        (["AUTHENTICATE NTLM"], b"a NO [CANNOT] no such authentication mechanism"),
    ],
)
def test_says_why(stranger: Dialogue, lines: list[str], answer: bytes) -> None:
    said = [said for line in ["a " + lines[0], *lines[1:]] for said in stranger.command(line)]
    assert said[-1] == answer
    assert stranger.server.session.login_failures == 1


def scram(connection: Dialogue, user: str, password: str) -> list[bytes]:
    client = scram_sha_256_client(user, password, "nonce")
    lines = connection.command(f"a AUTHENTICATE SCRAM-SHA-256 {b64encode(next(client)).decode()}")
    while lines[-1].startswith(b"+ "):
        lines = connection.command(b64encode(client.send(b64decode(lines[-1][2:]))).decode())
    return lines


def test_scram(stranger: Dialogue) -> None:
    assert scram(stranger, "tim", "secret")[-1].startswith(b"a OK [CAPABILITY ")


@pytest.mark.parametrize(("user", "password"), [("tim", "wrong"), ("nobody", "secret")])
def test_scram_fails(stranger: Dialogue, user: str, password: str) -> None:
    assert scram(stranger, user, password)[-1].startswith(WRONG)


def test_store_that_refuses_in_an_exchange(stranger: Dialogue) -> None:
    def refuse(operation: object) -> object:
        raise AuthenticationFailed("locked")

    stranger.execute = refuse
    assert scram(stranger, "tim", "secret") == [WRONG + b"locked"]


@pytest.mark.parametrize("line", ["LOGIN tim secret", "AUTHENTICATE PLAIN"])
def test_passwords_wait_for_tls(store: ModelStore, line: str) -> None:
    connection = Dialogue(store.execute, Peer("x", can_start_tls=True))
    connection.lines()
    assert connection.command(f"a {line}") == [b"a NO [PRIVACYREQUIRED] TLS is required before authentication"]


@pytest.mark.parametrize("peer", [Peer("x"), Peer("x", tls=True, can_start_tls=True)])
def test_tls_is_not_offered(store: ModelStore, peer: Peer) -> None:
    connection = Dialogue(store.execute, peer)
    connection.lines()
    assert connection.command("a STARTTLS") == [b"a BAD STARTTLS is not offered here"]


@pytest.mark.parametrize(
    ("line", "answer", "told"),
    [
        ("LOGIN tim secret", None, ("tim", None)),
        ("LOGIN tim secret", AuthenticationFailed(), ("tim", "AuthenticationFailed")),
        ("LOGIN tim secret", StoreBusy(), ("tim", "StoreBusy")),
        ("LOGIN tim {1+}\r\n\x07", None, None),
        (f"AUTHENTICATE PLAIN {b64encode(bytes(1) + b'tim' + bytes(1) + b'secret').decode()}", None, ("tim", None)),
        (
            f"AUTHENTICATE PLAIN {b64encode(bytes(1) + b'tim' + bytes(1) + b'secret').decode()}",
            PermissionDenied(),
            ("tim", "PermissionDenied"),
        ),
        (
            f"AUTHENTICATE PLAIN {b64encode(bytes(1) + b'tim' + bytes(1) + b'secret').decode()}",
            StoreBusy(),
            ("tim", "StoreBusy"),
        ),
        ("AUTHENTICATE PLAIN =", None, None),
        ("AUTHENTICATE NTLM", None, None),
        (f"AUTHENTICATE SCRAM-SHA-256 {b64encode(b'n,,n=tim,r=x').decode()}\r\nAAAA", None, ("tim", "SaslError")),
        (f"AUTHENTICATE SCRAM-SHA-256 {b64encode(b'n,,n=tim,r=x').decode()}\r\n*", None, None),
    ],
)
def test_how_a_login_has_ended_is_reported(
    store: ModelStore, line: str, answer: Exception | None, told: tuple[str, str | None] | None
) -> None:
    def execute(operation: Any) -> Any:
        if answer is not None:
            raise answer
        return store.execute(operation)

    reports: list[tuple[str, str | None]] = []
    connection = Dialogue(execute, report_login=lambda user, failure: reports.append((user, failure)))
    connection.say(b"a " + line.encode() + b"\r\n")
    assert reports == ([told] if told else [])
