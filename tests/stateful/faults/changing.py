"""Faults of the answers to STORE, COPY, MOVE, APPEND and EXPUNGE (RFC 9051 §6.3.12, §6.4.3, §6.4.6-§6.4.8, RFC 7162 §3.1.3)."""

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from angarium.engine.imap import connection, errors
from angarium.engine.imap.asks import Asking, Outcome, Refused, bad, no, ok
from angarium.engine.imap.commands import append, copy, expunge, store
from angarium.engine.imap.numbers import uids_of
from angarium.engine.imap.state import Selected, Session
from angarium.engine.operations import Copied, CopyMessages, FetchStatus, FlagsSet, MailboxNotFound
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Code, ResponseCode
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.spec.model_store import ModelStore
from stateful.faults.changes import answered, answers, obeyed, replaced, row, without_code, writes
from stateful.faults.fault import fault

copyuid = copy.copyuid


def copyuid_turned_round(copied: Copied) -> ResponseCode | None:
    code = copyuid(copied)
    return code and ResponseCode(code.code, (code.arguments[0], code.arguments[2], code.arguments[1]))


def copyuid_for_nothing(copied: Copied) -> ResponseCode | None:
    return copyuid(copied) or ResponseCode(Code.COPYUID, (copied.uidvalidity, ((1, 1),), ((1, 1),)))


def copyuid_shifted(copied: Copied) -> ResponseCode | None:
    return copyuid(evolve(copied, pairs=tuple((source, target + 1) for source, target in copied.pairs)))


def copyuid_of_elsewhere(copied: Copied) -> ResponseCode | None:
    return copyuid(evolve(copied, uidvalidity=copied.uidvalidity + 100))


def numbers_in_modified(outcome: Outcome) -> Outcome:
    """MODIFIED names the messages after those that were spared."""
    if outcome.code is None or outcome.code.code is not Code.MODIFIED:
        return outcome
    (numbers,) = outcome.code.arguments
    assert isinstance(numbers, NumberSet)
    return ok(outcome.text, Code.MODIFIED, NumberSet.from_numbers(number + 1 for number in numbers))


def appenduid(change: Any) -> Any:
    def changed(outcome: Outcome) -> Outcome:
        if outcome.code is None or outcome.code.code is not Code.APPENDUID:
            return outcome
        return evolve(outcome, code=evolve(outcome.code, arguments=change(*outcome.code.arguments)))

    return answers(c.Append, changed)


def nonexistent_for_trycreate(error: Any, command: c.Command) -> Outcome:
    outcome = outcome_of(error, command)
    trycreate = outcome.code is not None and outcome.code.code is Code.TRYCREATE
    return evolve(outcome, code=ResponseCode(Code.NONEXISTENT)) if trycreate else outcome


outcome_of = errors.outcome_of


def told_all_the_same(session: Session, command: c.Store, done: FlagsSet) -> Iterator[Any]:
    return store_report(session, evolve(command, silent=False), done)


store_report = store._report


def first_of_rows(session: Session, command: c.Store, done: FlagsSet) -> Iterator[Any]:
    return store_report(session, command, evolve(done, rows=done.rows[:1]))


def numbers_named(selected: Selected, numbers: SequenceSet) -> NumberSet:
    try:
        return uids_of(selected, numbers, uid=False)
    except Refused:
        return NumberSet()


def first_number_only(command: c.Copy) -> c.Copy:
    low = min(command.numbers.ranges[0]) if command.numbers.ranges else 1
    return command if command.numbers.saved else evolve(command, numbers=SequenceSet(((low or 1, low or 1),)))


def copies_lost(model: ModelStore, operation: CopyMessages, copied: Copied) -> Copied:
    if operation.move:
        messages = model.world.mailbox(copied.target).messages
        for _, uid in copied.pairs:
            del messages[uid]
    return copied


def move_in_silence(session: Session, command: c.Move) -> Asking[Outcome]:
    if session.mailbox.read_only:
        return no("the mailbox is read-only", Code.READ_ONLY)
    return (yield from copy.copy(session, c.Copy(command.numbers, command.mailbox, command.uid)))


def noperm(error: Any, command: c.Command) -> Outcome:
    return no("never", Code.NOPERM)


def append_nothing(session: Session, command: c.Append) -> Asking[Outcome]:
    (status,) = yield FetchStatus(session.user, (command.mailbox,), frozenset((c.StatusItem.UIDVALIDITY, c.StatusItem.UIDNEXT)))
    if status is None:
        raise MailboxNotFound
    uid = status.values[c.StatusItem.UIDNEXT]
    return ok("done", Code.APPENDUID, status.values[c.StatusItem.UIDVALIDITY], NumberSet.from_numbers([uid]))


def append_twice(session: Session, command: c.Append) -> Asking[Outcome]:
    yield from append.append(session, command)
    return (yield from append.append(session, command))


def highest_of_the_future(outcome: Outcome) -> Outcome:
    if outcome.code is None or outcome.code.code is not Code.HIGHESTMODSEQ:
        return outcome
    return ok(outcome.text, Code.HIGHESTMODSEQ, 1000)


