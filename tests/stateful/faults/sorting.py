"""Faults of SORT, THREAD and ESORT (RFC 5256, RFC 5267)."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from angarium.engine.imap import connection
from angarium.engine.imap.asks import Asking, Outcome
from angarium.engine.imap.commands.sort import sort, thread
from angarium.engine.imap.state import Session, may_expunge
from angarium.engine.operations import Operation, Sorted, SortMessages, ThreadMessages, Threads
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import EsearchData
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model_store import ModelStore
from stateful.faults.changes import Change, Execute, altered, replaced, row, store, writes
from stateful.faults.fault import fault


def sorts(ask: Callable[[SortMessages], SortMessages], tell: Callable[[Sorted], Sorted] = lambda found: found) -> Change:
    """The store is asked for another order, or gives another."""

    def faulty(model: ModelStore, operation: Operation, execute: Execute) -> Any:
        return tell(execute(ask(operation))) if isinstance(operation, SortMessages) else execute(operation)

    return store(faulty)


def threads(tell: Callable[[Threads], Threads]) -> Change:
    """The store gives other threads."""

    def faulty(model: ModelStore, operation: Operation, execute: Execute) -> Any:
        return tell(execute(operation)) if isinstance(operation, ThreadMessages) else execute(operation)

    return store(faulty)


def as_it_is(operation: SortMessages) -> SortMessages:
    return operation


def forwards(operation: SortMessages) -> SortMessages:
    return evolve(operation, criteria=tuple(evolve(each, reverse=False) for each in operation.criteria))


def by_the_first(operation: SortMessages) -> SortMessages:
    return evolve(operation, criteria=operation.criteria[:1])


def in_mailbox_order(found: Sorted) -> Sorted:
    return evolve(found, uids=tuple(sorted(found.uids)))


def without_the_last(found: Sorted) -> Sorted:
    return evolve(found, uids=found.uids[:-1])


def alone(found: Threads) -> Threads:
    return Threads(tuple((0, uid) for _, uid in found.members if uid is not None))


def chained(found: Threads) -> Threads:
    """Each message answers the one before, up to where a thread begins."""
    members: list[tuple[int, int | None]] = []
    for depth, uid in found.members:
        members.append((members[-1][0] + 1 if depth and members else 0, uid))
    return Threads(tuple(members))


def plain_sort(session: Session, command: c.Sort) -> Asking[Outcome]:
    return sort(session, evolve(command, returns=None))


def by_number(session: Session, command: Any) -> Asking[Outcome]:
    return (sort if isinstance(command, c.Sort) else thread)(session, evolve(command, uid=False))


def as_a_set(response: EsearchData) -> EsearchData:
    return response if response.all is None else evolve(response, all=NumberSet.from_numbers(response.all))


def turned_round(response: EsearchData) -> EsearchData:
    return evolve(response, minimum=response.maximum, maximum=response.minimum)


def lets_numbers_move(command: c.Command) -> bool:
    return isinstance(command, c.Sort | c.Thread) or may_expunge(command)


FAULTS = (
    fault("SORT answers in the order of the mailbox", "rfc5256-3-5", sorts(as_it_is, in_mailbox_order)),
    fault("SORT disregards REVERSE", "rfc5256-3-5", sorts(forwards)),
    fault("SORT looks at its first criterion only", "rfc5256-3-5", sorts(by_the_first), attempts=4),
    fault("SORT loses the last message", "rfc5256-3-5", sorts(as_it_is, without_the_last)),
    fault("UID SORT answers with message numbers", "rfc5256-3-4", row(c.Sort, handler=by_number), attempts=2),
    fault("UID THREAD answers with message numbers", "rfc5256-3-4", row(c.Thread, handler=by_number), attempts=2),
    fault("THREAD finds nothing", "rfc5256-4-1", threads(lambda found: Threads(()))),
    fault("THREAD makes a thread of each message", "rfc5256-3-9 rfc5256-3-12", threads(alone)),
    fault("THREAD makes siblings parents and children", "rfc5256-3-9 rfc5256-3-14", threads(chained), attempts=4),
    fault("EXPUNGE comes in answer to SORT and THREAD", "rfc5256-3-7", replaced(connection, "may_expunge", lets_numbers_move)),
    fault("SORT leaves out MODSEQ", "rfc7162-3.1.9-1", writes(rb"^ \(MODSEQ \d+\)", b""), attempts=2),
    fault("SORT with RETURN is answered in SORT", "rfc5267-3-1", row(c.Sort, handler=plain_sort)),
    fault("ALL of an extended SORT is in the order of the mailbox", "rfc5267-3.1-2", altered(EsearchData, as_a_set), attempts=2),
    fault("MIN and MAX change places", "rfc5267-3.1-1 rfc4731-3.1-1", altered(EsearchData, turned_round)),
)
