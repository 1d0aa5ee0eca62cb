"""What knowing users means: passwords, SCRAM, recipients, literals on their way in (RFC 9051 §6.2, RFC 5802, RFC 2033)."""

from base64 import b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest

from angarium.engine.operations import (
    AuthenticationFailed,
    DiscardStaged,
    FetchScramVerifier,
    PermissionDenied,
    ReadStaged,
    Recipient,
    RecipientUnknown,
    ResolveRecipient,
    ScramVerifier,
    StageOctets,
    StoreUnavailable,
    UserName,
    VerifyPassword,
)
from angarium.engine.sasl.saslprep import saslprep
from angarium.spec.model.state import World

SCRAM_ITERATIONS = 4096
"""The least that RFC 7677 §4 allows; the model hides no real passwords."""


def find_user(world: World, name: str) -> UserName | None:
    """The user of that name; names are prepared and compared without regard to case (RFC 4013)."""
    try:
        user = saslprep(name).lower()
    except ValueError:
        return None
    return UserName(user) if user in world.passwords else None


def verify_password(world: World, operation: VerifyPassword) -> UserName:
    """Check a password; acting for another user is refused (RFC 4616 §2)."""
    user = find_user(world, operation.user)
    if user is None or world.passwords[user] != operation.password:
        raise AuthenticationFailed("wrong user name or password")
    if operation.authorize_as is not None and find_user(world, operation.authorize_as) != user:
        raise PermissionDenied("you may not act for that user")
    return user


def fetch_scram_verifier(world: World, operation: FetchScramVerifier) -> ScramVerifier:
    """Derive what SCRAM needs; an unknown user gets a made-up one, always the same (RFC 5802 §3)."""
    user = find_user(world, operation.user)
    password = "" if user is None else world.passwords[user]
    salt = sha256(operation.user.encode()).digest()[:16]
    salted = pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    return ScramVerifier(
        user=UserName(operation.user) if user is None else user,
        salt=salt,
        iterations=SCRAM_ITERATIONS,
        stored_key=sha256(digest(salted, b"Client Key", "sha256")).digest(),
        server_key=digest(salted, b"Server Key", "sha256"),
        nonce=world.nonce(),
        known=user is not None,
    )


def resolve_recipient(world: World, operation: ResolveRecipient) -> Recipient:
    """``user``, ``user@domain`` or ``user+folder@domain``: RFC 5233 §4 calls them user and detail.

    The whole comes first, because a user's name may hold the delimiter or look like an address.
    """
    local, at, domain = operation.address.rpartition("@") if "@" in operation.address else (operation.address, "", "")
    name, _, detail = local.partition("+")
    for whole, folder in ((local, ""), (operation.address, ""), (name, detail), (name + at + domain, detail)):
        user = find_user(world, whole)
        if user is not None:
            return Recipient(user, folder or "INBOX")
    raise RecipientUnknown("there is no such user")


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


def read_staged(world: World, operation: ReadStaged) -> bytes:
    """Octets of a staged literal."""
    if operation.token not in world.staged:
        raise StoreUnavailable("there is no such staged literal")
    return world.staged[operation.token][operation.offset : operation.offset + operation.octets]


def discard_staged(world: World, operation: DiscardStaged) -> None:
    """Forget a staged literal."""
    world.staged.pop(operation.token, None)


def nonce_from(seed: bytes, number: int) -> str:
    """A nonce that is the same in every run (RFC 5802 §5.1): the model has no randomness."""
    return b64encode(sha256(seed + b"%d" % number).digest()).decode("ascii").rstrip("=")
