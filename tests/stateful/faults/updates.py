r"""Faults of what a session is told of its mailbox: EXISTS, EXPUNGE, VANISHED, FETCH, FLAGS, RECENT (RFC 9051 §5, §7)."""

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from angarium.engine.imap import connection, updates
from angarium.engine.imap.asks import Asking, NextLine, Octets, Outcome, ok
from angarium.engine.imap.commands import idle as idle_
from angarium.engine.imap.state import Session
from angarium.engine.imap.wire import Wire
from angarium.engine.operations import OpenMailbox, ReadChanges, UidMap
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Continuation, Exists, Expunged, Recent, StatusData, Vanished
from angarium.grammar.imap.sequence_set import NumberSet
from stateful.faults.changes import altered, asked, replaced, row, says, unsaid, writes
from stateful.faults.fault import fault


def numbers_not_counted_down(view: UidMap, gone: list[int]) -> Octets:
    return Octets(b"".join(b"* %d EXPUNGE\r\n" % (list(view).index(uid) + 1) for uid in gone))


def numbers_of_the_others(view: UidMap, gone: list[int]) -> Octets:
    kept = [number for number, uid in enumerate(view, 1) if uid not in gone]
    return Octets(b"".join(b"* %d EXPUNGE\r\n" % number for number in kept[: len(gone)]))


def told_twice(view: UidMap, gone: list[int]) -> Octets:
    told = updates_expunge_octets(view, gone).octets
    return Octets(told + told)


updates_expunge_octets = updates.expunge_octets


def idle_in_silence(session: Session, command: c.Idle) -> Asking[Outcome]:
    yield Continuation("idling")
    yield NextLine()
    return ok("IDLE completed")


def no_flags(session: Session, rows: object, last: int) -> Iterator[Octets]:
    return iter(())


def expunge_as_ever(session: Any, response: Any) -> Any:
    if not isinstance(response, Vanished) or response.earlier or session.selected is None:
        return response
    return Expunged(1)


def tagged_first(wire: Any) -> Any:
    wire._out.sort(key=lambda octets: not octets.startswith(b"t"))
    return wire_flush(wire)


wire_flush = Wire.flush


def noop_with_status(session: Session, command: c.Noop) -> Asking[Outcome]:
    yield StatusData("INBOX", ())
    return ok("NOOP completed")


def recent_is_everything(session: Session, response: Any) -> Any:
    everything = isinstance(response, Recent) and session.selected is not None
    return Recent(len(session.mailbox.uids) + 1) if everything else response


FAULTS = (
    fault(
        "EXPUNGE is told during FETCH, STORE and SEARCH",
        "rfc9051-7.5.1-2 rfc7162-3.2.10.2-5",
        replaced(connection, "may_expunge", lambda command: True),
    ),
    fault("no removal is ever told", "rfc9051-7-5", replaced(updates, "expunge_octets", lambda view, gone: Octets(b""))),
    fault(
        "EXPUNGE numbers are not counted down", "rfc9051-7.5.1-1", replaced(updates, "expunge_octets", numbers_not_counted_down)
    ),
    fault("EXPUNGE names messages that stay", "rfc9051-6.4.3-1", replaced(updates, "expunge_octets", numbers_of_the_others)),
    fault("each EXPUNGE is told twice", "rfc9051-7.5.1-1", replaced(updates, "expunge_octets", told_twice)),
    fault("the view shrinks in silence during FETCH", "rfc9051-2.3.1.2-1", replaced(updates, "extended", lambda old, new: new)),
    fault("VANISHED is never told", "rfc7162-3.2.10-1", unsaid(Vanished)),
    fault(
        "VANISHED names a UID that is there",
        "rfc7162-3.2.10.2-3",
        altered(Vanished, lambda data: Vanished(NumberSet.from_numbers(uid + 1 for uid in data.uids), data.earlier)),
    ),
    fault("VANISHED is marked EARLIER", "rfc7162-3.2.10-2", altered(Vanished, lambda data: Vanished(data.uids, True))),
    fault("EXPUNGE is told though QRESYNC is enabled", "rfc7162-3.2.3-3", says(expunge_as_ever)),
    fault("new messages are not announced", "rfc9051-5.2-1 rfc9051-7-4", unsaid(Exists)),
    fault("EXISTS counts one too many", "rfc9051-7.4.1-2", altered(Exists, lambda data: Exists(data.messages + 1))),
    fault("EXISTS falls", "rfc9051-5.2-3", altered(Exists, lambda data: Exists(max(0, data.messages - 1)))),
    fault("the end of a command tells of no new messages", "rfc9051-6.1.2-1", row(c.Noop, polls=False)),
    fault("APPEND to the selected mailbox tells of nothing", "rfc9051-6.3.12-14", row(c.Append, polls=False)),
    fault("changed flags are not told", "rfc9051-5.2-2", replaced(updates, "flag_responses", no_flags)),
    fault(
        "FLAGS does not come for new keywords",
        "rfc9051-7.3.5-2",
        replaced(updates, "new_keywords", lambda selected, rows: iter(())),
    ),
    fault(
        "news of flags has the number of the next message",
        "rfc9051-2.3.1.2-1",
        writes(rb"^\* 1 FETCH \(FLAGS", rb"* 2 FETCH (FLAGS"),
    ),
    fault("news of flags has no MODSEQ", "rfc7162-3.1-9", writes(rb" MODSEQ \(\d+\)\)\r$", rb")\r")),
    fault("MODSEQ is one too high", "rfc7162-3.1.4.2-1", writes(rb"MODSEQ \((\d)\)", rb"MODSEQ (1\1)")),
    fault("FLAGS are told without \\Seen", "rfc9051-2.3.2-7", writes(rb"FLAGS \(([^)]*)\\Seen ?", rb"FLAGS (\1")),
    fault("IDLE is silent", "rfc9051-6.3.13-6", row(c.Idle, handler=idle_in_silence)),
    fault(
        "IDLE tells only what was new when it began", "rfc9051-6.3.13-6", replaced(idle_, "_announce", lambda session: iter(()))
    ),
    fault("IDLE begins without a continuation request", "rfc2177-3-5", unsaid(Continuation)),
    fault(
        "RECENT is told to clients of IMAP4rev2",
        "rfc9051-7.2.2-7",
        says(
            lambda session, response: (
                Recent(response.messages) if isinstance(response, Exists) and session.revision2 else response
            )
        ),
    ),
    fault("RECENT counts more than there are", "rfc3501-7.3.2-2", says(recent_is_everything)),
    fault(
        "every session sees \\Recent",
        "rfc3501-2.3.2-1",
        asked((ReadChanges, OpenMailbox), lambda operation: evolve(operation, claim_recent=False)),
    ),
    fault(
        "the tagged response comes before the untagged", "rfc9051-2.2.2-2 rfc9051-6.3.2-3", replaced(Wire, "flush", tagged_first)
    ),
    fault("the tag is another", "rfc9051-2.2.2-2", writes(rb"^t\d+ OK", rb"t0 OK")),
    fault("NOOP brings STATUS", "rfc9051-6.5-2", row(c.Noop, handler=noop_with_status)),
)
