"""The rule machine can fail: each fault put into the engine or a store is found within the examples of the ci profile.

Faults of the engine are patches, faults of a store are subclasses of the model store. Both sides run on model stores here,
for speed; SQLite has its turn in ``test_imap``.
"""

from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from angarium.engine.imap import connection, updates
from angarium.engine.imap.asks import Octets
from angarium.engine.imap.commands import copy, fetch, select, store
from angarium.engine.imap.tables import COMMAND_OF
from angarium.engine.operations import (
    CopyMessages,
    DeleteMailbox,
    ExpungeMessages,
    Operation,
    SearchMessages,
    SetFlags,
    SetSubscription,
)
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import ResponseCode
from angarium.grammar.imap.search_keys import All
from angarium.spec.model_store import ModelStore
from angarium.store.store import Store
from stateful.imap_machine import ImapMachine
from stateful.imap_worlds import PASSWORD, USER

CI = settings.get_profile("ci")
SETTINGS = settings(
    max_examples=CI.max_examples,
    stateful_step_count=CI.stateful_step_count,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
Patch = Callable[[pytest.MonkeyPatch], None]
StoreFactory = Callable[[dict[str, str]], ModelStore]


def expunge_during_fetch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(connection, "may_expunge", lambda command: True)


def removals_never_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(updates, "expunge_octets", lambda view, gone: Octets(b""))


def expunge_numbers_not_counted_down(patch: pytest.MonkeyPatch) -> None:
    def numbers(view: Any, gone: list[int]) -> Octets:
        return Octets(b"".join(b"* %d EXPUNGE\r\n" % (list(view).index(uid) + 1) for uid in gone))

    patch.setattr(updates, "expunge_octets", numbers)


def view_shrinks_in_silence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(updates, "extended", lambda old, new: new)


def modseq_forgotten_in_fetch(patch: pytest.MonkeyPatch) -> None:
    right = store.flags_octets
    patch.setattr(
        store, "flags_octets", lambda *row, **uid: right(*row, **uid).partition(b" MODSEQ")[0].rstrip(b")\r\n") + b"))\r\n"
    )


def store_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "_report", lambda *arguments: iter(()))


def seen_not_set(patch: pytest.MonkeyPatch) -> None:
    def set_seen(session: Any, rows: Any) -> Any:
        yield from ()
        return rows, set()

    patch.setattr(fetch, "_set_seen", set_seen)


def copyuid_turned_round(patch: pytest.MonkeyPatch) -> None:
    right = copy.copyuid

    def turned(copied: Any) -> ResponseCode | None:
        code = right(copied)
        return code and ResponseCode(code.code, (code.arguments[0], code.arguments[2], code.arguments[1]))

    patch.setattr(copy, "copyuid", turned)


def close_expunges_what_was_examined(patch: pytest.MonkeyPatch) -> None:
    def close(session: Any, command: c.Close) -> Any:
        yield ExpungeMessages(session.mailbox.id)
        return select.ok("CLOSE completed")

    patch.setitem(COMMAND_OF, c.Close, evolve(COMMAND_OF[c.Close], handler=close))


def unselect_leaves_the_state(patch: pytest.MonkeyPatch) -> None:
    right = connection.TRANSITIONS
    patch.setattr(connection, "TRANSITIONS", {row: state for row, state in right.items() if row[1] is not c.Unselect})


def status_before_login(patch: pytest.MonkeyPatch) -> None:
    row = COMMAND_OF[c.Status]
    patch.setitem(COMMAND_OF, c.Status, evolve(row, valid_in=(*row.valid_in, *COMMAND_OF[c.Login].valid_in)))


class ReusesUids(ModelStore):
    def execute(self, operation: Operation) -> Any:
        result = super().execute(operation)
        if isinstance(operation, ExpungeMessages):
            mailbox = self.world.mailbox(operation.mailbox)
            mailbox.uidnext = max(mailbox.messages, default=0) + 1
        return result


class ForgetsModSequences(ModelStore):
    def execute(self, operation: Operation) -> Any:
        result = super().execute(operation)
        if isinstance(operation, SetFlags):
            messages = self.world.mailbox(operation.mailbox).messages
            messages.update({uid: evolve(message, modseq=2) for uid, message in messages.items()})
        return result


class MovesByCopying(ModelStore):
    def execute(self, operation: Operation) -> Any:
        return super().execute(evolve(operation, move=False) if isinstance(operation, CopyMessages) else operation)


class ForgetsSubscriptions(ModelStore):
    def execute(self, operation: Operation) -> Any:
        result = super().execute(operation)
        if isinstance(operation, DeleteMailbox):
            super().execute(SetSubscription(operation.user, operation.name, False))
        return result


class MatchesEverything(ModelStore):
    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, SearchMessages):
            operation = evolve(operation, key=All())
        return super().execute(operation)


class ExpungesWhatIsSeen(ModelStore):
    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, ExpungeMessages) and operation.uids is None:
            mailbox = self.world.mailbox(operation.mailbox)
            for uid, message in list(mailbox.messages.items()):
                if message.has(b"\\Seen"):
                    mailbox.messages[uid] = evolve(message, flags=(*message.flags, b"\\Deleted"))
        return super().execute(operation)


class OneUidvalidityForAll(ModelStore):
    def __init__(self, passwords: dict[str, str]) -> None:
        super().__init__(passwords, uidvalidities=repeat(1))


PATCHES: dict[Patch, str | None] = {
    expunge_during_fetch: "no EXPUNGE during FETCH",
    removals_never_told: None,
    expunge_numbers_not_counted_down: "§7.5.1",
    view_shrinks_in_silence: None,
    modseq_forgotten_in_fetch: "MODSEQ",
    store_not_told: "STORE tells the",
    seen_not_set: "Seen",
    copyuid_turned_round: "COPYUID",
    close_expunges_what_was_examined: None,
    unselect_leaves_the_state: None,
    status_before_login: "state not authenticated",
}
"""Each fault of the engine, and what the model has to say about it where it is the first to notice."""

STORES: dict[StoreFactory, str | None] = {
    ReusesUids: None,
    ForgetsModSequences: None,
    MovesByCopying: None,
    ForgetsSubscriptions: None,
    MatchesEverything: "messages that match|result asked for",
    ExpungesWhatIsSeen: None,
    OneUidvalidityForAll: "made anew has another UIDVALIDITY",
}


def machine_on(make_store: StoreFactory) -> type[ImapMachine]:
    class Machine(ImapMachine):
        def make_stores(self, folder: Path) -> tuple[Store, Store]:
            return make_store({USER: PASSWORD}), make_store({USER: PASSWORD})

    return Machine


@pytest.mark.parametrize("fault", PATCHES, ids=lambda fault: fault.__name__)
def test_a_fault_of_the_engine_is_found(fault: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError, match=PATCHES[fault]):
        run_state_machine_as_test(machine_on(ModelStore), settings=SETTINGS)


@pytest.mark.parametrize("make_store", STORES, ids=lambda store: store.__name__)
def test_a_fault_of_a_store_is_found(make_store: StoreFactory) -> None:
    with pytest.raises(AssertionError, match=STORES[make_store]):
        run_state_machine_as_test(machine_on(make_store), settings=SETTINGS)
