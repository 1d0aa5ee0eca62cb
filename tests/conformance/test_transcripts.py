"""Play every transcript over every store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore
from conformance.transcript import USERS, play

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


def model_store(folder: Path) -> Callable[[Any], Any]:
    return ModelStore(USERS).execute


def sqlite_store(folder: Path) -> Callable[[Any], Any]:
    store = SqliteStore(folder, upkeep=False)
    for user, password in USERS.items():
        store.accounts.add(user, password)
    return store.execute


@pytest.mark.parametrize("make_store", [model_store, sqlite_store])
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path, make_store: Callable[[Path], Callable[[Any], Any]], tmp_path: Path) -> None:
    play(path, make_store(tmp_path))
