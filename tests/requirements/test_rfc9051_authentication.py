"""RFC 9051 §6.2: STARTTLS, AUTHENTICATE and LOGIN, and what each leaves undone."""

import re
from base64 import b64encode

import pytest

from angarium.engine.imap.commands.auth import MECHANISMS
from angarium.engine.imap.state import PlaintextLogin
from angarium.engine.steps import Peer
from angarium.grammar.imap.commands import Authenticate
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_command import parse_command
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

IN_TLS = Peer("client", tls=True)
IN_THE_CLEAR = Peer("client", can_start_tls=True)
PLAIN = b64encode(b"\0tim\0secret").decode()


def capabilities(connection: Dialogue) -> set[bytes]:
    return set(connection.command("c CAPABILITY")[0].split()[2:])


def arrived(store: ModelStore, peer: Peer = IN_TLS, plaintext_login: PlaintextLogin = PlaintextLogin.NEVER) -> Dialogue:
    """A connection on which the greeting has been heard."""
    connection = Dialogue(store.execute, peer, plaintext_login=plaintext_login)
    connection.lines()
    return connection


@pytest.mark.parametrize("peer", [IN_TLS, IN_THE_CLEAR])
def test_plain_works_on_both_kinds_of_port(store: ModelStore, peer: Peer) -> None:
    connection = arrived(store, peer)
    if not peer.tls:
        assert connection.command("a STARTTLS")[-1].startswith(b"a OK")
    assert b"AUTH=PLAIN" in capabilities(connection)
    assert connection.command(f"b AUTHENTICATE PLAIN {PLAIN}")[-1].startswith(b"b OK")


@pytest.mark.parametrize("line", ["LOGIN tim secret", f"AUTHENTICATE PLAIN {PLAIN}", "AUTHENTICATE PLAIN", "STARTTLS"])
@pytest.mark.parametrize("before", ["NOOP", "SELECT INBOX"])
def test_nobody_authenticates_twice(store: ModelStore, before: str, line: str) -> None:
    connection = arrived(store, Peer("client", local=True, can_start_tls=True), PlaintextLogin.ALWAYS)
    connection.command("a LOGIN tim secret")
    connection.command(f"b {before}")
    assert connection.command(f"c {line}")[-1].startswith(b"c BAD")
    assert connection.command("d STATUS INBOX (MESSAGES)")[-1].startswith(b"d OK")


def test_tls_authenticates_nobody(store: ModelStore) -> None:
    for connection in (arrived(store, IN_TLS), arrived(store, IN_THE_CLEAR)):
        if not connection.server.session.tls:
            connection.command("a STARTTLS")
        assert connection.command("b SELECT INBOX")[-1].startswith(b"b BAD")
        assert connection.command("c LOGIN tim secret")[-1].startswith(b"c OK")


@pytest.mark.parametrize(
    "text",
    ["=AAA", "AAA=BBB", "A", "AAAA=", "AAA", "!!!!", "AAAA====", "AA==AA==", "AA-_"]
    + [f"{PLAIN[:4]}{junk}{PLAIN[4:]}" for junk in "!-_ ="],
)  # fmt: skip
def test_responses_that_are_no_base64_are_bad(store: ModelStore, text: str) -> None:
    connection = arrived(store)
    assert connection.command(f"a AUTHENTICATE PLAIN {text}")[-1].startswith(b"a BAD")
    assert connection.command("b AUTHENTICATE PLAIN") == [b"+ "]
    assert connection.command(text)[-1].startswith(b"b BAD")
    assert connection.command(f"c AUTHENTICATE PLAIN {PLAIN}")[-1].startswith(b"c OK")


@pytest.mark.parametrize("string", [f'"{PLAIN}"', f"{{{len(PLAIN)}+}}\r\n{PLAIN}"])
def test_the_initial_response_is_no_string(store: ModelStore, string: str) -> None:
    assert re.match(rb"a BAD ", arrived(store).command(f"a AUTHENTICATE PLAIN {string}")[0])


def test_an_equals_sign_is_an_empty_initial_response() -> None:
    assert parse_command(Frame(b"a AUTHENTICATE PLAIN =")).command == Authenticate(b"PLAIN", b"")
    assert parse_command(Frame(b"a AUTHENTICATE PLAIN")).command == Authenticate(b"PLAIN", None)


@pytest.mark.parametrize("line", ["LOGIN tim secret", f"AUTHENTICATE PLAIN {PLAIN}"])
@pytest.mark.parametrize("peer", [IN_THE_CLEAR, Peer("client"), Peer("client", local=True, can_start_tls=True)])
def test_passwords_can_be_refused_without_tls(store: ModelStore, peer: Peer, line: str) -> None:
    connection = arrived(store, peer, PlaintextLogin.NEVER)
    announced = capabilities(connection)
    assert b"LOGINDISABLED" in announced
    assert b"AUTH=PLAIN" not in announced
    assert connection.command(f"a {line}")[-1].startswith(b"a NO [PRIVACYREQUIRED]")
    assert connection.command("b SELECT INBOX")[-1].startswith(b"b BAD")


def test_every_mechanism_is_announced(store: ModelStore) -> None:
    announced = {name for name in capabilities(arrived(store)) if name.startswith(b"AUTH=")}
    assert announced == {b"AUTH=" + name for name in MECHANISMS}


def test_capabilities_grow_with_authentication(store: ModelStore) -> None:
    connection = arrived(store)
    before = capabilities(connection)
    told = connection.command(f"a AUTHENTICATE PLAIN {PLAIN}")[0]
    after = capabilities(connection)
    assert after - before >= {b"NAMESPACE", b"IDLE", b"MOVE"}
    assert not {name for name in after if name.startswith(b"AUTH=")}
    assert told.startswith(b"a OK [CAPABILITY " + b" ".join(connection.command("c CAPABILITY")[0].split()[2:]) + b"]")
