"""Faults of searches that are kept up to date (RFC 5267 §4.3)."""

from collections.abc import Iterator

from attrs import evolve

from angarium.engine.imap import context_updates
from angarium.engine.imap.asks import Asking, Outcome, ok
from angarium.engine.imap.commands import search
from angarium.engine.imap.context import Context
from angarium.engine.imap.state import Session
from angarium.engine.operations import Changes
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Code, Condition, EsearchData, ResponseCode, Untagged
from stateful.faults.changes import altered, replaced, row
from stateful.faults.fault import fault

removals = context_updates.removals
updates = context_updates.updates


def removed_silently(session: Session, gone: list[int]) -> Iterator[EsearchData]:
    """What is expunged leaves the results, and nobody is told."""
    list(removals(session, gone))
    yield from ()


def only_new_messages(session: Session, changes: Changes | None, last: int) -> Asking[None]:
    """Changed flags are not looked at."""
    yield from updates(session, changes and evolve(changes, flags=()), last)


def without_new_messages(session: Session, changes: Changes | None, last: int) -> Asking[None]:
    if session.mailbox.last_uid == last:
        yield from updates(session, changes, last)


def never(session: Session, command: c.Search | c.Sort, decode: object, found: object) -> Iterator[Untagged]:
    yield Untagged(Condition.NO, "no", ResponseCode(Code.NOUPDATE, (session.tag,)))


def at_the_end(context: Context, come: list[int], order: list[int]) -> list[tuple[int, int]]:
    """What comes stands behind the sorted result."""
    pairs = [(0 if context.criteria is None else len(context.found) + 1 + more, uid) for more, uid in enumerate(come)]
    context.found.extend(come)
    return pairs


def not_cancelled(session: Session, command: c.CancelUpdate) -> Outcome:
    return ok("done")


def updates_turned(data: EsearchData) -> EsearchData:
    """REMOVEFROM for ADDTO, and the other way round."""
    return evolve(data, updates=tuple(evolve(each, removes=not each.removes) for each in data.updates))


FAULTS = (
    fault("what is expunged leaves results unsaid", "rfc5267-4.3.4-3", replaced(context_updates, "removals", removed_silently)),
    fault("changed flags bring nothing into results", "rfc5267-4.3-3", replaced(context_updates, "updates", only_new_messages)),
    fault("new messages do not come into results", "rfc5267-4.3-3", replaced(context_updates, "updates", without_new_messages)),
    fault("no search is kept up to date", "rfc5267-4.3.1-3", replaced(search, "follow", never)),
    fault(
        "what comes into a sorted result comes last",
        "rfc5267-4.3.2-2",
        replaced(context_updates, "_coming", at_the_end),
        attempts=4,
    ),
    fault("CANCELUPDATE cancels nothing", "rfc5267-4.3.5-1", row(c.CancelUpdate, handler=not_cancelled), attempts=4),
    fault("ADDTO for REMOVEFROM", "rfc5267-4.3-3", altered(EsearchData, updates_turned)),
)
