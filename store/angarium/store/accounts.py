"""Users and what proves who they are, in ``<folder>/accounts.sqlite3`` (RFC 9051 §6.2, RFC 4616, RFC 5802, RFC 7677).

User names are prepared with SASLprep (RFC 4013) and compared without regard to case: they are kept in lower case, and that is
the name operations know. Of a password two verifiers are kept: argon2id for passwords that are sent, and SCRAM-SHA-256.

Argon2id is slow on purpose. So that clients which log in every minute do not pay for it each time, a password that was right
is remembered in this process, as a keyed hash with a key that never leaves it, for as long as the account keeps the verifier.
An unknown user costs as much as a wrong password.
"""

import hmac
import secrets
import sqlite3
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from attrs import field, frozen

from angarium.engine.acl import means_others
from angarium.engine.operations import (
    AuthenticationFailed,
    FetchScramVerifier,
    PermissionDenied,
    Recipient,
    RecipientUnknown,
    ResolveRecipient,
    ScramVerifier,
    StoreError,
    UserName,
    VerifyPassword,
)
from angarium.engine.sasl.saslprep import saslprep
from angarium.engine.sasl.scram import scram_keys
from angarium.store.sqlite import schema
from angarium.store.sqlite.connections import connect
from angarium.store.sqlite.salvage import Tables

SCRAM_ITERATIONS: Final = 4096
"""The least that RFC 7677 §4 allows, and what a busy server can ask of phones."""

_REMEMBERED_MAX: Final = 10_000
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_SCHEMA: Final = (
    """
    CREATE TABLE account (
        user TEXT PRIMARY KEY,
        argon2 TEXT NOT NULL,
        salt BLOB NOT NULL,
        iterations INTEGER NOT NULL,
        stored_key BLOB NOT NULL,
        server_key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL, argon2 TEXT NOT NULL) STRICT;
    """,
    # Which identifiers an owner has named in access control lists (RFC 4314): a hint where to look, the lists are the owner's.
    """
    CREATE TABLE sharer (identifier TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (identifier, owner)) STRICT, WITHOUT ROWID;
    """,
)


TABLES: Final = Tables(_SCHEMA, {"secret": "one"}, ("account", "sharer"))
ACCOUNTS: Final = "accounts.sqlite3"


class AccountExists(StoreError):
    """There is such a user already."""


class AccountNotFound(StoreError):
    """There is no such user."""


class InvalidUserName(StoreError):
    """No user may have this name."""


@frozen
class _Verifiers:
    argon2: str = field(repr=False)
    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


def canonical_user(name: str) -> UserName:
    """Give the spelling a user name is kept in (RFC 4013). Raises InvalidUserName."""
    try:
        prepared = saslprep(name).lower()
    except ValueError as error:
        raise InvalidUserName(f"Not a user name: {error}") from error
    if not prepared or len(prepared.encode()) > 255 or any(character in prepared for character in "\0/\r\n"):
        raise InvalidUserName("A user name has 1 to 255 octets and no slash")
    return UserName(prepared)


