"""Concurrent sessions of our own server give admissible histories only (``angarium.spec.relation``).

In memory a seed is the whole run: ``ANGARIUM_SEED=17 pytest tests/stateful/test_histories.py`` plays the one that failed again.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from angarium.spec.model_store import ModelStore
from angarium.store.store import Store
from stateful.imap_histories import PASSWORDS, in_memory, require_admissible
from stateful.imap_machine import QuickLogin

RUNS = {"dev": 40, "ci": 80, "long": 20_000}[os.environ.get("ANGARIUM_PROFILE", "dev")]
SEEDS = [int(os.environ["ANGARIUM_SEED"])] if "ANGARIUM_SEED" in os.environ else range(RUNS)


def test_the_model_store_in_memory() -> None:
    for seed in SEEDS:
        require_admissible(seed, in_memory(seed, lambda changed: ModelStore(PASSWORDS, on_change=changed)))


def test_the_numbers_might_as_well_be_the_servers_choice() -> None:
    for seed in SEEDS[::3]:
        history = in_memory(seed, lambda changed: ModelStore(PASSWORDS, on_change=changed))
        require_admissible(seed, history, exact=False)


def test_sqlite_in_memory(tmp_path: Path) -> None:
    for seed in SEEDS:
        stores: list[QuickLogin] = []

        def make_store(changed: Callable[..., None], seed: int = seed, stores: list[QuickLogin] = stores) -> Store:
            stores.append(QuickLogin(tmp_path / str(seed), on_change=changed))
            return stores[0]

        try:
            require_admissible(seed, in_memory(seed, make_store))
        finally:
            stores[0].close()


def test_a_seed_is_the_whole_run() -> None:
    histories = [in_memory(5, lambda changed: ModelStore(PASSWORDS, on_change=changed)) for _ in range(2)]
    assert histories[0] == histories[1]


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_run_says_something(seed: int) -> None:
    assert len(in_memory(seed, lambda changed: ModelStore(PASSWORDS, on_change=changed))) > 20
