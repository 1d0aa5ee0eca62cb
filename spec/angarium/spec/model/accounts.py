"""What knowing users means: passwords, SCRAM, recipients, literals on their way in (RFC 9051 §6.2, RFC 5802, RFC 2033)."""

from base64 import b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest

from angarium.engine.operations import (
    AuthenticationFailed,
    DiscardStaged,
    FetchScramVerifier,
    Recipient,
    RecipientUnknown,
    ResolveRecipient,
    ScramVerifier,
    StageOctets,
    StoreUnavailable,
    UserName,
    VerifyPassword,
)
from angarium.spec.model.state import World

SCRAM_ITERATIONS = 4096
"""The least that RFC 7677 §4 allows; the model hides no real passwords."""


def verify_password(world: World, operation: VerifyPassword) -> UserName:
    """Check a password; acting for another user is refused (RFC 4616 §2)."""
    if operation.authorize_as not in (None, operation.user) or world.passwords.get(operation.user) != operation.password:
        raise AuthenticationFailed("wrong user name or password")
    return UserName(operation.user)


def fetch_scram_verifier(world: World, operation: FetchScramVerifier) -> ScramVerifier:
    """Derive what SCRAM needs; an unknown user gets a made-up one, always the same (RFC 5802 §3)."""
    password = world.passwords.get(operation.user)
    salt = sha256(operation.user.encode()).digest()[:16]
    salted = pbkdf2_hmac("sha256", (password or "").encode(), salt, SCRAM_ITERATIONS)
    return ScramVerifier(
        user=UserName(operation.user),
        salt=salt,
        iterations=SCRAM_ITERATIONS,
        stored_key=sha256(digest(salted, b"Client Key", "sha256")).digest(),
        server_key=digest(salted, b"Server Key", "sha256"),
        nonce=world.nonce(),
        known=password is not None,
    )


def resolve_recipient(world: World, operation: ResolveRecipient) -> Recipient:
    """``user+folder@domain``: the user, and the mailbox after ``+`` (RFC 5233 §4 calls them user and detail)."""
    local, _, _ = operation.address.rpartition("@") if "@" in operation.address else (operation.address, "", "")
    user, _, detail = local.partition("+")
    if user not in world.passwords:
        raise RecipientUnknown(f"there is no user {user}")
    return Recipient(UserName(user), detail or "INBOX")


def stage_octets(world: World, operation: StageOctets) -> str:
    """Keep octets for a later APPEND."""
    token = operation.token
    if token is None:
        world.last_token += 1
        token = f"staged-{world.last_token}"
        world.staged[token] = b""
    if token not in world.staged:
        raise StoreUnavailable("there is no such staged literal")
    world.staged[token] += operation.octets
    return token


def discard_staged(world: World, operation: DiscardStaged) -> None:
    """Forget a staged literal."""
    world.staged.pop(operation.token, None)


def nonce_from(seed: bytes, number: int) -> str:
    """A nonce that is the same in every run (RFC 5802 §5.1): the model has no randomness."""
    return b64encode(sha256(seed + b"%d" % number).digest()).decode("ascii").rstrip("=")
