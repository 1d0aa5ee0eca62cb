import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.operations import AuthenticationFailed, FetchScramVerifier, PermissionDenied, ScramVerifier, UserName
from angarium.engine.sasl.exchange import Challenge, SaslError
from angarium.engine.sasl.scram import (
    ITERATIONS_MAX,
    parse_client_final,
    parse_client_first,
    scram_keys,
    scram_sha_256,
    scram_sha_256_client,
)

# The example of RFC 7677 §3.
SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CLIENT_FIRST = f"n,,n=user,r={CLIENT_NONCE}".encode()
SERVER_FIRST = f"r={CLIENT_NONCE}{SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".encode()
CLIENT_FINAL = f"c=biws,r={CLIENT_NONCE}{SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=".encode()
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def verifier(password: str = "pencil", iterations: int = 4096, known: bool = True) -> ScramVerifier:
    keys = scram_keys(password, SALT, iterations)
    return ScramVerifier(UserName("user"), SALT, iterations, keys.stored_key, keys.server_key, SERVER_NONCE, known)


def serve(messages: list[bytes | None], secret: ScramVerifier) -> list[Any]:
    """What the server says to each message; the last is its result."""
    exchange = scram_sha_256(messages[0])
    said: list[Any] = []
    replies = iter(messages[1:])
    try:
        ask = next(exchange)
        while True:
            if isinstance(ask, FetchScramVerifier):
                ask = exchange.send(secret)
            else:
                assert isinstance(ask, Challenge)
                said.append(ask.octets)
                ask = exchange.send(next(replies))
    except StopIteration as done:
        said.append(done.value)
    return said


def test_example_of_rfc_7677() -> None:
    assert serve([CLIENT_FIRST, CLIENT_FINAL, b""], verifier()) == [SERVER_FIRST, SERVER_FINAL, "user"]


def test_without_initial_response() -> None:
    assert serve([None, CLIENT_FIRST, CLIENT_FINAL, b""], verifier()) == [b"", SERVER_FIRST, SERVER_FINAL, "user"]


def test_client_follows_the_example() -> None:
    client = scram_sha_256_client("user", "pencil", CLIENT_NONCE)
    assert next(client) == CLIENT_FIRST
    assert client.send(SERVER_FIRST) == CLIENT_FINAL
    assert client.send(SERVER_FINAL) == b""


@pytest.mark.parametrize(
    "messages",
    [
        [CLIENT_FIRST.replace(b"n,,", b"n,a=fred,"), CLIENT_FINAL.replace(b"biws", b"bixhPWZyZWQs")],
        [CLIENT_FIRST, CLIENT_FINAL.replace(b"k0,p", b"k1,p")],
    ],
)
def test_wrong_proof_fails(messages: list[bytes]) -> None:
    with pytest.raises(AuthenticationFailed):
        serve([*messages], verifier())


@pytest.mark.parametrize("secret", [verifier("crayon"), verifier(known=False)])
def test_wrong_password_and_unknown_user_fail_alike(secret: ScramVerifier) -> None:
    with pytest.raises(AuthenticationFailed, match="wrong user name or password"):
        serve([CLIENT_FIRST, CLIENT_FINAL], secret)


def log_in(user: str, password: str) -> list[Any]:
    """Let the two ends talk."""
    client = scram_sha_256_client(user, password, "nonce")
    server = scram_sha_256(next(client))
    ask: Any = next(server)
    assert isinstance(ask, FetchScramVerifier)
    ask = server.send(verifier(password, iterations=10))
    ask = server.send(client.send(ask.octets))
    client.send(ask.octets)
    with pytest.raises(StopIteration) as done:
        server.send(b"")
    return [ask, done.value.value]


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)


@given(user=printable, password=printable)
def test_both_ends_agree(user: str, password: str) -> None:
    assert log_in(user, password)[1] == "user"


