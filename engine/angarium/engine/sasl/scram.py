"""SCRAM-SHA-256, server and client side (RFC 5802, RFC 7677), without channel binding.

Nonces come in as values: the server's with the verifier from the store, the client's as an argument.

    client-first     n,,n=user,r=cnonce
    server-first     r=cnonce+snonce,s=salt,i=iterations
    client-final     c=biws,r=nonce,p=proof
    server-final     v=signature
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Generator

from attrs import field, frozen

from angarium.engine.operations import AuthenticationFailed, FetchScramVerifier, PermissionDenied, ScramVerifier, UserName
from angarium.engine.sasl.exchange import Challenge, Exchange, SaslError
from angarium.engine.sasl.saslprep import saslprep

ITERATIONS_MAX = 10_000_000
"""What a client will compute for a server that asks (RFC 5802 §9): more is an attack on its processor."""


@frozen
class ClientFirst:
    """``client-first-message`` (RFC 5802 §7); ``header`` is its ``gs2-header``, ``bare`` the rest."""

    header: str
    bare: str
    user: str
    nonce: str
    authorize_as: str


@frozen
class ClientFinal:
    """``client-final-message`` (RFC 5802 §7)."""

    without_proof: str
    nonce: str
    proof: bytes = field(repr=False)


def scram_sha_256(initial_response: bytes | None) -> Exchange:
    """Carry out SCRAM-SHA-256 as the server (RFC 5802 §3)."""
    octets = initial_response
    if octets is None:
        octets = yield Challenge(b"")
    first = parse_client_first(octets)
    verifier: ScramVerifier = yield FetchScramVerifier(first.user)
    nonce = first.nonce + verifier.nonce
    server_first = f"r={nonce},s={b64encode(verifier.salt).decode('ascii')},i={verifier.iterations}"
    final = parse_client_final((yield Challenge(server_first.encode("ascii"))), first.header)
    auth_message = f"{first.bare},{server_first},{final.without_proof}".encode()
    if final.nonce != nonce or not proof_is_right(verifier, auth_message, final.proof):
        raise AuthenticationFailed("wrong user name or password")
    if first.authorize_as and first.authorize_as not in (first.user, verifier.user):
        raise PermissionDenied("may not act for that user")
    signature = hmac.digest(verifier.server_key, auth_message, "sha256")
    if (yield Challenge(b"v=" + b64encode(signature))):
        raise SaslError("expected an empty response to server-final-message")
    return UserName(verifier.user)


def proof_is_right(verifier: ScramVerifier, auth_message: bytes, proof: bytes) -> bool:
    """Check ClientProof against StoredKey (RFC 5802 §3); costs the same for a made-up verifier."""
    signature = hmac.digest(verifier.stored_key, auth_message, "sha256")
    client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=False))
    right = hmac.compare_digest(hashlib.sha256(client_key).digest(), verifier.stored_key)
    return right and verifier.known


def parse_client_first(octets: bytes) -> ClientFirst:
    """Parse ``client-first-message``; channel binding is refused, for it is not offered (RFC 5802 §6, §7)."""
    try:
        text = octets.decode("utf-8")
        flag, authorization, bare = text.split(",", 2)
        user, nonce = bare.split(",")[:2]
    except ValueError as error:
        raise SaslError("expected client-first-message") from error
    if flag not in ("n", "y") or user[:2] != "n=" or nonce[:2] != "r=" or not is_nonce(nonce[2:]):
        raise SaslError("expected client-first-message")
    if authorization and authorization[:2] != "a=":
        raise SaslError("expected authzid")
    acting_as = _saslname(authorization[2:]) if authorization else ""
    return ClientFirst(f"{flag},{authorization},", bare, _saslname(user[2:]), nonce[2:], acting_as)


def is_nonce(text: str) -> bool:
    """``nonce``: printable ASCII without comma, and there is some (RFC 5802 §7)."""
    return bool(text) and all("!" <= character <= "~" and character != "," for character in text)


def _saslname(text: str) -> str:
    """Decode ``saslname``: ``=2C`` and ``=3D``, any other ``=`` is wrong; something has to be left of it (RFC 5802 §5.1)."""
    decoded = text.replace("=2C", ",").replace("=3D", "\0")
    if "=" in decoded or "\0" in text or not text:
        raise SaslError("expected saslname")
    try:
        prepared = saslprep(decoded.replace("\0", "="))
    except ValueError as error:
        raise SaslError(str(error)) from error
    if not prepared:
        raise SaslError("nothing is left of the name")
    return prepared


def parse_client_final(octets: bytes, header: str) -> ClientFinal:
    """Parse ``client-final-message``; its ``channel-binding`` must repeat the ``gs2-header`` (RFC 5802 §7)."""
    try:
        without_proof, proof = octets.decode("utf-8").rsplit(",p=", 1)
        binding, nonce = without_proof.split(",")[:2]
        if binding[:2] != "c=" or b64decode(binding[2:], validate=True).decode("utf-8") != header or nonce[:2] != "r=":
            raise ValueError("channel binding differs")
        return ClientFinal(without_proof, nonce[2:], _proof(b64decode(proof, validate=True)))
    except ValueError as error:
        raise SaslError("expected client-final-message") from error


def _proof(octets: bytes) -> bytes:
    if len(octets) != hashlib.sha256().digest_size:
        raise ValueError("a proof is as long as the hash")
    return octets


@frozen
class ScramKeys:
    """What a server keeps of a password (RFC 5802 §3)."""

    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


def salted_password(password: str, salt: bytes, iterations: int) -> bytes:
    """``SaltedPassword``: Hi(Normalize(password), salt, i) (RFC 5802 §3)."""
    return hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), salt, iterations)


def scram_keys(password: str, salt: bytes, iterations: int) -> ScramKeys:
    """Derive StoredKey and ServerKey (RFC 5802 §3)."""
    salted = salted_password(password, salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return ScramKeys(hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256"))


def scram_sha_256_client(user: str, password: str, nonce: str) -> Generator[bytes, bytes, None]:
    """Carry out SCRAM-SHA-256 as the client: yields messages, is sent challenges (RFC 5802 §3).

    Raises ``SaslError`` where there is no user name to send, the server's message is wrong, or its signature shows that it
    does not know the password.
    """
    prepared = saslprep(user)
    if not prepared:
        raise SaslError("nothing is left of the user name")
    bare = f"n={prepared.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
    server_first = (yield f"n,,{bare}".encode()).decode("utf-8", "replace")
    whole_nonce, salt, iterations = _parse_server_first(server_first, nonce)
    salted = salted_password(password, salt, iterations)
    without_proof = f"c=biws,r={whole_nonce}"
    auth_message = f"{bare},{server_first},{without_proof}".encode()
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client_key).digest(), auth_message, "sha256")
    proof = b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True)))
    server_final = yield without_proof.encode() + b",p=" + proof
    expected = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), auth_message, "sha256")
    if not hmac.compare_digest(server_final.split(b",", 1)[0], b"v=" + b64encode(expected)):  # extensions may follow
        raise SaslError("the server does not know the password")
    yield b""


def _parse_server_first(text: str, nonce: str) -> tuple[str, bytes, int]:
    """Parse ``server-first-message`` (RFC 5802 §7)."""
    try:
        whole, salt, iterations = text.split(",")[:3]
        if whole[:2] != "r=" or salt[:2] != "s=" or iterations[:2] != "i=" or not whole[2:].startswith(nonce):
            raise ValueError("attributes out of order")
        count = int(iterations[2:])
        if not 0 < count <= ITERATIONS_MAX:
            raise ValueError("iteration count")
        return whole[2:], b64decode(salt[2:], validate=True), count
    except ValueError as error:
        raise SaslError("expected server-first-message") from error
