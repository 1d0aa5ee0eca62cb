"""Three users and a group, on the model and on SQLite, for tests of access control (RFC 4314)."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from angarium.spec.model_store import ModelStore
from angarium.store.accounts import ACCOUNTS, Accounts
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue
from requirements import both_stores

USERS = {"alice": "a", "bob": "b", "carol": "c", "shared": "s"}
GROUPS = {"staff": frozenset({"bob"}), "board": frozenset({"carol"})}
MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


class QuickLogin(both_stores.QuickLogin):
    """The same with these users."""

    passwords = USERS


def model_store(folder: Path) -> Iterator[ModelStore]:
    """The meaning of the store."""
    yield ModelStore(USERS, groups=GROUPS)


@cache
def accounts_octets() -> bytes:
    """The accounts of all users, made once: their verifiers are slow on purpose."""
    with TemporaryDirectory() as folder:
        accounts = Accounts(Path(folder))
        for user, password in USERS.items():
            accounts.add(user, password)
        accounts.close()
        return (Path(folder) / ACCOUNTS).read_bytes()


def sqlite_store(folder: Path) -> Iterator[SqliteStore]:
    """The store that serves."""
    (folder / ACCOUNTS).write_bytes(accounts_octets())
    store = QuickLogin(folder, upkeep=False, groups=GROUPS)
    yield store
    store.close()


STORES = (model_store, sqlite_store)


class People:
    """Connections by the names of users."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.connections: dict[str, Dialogue] = {}

    def __getitem__(self, user: str) -> Dialogue:
        if user not in self.connections:
            self.connections[user] = self.another(user)
        return self.connections[user]

    def another(self, user: str) -> Dialogue:
        """One more connection of a user."""
        connection = Dialogue(self.store.execute)
        assert connection.command(f"in LOGIN {user} {USERS[user]}")[-1].startswith(b"in OK")
        return connection

    def does(self, user: str, line: str) -> list[bytes]:
        """Have a user do something that works; the untagged answers."""
        *told, tagged = self[user].command(f"t {line}")
        assert tagged.startswith(b"t OK"), tagged
        return told

    def fails(self, user: str, line: str, code: str = "") -> list[bytes]:
        """Have a user try what is refused; the untagged answers."""
        *told, tagged = self[user].command(f"t {line}")
        assert tagged.startswith(b"t NO" + (f" [{code}]".encode() if code else b"")), tagged
        return told

    def grants(self, identifier: str, rights: str, name: str = "Work", user: str = "alice") -> None:
        """Change a list."""
        self.does(user, f'SETACL "{name}" {identifier} "{rights}"')