def acting(authorize_as: bytes) -> list[Any]:
    """A right proof for a login that asks for another identity."""
    header = b"n,a=" + authorize_as + b","
    client = scram_sha_256_client("user", "pencil", "nonce")
    first = next(client).replace(b"n,,", header)
    server = scram_sha_256(first)
    next(server)
    challenge: Any = server.send(verifier(iterations=10))
    # The client end signs "biws"; sign what was really sent by the same arithmetic.
    without_proof = b"c=" + b64encode(header) + b",r=nonce" + SERVER_NONCE.encode()
    auth_message = first[len(header) :] + b"," + challenge.octets + b"," + without_proof
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", SALT, 10)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client_key).digest(), auth_message, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return [server, server.send(without_proof + b",p=" + b64encode(proof))]


def test_may_act_as_oneself_only() -> None:
    assert acting(b"user")[1].octets.startswith(b"v=")
    with pytest.raises(PermissionDenied, match="act"):
        acting(b"fred")


def test_last_response_is_empty() -> None:
    with pytest.raises(SaslError):
        serve([CLIENT_FIRST, CLIENT_FINAL, b"x"], verifier())


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"n,,", b"n,,n=user", b"p=tls-unique,,n=user,r=x", b"n,b=x,n=user,r=x", b"n,,u=user,r=x", b"n,,n=user,r=",
        b"n,,n=user,x=y", b"n,,n=user,r=a b", b"n,,n=,r=x", b"n,,n=a=b,r=x", b"n,,n=a\0,r=x", b"n,,n=\x07,r=x", b"\xff,,n=u,r=x",
        b"n,a=,n=u,r=x", b"n,,n=\xc2\xad,r=x", b"n,a=\xc2\xad,n=u,r=x",
    ],
)  # fmt: skip
def test_refuses_client_first(octets: bytes) -> None:
    with pytest.raises(SaslError):
        parse_client_first(octets)


def test_saslname_is_decoded() -> None:
    first = parse_client_first(b"y,a=x=2Cy,n=a=3Db=2Cc,r=x,ext=1")
    assert (first.user, first.authorize_as, first.header) == ("a=b,c", "x,y", "y,a=x=2Cy,")


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"c=biws,r=x", b"c=biws,p=AAAA", b"c=biws,r=x,p=AAAA", b"c=eSws,r=x,p=" + b"A" * 43 + b"=",
        b"d=biws,r=x,p=" + b"A" * 43 + b"=", b"c=biws,s=x,p=" + b"A" * 43 + b"=", b"c=biws,r=x,p=!",
    ],
)  # fmt: skip
def test_refuses_client_final(octets: bytes) -> None:
    with pytest.raises(SaslError):
        parse_client_final(octets, "n,,")


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"r=nonce1,s=AAAA", b"r=other,s=AAAA,i=1", b"r=nonce1,s=!,i=1", b"r=nonce1,s=AAAA,i=x", b"r=nonce1,s=AAAA,i=0",
        b"x=nonce1,s=AAAA,i=1", b"r=nonce1,x=AAAA,i=1", b"r=nonce1,s=AAAA,x=1", b"r=nonce1,s=AAAA,i=%d" % (ITERATIONS_MAX + 1),
    ],
)  # fmt: skip
def test_client_refuses_server_first(octets: bytes) -> None:
    client = scram_sha_256_client("user", "pencil", "nonce")
    next(client)
    with pytest.raises(SaslError):
        client.send(octets)


def test_client_passes_over_extensions() -> None:
    client = scram_sha_256_client("user", "pencil", CLIENT_NONCE)
    next(client)
    client.send(SERVER_FIRST)
    assert client.send(SERVER_FINAL + b",x=new") == b""


def test_client_sends_no_empty_name() -> None:
    with pytest.raises(SaslError, match="name"):
        next(scram_sha_256_client("\u00ad", "pencil", CLIENT_NONCE))


@pytest.mark.parametrize("final", [b"", b"e=invalid-proof", b"v=AAAA"])
def test_client_refuses_a_server_without_the_password(final: bytes) -> None:
    client = scram_sha_256_client("user", "pencil", CLIENT_NONCE)
    next(client)
    client.send(SERVER_FIRST)
    with pytest.raises(SaslError):
        client.send(final)
