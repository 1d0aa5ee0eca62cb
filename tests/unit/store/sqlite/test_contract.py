"""The SQLite store meets the contract."""

import shutil
from pathlib import Path

import pytest

from angarium.store.accounts import Accounts
from angarium.store.contract import PASSWORDS, StoreContract
from angarium.store.contracts.harness import ALICE
from angarium.store.sqlite.store import SqliteStore
from angarium.store.store import Store


@pytest.fixture(scope="session")
def accounts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two users, made once: their verifiers are slow on purpose."""
    folder = tmp_path_factory.mktemp("accounts")
    accounts = Accounts(folder)
    for user, password in PASSWORDS.items():
        accounts.add(user, password)
    accounts.close()
    return folder


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _accounts(self, accounts_folder: Path) -> None:
        self.accounts_folder = accounts_folder

    def make_store(self, folder: Path) -> Store:
        shutil.copytree(self.accounts_folder, folder / "mail")
        return SqliteStore(folder / "mail")

    def discard_store(self, store: Store) -> None:
        assert isinstance(store, SqliteStore)
        store.close()

    def settle(self, store: Store) -> None:
        assert isinstance(store, SqliteStore)
        store.catch_up(ALICE)

    def reopen_store(self, store: Store, folder: Path) -> Store:
        return SqliteStore(folder / "mail")
