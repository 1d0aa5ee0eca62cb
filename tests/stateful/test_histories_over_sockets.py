"""Concurrent sessions over real sockets give admissible histories only, and faults that only concurrency shows are found."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from itertools import count
from pathlib import Path

import pytest
from attrs import evolve

from angarium.engine.operations import Appended
from angarium.spec.history import History
from angarium.store.sqlite import append
from angarium.store.sqlite.stamps import Stamps
from angarium.store.store import Store
from angarium.transports.watch import Watchers
from stateful.imap_histories import filled, require_admissible
from stateful.imap_machine import QuickLogin
from stateful.imap_sockets import Address, asyncio_server, over_sockets, threads_server, two_workers

PROFILE = os.environ.get("ANGARIUM_PROFILE", "dev")
RUNS = {"dev": 5, "ci": 15, "long": 2_000}[PROFILE]
SERVERS = {"dev": 1, "ci": 3, "long": 100}[PROFILE]
SEED = int(os.environ["ANGARIUM_SEED"]) if "ANGARIUM_SEED" in os.environ else None
Serve = Callable[[Store, Watchers], AbstractContextManager[Address]]


def run(seed: int, folder: Path, serve: Serve) -> History:
    watchers = Watchers()
    with closing(QuickLogin(folder, on_change=watchers.changed)) as store, serve(filled(store), watchers) as address:
        return over_sockets(seed, address)


@pytest.mark.parametrize("serve", [asyncio_server, threads_server], ids=["asyncio", "threads"])
def test_one_process(tmp_path: Path, serve: Serve) -> None:
    for seed in range(RUNS) if SEED is None else [SEED]:
        require_admissible(seed, run(seed, tmp_path / str(seed), serve))


def test_two_workers(tmp_path: Path) -> None:
    for seed in range(SERVERS) if SEED is None else [SEED]:
        with two_workers(tmp_path / str(seed)) as address:
            require_admissible(seed, over_sockets(seed, address, actions=150))


def stale_stamps(patch: pytest.MonkeyPatch) -> None:
    """Nobody hears of what another session has changed."""
    patch.setattr(Stamps, "invalidate", lambda self, mailbox: None)
    patch.setattr(Stamps, "renew", lambda self, mailbox: None)


def somebody_elses_uid(patch: pytest.MonkeyPatch) -> None:
    """A second APPEND is told the UID of the first."""
    right, told = append.append_messages, count()

    def wrong(*arguments: object) -> Appended:
        done: Appended = right(*arguments)  # type: ignore[arg-type]
        return evolve(done, uids=tuple(uid - 1 for uid in done.uids)) if next(told) > 6 else done

    patch.setattr(append, "append_messages", wrong)


@pytest.mark.parametrize("fault", [stale_stamps, somebody_elses_uid])
def test_a_fault_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]) -> None:
    fault(monkeypatch)

    def some_runs() -> None:
        for seed in range(10):
            require_admissible(seed, run(seed, tmp_path / str(seed), asyncio_server))

    with pytest.raises(AssertionError, match="ANGARIUM_SEED="):
        some_runs()
