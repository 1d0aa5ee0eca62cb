"""Faults of opening and leaving mailboxes: SELECT, EXAMINE, CLOSE, UNSELECT, QRESYNC (RFC 9051 §6.3.2, RFC 7162 §3.2.5)."""

from typing import Any

from attrs import evolve

from angarium.engine.imap.asks import Asking, Outcome, ok
from angarium.engine.imap.commands import select
from angarium.engine.imap.state import Selected, Session
from angarium.engine.imap.updates import announce
from angarium.engine.operations import ExpungeMessages, OpenMailbox
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Code, FlagsData, ListData, Recent, ResponseCode, Vanished
from angarium.grammar.imap.sequence_set import NumberSet
from stateful.faults.changes import answered, answers, asked, recoded, replaced, row, says, unsaid, without_code, writable
from stateful.faults.fault import fault


def as_read_write(outcome: Outcome) -> Outcome:
    return evolve(outcome, code=ResponseCode(Code.READ_WRITE))


def close_whatever_was_opened(session: Session, command: c.Close) -> Asking[Outcome]:
    yield ExpungeMessages(session.mailbox.id)
    return ok("done")


def close_and_keep(session: Session, command: c.Close) -> Outcome:
    return ok("CLOSE completed")


def close_aloud(session: Session, command: c.Close) -> Asking[Outcome]:
    if not session.mailbox.read_only:
        yield ExpungeMessages(session.mailbox.id)
        yield from announce(session, expunges=True)
    return ok("CLOSE completed")


def select_after_close(session: Session, command: c.Select) -> Asking[Outcome]:
    if session.selected is not None and not session.mailbox.read_only:
        yield ExpungeMessages(session.mailbox.id)
    return (yield from select.select(session, command))


def select_with_qresync(session: Session, command: c.Select) -> Asking[Outcome]:
    session.qresync |= command.qresync is not None
    return (yield from select.select(session, command))


def not_earlier(session: Session, response: Any) -> Any:
    return Vanished(response.uids) if isinstance(response, Vanished) else response


def without_list(session: Any, response: Any) -> Any:
    return None if isinstance(response, ListData) and session.selected is None else response


def no_resynchronization(session: Session, opened: Any, known: c.Qresync) -> Asking[None]:
    yield from ()


resynchronize = select._resynchronize


def whatever_the_uidvalidity(session: Session, opened: Any, known: c.Qresync) -> Asking[None]:
    return resynchronize(session, opened, evolve(known, uidvalidity=opened.uidvalidity))


def whatever_was_known(session: Session, opened: Any, known: c.Qresync) -> Asking[None]:
    return resynchronize(session, opened, evolve(known, known_uids=None, sequence_match=None))


def those_that_stay(selected: Selected, vanished: NumberSet, above: int = 0) -> NumberSet:
    return NumberSet.from_numbers(selected.uids)


FAULTS = (
    fault("SELECT closes a mailbox without CLOSED", "rfc9051-6.3.2-8 rfc7162-3.2.11-1", recoded(Code.CLOSED, None)),
    fault("SELECT tells no FLAGS", "rfc9051-6.3.2-1", unsaid(FlagsData)),
    fault("SELECT tells no LIST to clients of IMAP4rev2", "rfc9051-6.3.2-1 rfc9051-6.3.2-4", says(without_list)),
    fault("SELECT tells no RECENT to clients of IMAP4rev1", "rfc3501-6.3.1-1", unsaid(Recent)),
    fault("SELECT tells no UIDVALIDITY", "rfc9051-6.3.2-2", recoded(Code.UIDVALIDITY, None)),
    fault("SELECT tells no PERMANENTFLAGS", "rfc9051-6.3.2-2", recoded(Code.PERMANENTFLAGS, None)),
    fault("SELECT tells no HIGHESTMODSEQ", "rfc7162-3.1.2-2", recoded(Code.HIGHESTMODSEQ, None)),
    fault(
        "HIGHESTMODSEQ lags behind",
        "rfc7162-3.1.2.1-1",
        recoded(Code.HIGHESTMODSEQ, lambda arguments: (max(1, arguments[0] - 1),)),
    ),
    fault(
        "UIDNEXT is one too high",
        "rfc9051-2.3.1.1-6",
        answered(OpenMailbox, lambda model, operation, opened: evolve(opened, uidnext=opened.uidnext + 1)),
    ),
    fault(
        "SELECT leaves out the last message",
        "rfc9051-7.4.1-2",
        answered(OpenMailbox, lambda model, operation, opened: evolve(opened, uids=type(opened.uids)(opened.uids[:-1]))),
    ),
    fault("EXAMINE is told as READ-WRITE", "rfc9051-6.3.3-4", answers(c.Select, as_read_write)),
    fault("SELECT says neither READ-WRITE nor READ-ONLY", "rfc9051-6.3.2-9", answers(c.Select, without_code)),
    fault("EXAMINE lets flags be changed", "rfc9051-6.3.3-3", writable(c.Store)),
    fault("EXAMINE lets messages be expunged", "rfc9051-6.3.3-3 rfc9051-6.4.3-2", writable(c.Expunge)),
    fault("EXAMINE lets messages be moved", "rfc9051-6.3.3-3", writable(c.Move)),
    fault("reading sets \\Seen in what was only examined", "rfc9051-6.3.3-3", writable(c.Fetch)),
    fault(
        "EXAMINE takes \\Recent away",
        "rfc3501-6.3.2-2",
        asked(OpenMailbox, lambda operation: evolve(operation, claim_recent=True)),
    ),
    fault("CLOSE expunges what was only examined", "rfc9051-6.4.1-2", row(c.Close, handler=close_whatever_was_opened)),
    fault("CLOSE removes nothing", "rfc9051-6.4.1-1", row(c.Close, handler=close_and_keep)),
    fault("CLOSE tells each removal", "rfc9051-6.4.1-1 rfc7162-3.2.8-4", row(c.Close, handler=close_aloud)),
    fault("UNSELECT expunges", "rfc9051-6.4.2-1 rfc3691-2-2", row(c.Unselect, handler=close_whatever_was_opened)),
    fault("SELECT of another mailbox expunges the one before", "rfc9051-6.4.1-3", row(c.Select, handler=select_after_close)),
    fault(
        "QRESYNC brings nothing", "rfc7162-3.2.5.1-3 rfc7162-3.2.5.1-4", replaced(select, "_resynchronize", no_resynchronization)
    ),
    fault(
        "QRESYNC goes by UIDs of another UIDVALIDITY",
        "rfc7162-3.2.5-4",
        replaced(select, "_resynchronize", whatever_the_uidvalidity),
    ),
    fault(
        "QRESYNC tells of UIDs that were not named", "rfc7162-3.2.5.1-5", replaced(select, "_resynchronize", whatever_was_known)
    ),
    fault("VANISHED (EARLIER) names what is there", "rfc7162-3.2.10.1-1", replaced(select, "earlier", those_that_stay)),
    fault("what vanished before is told without EARLIER", "rfc7162-3.2.10-2", says(not_earlier)),
    fault("QRESYNC is taken though it was not enabled", "rfc7162-3.2.5-1", row(c.Select, handler=select_with_qresync)),
)
