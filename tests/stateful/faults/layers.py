"""Faults of COMPRESS, UNAUTHENTICATE, UIDONLY and INPROGRESS (RFC 4978, RFC 8437, RFC 9586, RFC 9585)."""

from typing import Any

from attrs import evolve

from angarium.engine.imap import connection, updates
from angarium.engine.imap.asks import Asking, Outcome, bad, no, ok
from angarium.engine.imap.commands.compress import compress
from angarium.engine.imap.state import Session
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Code, Condition, Expunged, Response, ResponseCode, Untagged, Vanished
from stateful.faults.changes import answers, replaced, row, says, writes
from stateful.faults.fault import fault


def compress_again(session: Session, command: c.Compress) -> Asking[Outcome]:
    return ok("DEFLATE active") if session.compressed else (yield from compress(session, command))


def expunge_by_number(session: Session, response: Response) -> Response:
    told = isinstance(response, Vanished) and session.uid_only and not session.qresync
    return Expunged(1) if told else response


def number_for_uid(session: Session, uid: int, items: bytes) -> bytes:
    number = session.mailbox.sequence_number(uid)
    return b"* %d %b (%b)\r\n" % (number, b"UIDFETCH" if session.uid_only else b"FETCH", items)


def in_progress(outcome: Outcome) -> Outcome:
    return evolve(outcome, code=ResponseCode(Code.INPROGRESS, (None, None, None)))


def done_already(session: Session, command: Any) -> Asking[Outcome]:
    yield Untagged(Condition.OK, "nearly there", ResponseCode(Code.INPROGRESS, (session.tag, 5, 5)))
    return ok("NOOP completed")


def in_a_no(session: Session, command: Any) -> Asking[Outcome]:
    yield Untagged(Condition.NO, "on it", ResponseCode(Code.INPROGRESS))
    return ok("NOOP completed")


FAULTS = (
    fault("COMPRESS is refused", "rfc4978-3-1", row(c.Compress, handler=lambda session, command: bad("what?"))),
    fault(
        "COMPRESS is refused with NO and no reason",
        "rfc4978-3-5",
        row(c.Compress, handler=lambda session, command: no("TLS does")),
    ),
    fault("COMPRESS a second time is OK", "rfc4978-3-11", row(c.Compress, handler=compress_again)),
    fault("UNAUTHENTICATE is refused", "rfc8437-3-3", row(c.Unauthenticate, handler=lambda session, command: no("not now"))),
    fault(
        "UNAUTHENTICATE forgets nothing that was enabled",
        "rfc8437-4.1-1 rfc8437-4.1-6",
        row(c.Unauthenticate, handler=lambda session, command: ok("done")),
    ),
    fault(
        "message numbers are taken once UIDONLY is enabled",
        "rfc9586-3-3 rfc9586-3.2-1",
        replaced(connection, "names_numbers", lambda command: False),
    ),
    fault(
        "UID SEARCH by number is answered once UIDONLY is enabled",
        "rfc9586-3.5-1",
        replaced(connection, "names_numbers", lambda command: not command.uid),
    ),
    fault("message numbers are refused without UIDREQUIRED", "rfc9586-3-4", writes(rb" BAD \[UIDREQUIRED\] ", b" BAD ")),
    fault("EXPUNGE is told once UIDONLY is enabled", "rfc9586-3.4-1", says(expunge_by_number)),
    fault(
        "FETCH is told once UIDONLY is enabled", "rfc9586-3.3-1 rfc9586-3-5", writes(rb"^\* (\d+) UIDFETCH \(", rb"* \1 FETCH (")
    ),
    fault("UIDFETCH is told before UIDONLY is enabled", "rfc9586-3.1-1", writes(rb"^\* (\d+) FETCH \(", rb"* \1 UIDFETCH (")),
    fault("UIDFETCH begins with the number of the message", "rfc9586-3.3-1", replaced(updates, "fetch_octets", number_for_uid)),
    fault("a tagged OK says INPROGRESS", "rfc9585-4-3", answers(c.Noop, in_progress)),
    fault("INPROGRESS is the code of an untagged NO", "rfc9585-4-3", row(c.Noop, handler=in_a_no)),
    fault("INPROGRESS says that all is done", "rfc9585-4-7 rfc9585-4-9", row(c.Noop, handler=done_already)),
)