class Accounts:
    """The users of a data folder; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, domains: frozenset[str] = frozenset(), delimiter: str = "+") -> None:
        self._domains: Final = frozenset(domain.lower() for domain in domains)
        self._delimiter: Final = delimiter
        self._lock: Final = threading.Lock()
        self._hashing: Final = threading.Semaphore(4)
        self._process_key: Final = secrets.token_bytes(32)
        self._remembered: Final[OrderedDict[bytes, str]] = OrderedDict()
        self._connection: Final = connect(folder / ACCOUNTS)
        schema.migrate(self._connection, _SCHEMA)
        self._key, self._nobody = self._secret()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def add(self, name: str, password: str) -> UserName:
        """Add a user. Raises AccountExists, InvalidUserName."""
        user = canonical_user(name)
        if means_others(user):
            raise InvalidUserName(f"In access control lists {user} means others")
        row = self._verifiers(password)
        with self._lock:
            try:
                self._connection.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", (user, *row))
            except sqlite3.IntegrityError as error:
                raise AccountExists(f"There is a user {user} already") from error
        return user

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password. Raises AccountNotFound."""
        user = canonical_user(name)
        row = self._verifiers(password)
        self._change(
            user,
            "UPDATE account SET argon2 = ?, salt = ?, iterations = ?, stored_key = ?, server_key = ? WHERE user = ?",
            (*row, user),
        )

    def remove(self, name: str) -> None:
        """Remove a user; the mail stays where it is. Raises AccountNotFound."""
        user = canonical_user(name)
        self._change(user, "DELETE FROM account WHERE user = ?", (user,))

    def list(self) -> list[UserName]:
        """List all users, sorted."""
        with self._lock:
            return [UserName(user) for (user,) in self._connection.execute("SELECT user FROM account ORDER BY user")]

    def exists(self, name: str) -> bool:
        """Say whether there is such a user."""
        return self._find(name) is not None

    def note_sharer(self, owner: UserName, identifier: str) -> None:
        """Remember that a list of ``owner`` names an identifier (RFC 4314 §3.1)."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO sharer VALUES (?, ?)", (identifier, owner))

    def sharers(self, identifiers: tuple[str, ...]) -> tuple[UserName, ...]:
        """Find the users whose lists have named one of the identifiers, sorted; what a removed user shared nobody sees."""
        named = f"SELECT owner FROM sharer WHERE identifier IN ({', '.join('?' * len(identifiers))})"
        sql = f"SELECT user FROM account WHERE user IN ({named}) ORDER BY user"
        with self._lock:
            return tuple(UserName(owner) for (owner,) in self._connection.execute(sql, identifiers))

    def verify_password(self, operation: VerifyPassword) -> UserName:
        """Carry out ``VerifyPassword``. Acting for somebody else is refused (RFC 4616 §2)."""
        found = self._find(operation.user)
        if found is None:
            self._is_right(self._nobody, operation.password)
            raise AuthenticationFailed("Wrong user name or password")
        user, verifiers = found
        mark = hmac.digest(self._process_key, f"{user}\0{operation.password}".encode("utf-8", "surrogatepass"), "sha256")
        if self._remembered.get(mark) != verifiers.argon2:
            if not self._is_right(verifiers.argon2, operation.password):
                raise AuthenticationFailed("Wrong user name or password")
            self._remember(mark, verifiers.argon2)
        if operation.authorize_as is not None and _same_user(operation.authorize_as) != user:
            raise PermissionDenied("You may not act for that user")
        return user

    def fetch_scram_verifier(self, operation: FetchScramVerifier) -> ScramVerifier:
        """Carry out ``FetchScramVerifier``."""
        nonce = secrets.token_urlsafe(18)
        found = self._find(operation.user)
        if found is not None:
            user, verifiers = found
            return ScramVerifier(user, verifiers.salt, verifiers.iterations, verifiers.stored_key, verifiers.server_key, nonce)
        name = (_same_user(operation.user) or operation.user).encode("utf-8", "surrogatepass")
        salt, stored_key, server_key = (hmac.digest(self._key, purpose + name, "sha256") for purpose in (b"s", b"k", b"v"))
        return ScramVerifier(UserName(operation.user), salt[:16], SCRAM_ITERATIONS, stored_key, server_key, nonce, known=False)

    def resolve_recipient(self, operation: ResolveRecipient) -> Recipient:
        """Carry out ``ResolveRecipient``: ``user``, ``user@domain`` or ``user+folder@domain`` (RFC 5233 §4).

        The whole local part is tried first, since a user name may hold the delimiter; then the whole address, for users named
        like addresses.
        """
        local, at, domain = operation.address.rpartition("@")
        if not at:
            local, domain = operation.address, ""
        if at and self._domains and domain.lower() not in self._domains:
            raise RecipientUnknown(f"No mail is taken for {domain}")
        name, _, folder = local.partition(self._delimiter)
        for whole, detail in ((local, ""), (operation.address, ""), (name, folder), (f"{name}{at}{domain}", folder)):
            if (found := self._find(whole)) is not None:
                return Recipient(found[0], detail or "INBOX")
        raise RecipientUnknown("There is no such user")

    def _find(self, name: str) -> tuple[UserName, _Verifiers] | None:
        user = _same_user(name)
        if user is None:
            return None
        with self._lock:
            row = self._connection.execute(
                "SELECT argon2, salt, iterations, stored_key, server_key FROM account WHERE user = ?", (user,)
            ).fetchone()
        return None if row is None else (user, _Verifiers(*row))

    def _change(self, user: UserName, sql: str, parameters: tuple[object, ...]) -> None:
        with self._lock:
            if self._connection.execute(sql, parameters).rowcount == 0:
                raise AccountNotFound(f"There is no user {user}")

    def _secret(self) -> tuple[bytes, str]:
        """Read the key made-up salts come from, and the verifier that unknown users' passwords are held against."""
        if self._connection.execute("SELECT 1 FROM secret").fetchone() is None:
            made_up = (secrets.token_bytes(32), _HASHER.hash(secrets.token_urlsafe(32)))
            self._connection.execute("INSERT OR IGNORE INTO secret VALUES (1, ?, ?)", made_up)
        key, argon2 = self._connection.execute("SELECT key, argon2 FROM secret").fetchone()
        return key, argon2

    def _verifiers(self, password: str) -> tuple[object, ...]:
        try:
            prepared = saslprep(password)
        except ValueError as error:
            raise InvalidUserName(f"Not a password: {error}") from error
        if not prepared:
            raise InvalidUserName("The password is empty")
        salt = secrets.token_bytes(16)
        keys = scram_keys(prepared, salt, SCRAM_ITERATIONS)
        with self._hashing:
            return (_HASHER.hash(prepared), salt, SCRAM_ITERATIONS, keys.stored_key, keys.server_key)

    def _is_right(self, argon2: str, password: str) -> bool:
        """Hold a password against a verifier; a few at a time, each takes 19 MB."""
        with self._hashing:
            try:
                return _HASHER.verify(argon2, password.encode("utf-8", "surrogatepass"))
            except VerificationError:
                return False

    def _remember(self, mark: bytes, argon2: str) -> None:
        with self._lock:
            self._remembered[mark] = argon2
            if len(self._remembered) > _REMEMBERED_MAX:
                self._remembered.popitem(last=False)


def _same_user(name: str) -> UserName | None:
    """Give the spelling a name would be kept in; None where no user can have it."""
    try:
        return canonical_user(name)
    except InvalidUserName:
        return None