FAULTS = (
    fault("STORE tells no flags", "rfc9051-6.4.6-1", replaced(store, "_report", lambda *arguments: iter(()))),
    fault("STORE tells the flags of the first message only", "rfc9051-6.4.6-1", replaced(store, "_report", first_of_rows)),
    fault("STORE with .SILENT tells all the same", "rfc9051-6.4.6-2", replaced(store, "_report", told_all_the_same)),
    fault(
        "STORE with .SILENT tells no mod-sequence either",
        "rfc7162-3.1.3-2",
        writes(rb"^\* \d+ FETCH \(UID \d+ MODSEQ \(\d+\)\)\r\n", b""),
    ),
    fault("UID STORE leaves out the UID", "rfc9051-6.4.9-5", writes(rb"\(UID \d+ FLAGS", rb"(FLAGS")),
    fault("STORE with UNCHANGEDSINCE tells no MODIFIED", "rfc7162-3.1.3-5", answers(c.Store, without_code)),
    fault("MODIFIED names other messages", "rfc7162-3.1.3-6", answers(c.Store, numbers_in_modified)),
    fault(
        "UNCHANGEDSINCE is taken as one less",
        "rfc7162-3.1.3-4",
        obeyed(c.Store, lambda command: evolve(command, unchanged_since=command.unchanged_since and command.unchanged_since - 1)),
    ),
    fault(
        "STORE takes only the first of the flags",
        "rfc9051-6.4.6-1",
        obeyed(c.Store, lambda command: evolve(command, flags=command.flags[:1])),
    ),
    fault(
        "STORE goes by numbers where UIDs are meant",
        "rfc9051-6.4.9-5",
        obeyed(c.Store, lambda command: evolve(command, uid=False)),
    ),
    fault("COPYUID is turned round", "rfc9051-7.1-6 rfc4315-3-5", replaced(copy, "copyuid", copyuid_turned_round)),
    fault("COPYUID is missing", "rfc9051-6.4.7-8", replaced(copy, "copyuid", lambda copied: None)),
    fault("COPYUID comes where nothing was copied", "rfc4315-3-6", replaced(copy, "copyuid", copyuid_for_nothing)),
    fault("COPYUID names UIDs that are one too high", "rfc9051-7.1-6", replaced(copy, "copyuid", copyuid_shifted)),
    fault("COPYUID has another UIDVALIDITY", "rfc9051-2.3.1.1-4", replaced(copy, "copyuid", copyuid_of_elsewhere)),
    fault("COPY copies the first message only", "rfc9051-6.4.7-1", obeyed(c.Copy, first_number_only)),
    fault(
        "COPY goes to INBOX whatever was named",
        "rfc9051-6.4.7-1",
        obeyed(c.Copy, lambda command: evolve(command, mailbox="INBOX")),
    ),
    fault("MOVE removes and copies nothing", "rfc6851-3.3-1", answered(CopyMessages, copies_lost)),
    fault("MOVE tells no removal", "rfc9051-6.4.8-10", row(c.Move, handler=move_in_silence)),
    fault(
        "a missing target is told as NONEXISTENT",
        "rfc9051-6.4.7-5 rfc9051-6.3.12-10",
        replaced(connection, "outcome_of", nonexistent_for_trycreate),
    ),
    fault("every refusal is told as NOPERM", "rfc9051-7.1-9", replaced(connection, "outcome_of", noperm)),
    fault(
        "what cannot be done is BAD",
        "rfc9051-7.1.2-1",
        replaced(connection, "outcome_of", lambda error, command: bad("impossible")),
    ),
    fault(
        "APPENDUID names the next UID",
        "rfc9051-6.3.12-11",
        appenduid(lambda uidvalidity, uids: (uidvalidity, NumberSet.from_numbers(uid + 1 for uid in uids))),
    ),
    fault(
        "APPENDUID has another UIDVALIDITY", "rfc9051-2.3.1.1-4", appenduid(lambda uidvalidity, uids: (uidvalidity + 100, uids))
    ),
    fault("APPENDUID is missing", "rfc9051-6.3.12-11 rfc4315-3-1", answers(c.Append, without_code)),
    fault("APPEND says OK and adds nothing", "rfc9051-6.3.12-11", row(c.Append, handler=append_nothing)),
    fault("APPEND adds the message twice", "rfc9051-2.3.1.1-10", row(c.Append, handler=append_twice)),
    fault(
        "APPEND goes to INBOX whatever was named",
        "rfc9051-6.3.12-8",
        obeyed(c.Append, lambda command: evolve(command, mailbox="INBOX")),
    ),
    fault("EXPUNGE is NO where there is nothing to remove", "rfc9051-6.4.3-1", answers(c.Expunge, lambda outcome: no("nothing"))),
    fault("EXPUNGE tells no HIGHESTMODSEQ", "rfc7162-3.2.7-3", answers(c.Expunge, without_code)),
    fault("EXPUNGE tells a HIGHESTMODSEQ of the future", "rfc7162-3.2.7-3", answers(c.Expunge, highest_of_the_future)),
    fault(
        "UID EXPUNGE takes UIDs for numbers",
        "rfc9051-6.4.9-2",
        replaced(expunge, "uids_of", lambda selected, numbers, uid: numbers_named(selected, numbers)),
    ),
)
