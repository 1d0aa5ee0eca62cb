"""The model store meets the contract of every store."""

from pathlib import Path

from angarium.spec.model_store import ModelStore
from angarium.store.contract import PASSWORDS, StoreContract


class TestModelStore(StoreContract):
    def make_store(self, folder: Path) -> ModelStore:
        return ModelStore(PASSWORDS)
