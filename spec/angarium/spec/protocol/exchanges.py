"""A history taken apart: which responses answer which command, and what came by itself (RFC 9051 §2.2, §5.5, §7).

Servers answer the commands of one connection in their order, or in another where that makes no difference (§5.5). So data that
only some command asks for belongs to the oldest that waits for it, all other untagged responses to the oldest that waits.
What comes while IDLE waits, or no command does, is pushed: it is judged by itself, when it comes.
"""

import re
from typing import Final

from attrs import define, field, frozen

from angarium.grammar.imap.commands import Authenticate, Command, Fetch, Idle, Status
from angarium.grammar.imap.responses import (
    Condition,
    Continuation,
    EsearchData,
    FetchData,
    Flags,
    ModSequence,
    Response,
    StatusData,
    Tagged,
    Uid,
    UidFetchData,
    Untagged,
)
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.history import Closed, Connected, History, Received, Sent, SentGarbage, SentLine, Unreadable
from angarium.spec.protocol.answer import Inadmissible, refuse, require, require_final
from angarium.spec.protocol_model import RULES


@frozen
class Exchange:
    """A command and its answer; no ``tagged`` where none came. ``begun`` and ``ended`` are events; garbage has no command."""

    session: int
    tag: bytes
    command: Command | None
    begun: int
    untagged: tuple[Response, ...] = ()
    tagged: Tagged | None = None
    ended: int | None = None
    lines: tuple[bytes, ...] = ()


@frozen
class Exchanges:
    """All of them, by the event that began and the event that ended them; ``pushed`` are responses outside, by event."""

    begun: dict[int, Exchange]
    ended: dict[int, Exchange]
    pushed: dict[int, Response]


@define
class _Open:
    """An exchange while it goes on; ``requests`` counts the continuation requests it may still have.

    ``overtaken``: when each of the commands behind it was answered.
    """

    tag: bytes
    command: Command | None
    begun: int
    requests: int
    untagged: list[Response] = field(factory=list)
    lines: list[bytes] = field(factory=list)
    overtaken: list[int] = field(factory=list)


@define
class _Reading:
    """What has been read so far; ``open`` are the exchanges of each session, oldest first."""

    in_order: bool = True
    open: dict[int, list[_Open]] = field(factory=dict)
    greeted: set[int] = field(factory=set)
    done: list[Exchange] = field(factory=list)
    pushed: dict[int, Response] = field(factory=dict)


def exchanges_of(history: History, *, in_order: bool = True) -> Exchanges:
    """Take a history apart, or raise ``Inadmissible`` where a response answers nothing, or nothing answers a command.

    ``in_order``: the server is known to answer one UID FETCH after the other; of another the UIDs tell which was meant (§5.5).
    """
    reading = _Reading(in_order)
    for position, event in enumerate(history):
        if isinstance(event, Connected):
            _leave(reading, event.session, history)
        try:
            _read(reading, position, event)
        except Inadmissible as breach:
            breach.event, breach.session = position, event.session
            raise
    for session in reading.open:
        _leave(reading, session, history)
    ended = {each.ended: each for each in reading.done if each.ended is not None}
    return Exchanges({each.begun: each for each in reading.done}, ended, reading.pushed)


OVERTAKEN_MAX: Final = 2
NEWS: Final = (Uid, Flags, ModSequence)
"""What FETCH may tell in answer to any command (RFC 9051 §7.5.2)."""
_TAG: Final = re.compile(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+)(?: |\r?\n|\Z)")
_SYNCHRONIZING: Final = re.compile(rb"\{[0-9]+\}\r\n")


def _read(reading: _Reading, position: int, event: object) -> None:
    match event:
        case Connected(session):
            reading.open[session] = []
            reading.greeted.discard(session)
        case Sent(session, tag, command, octets):
            requests = 1 if isinstance(command, Idle) else len(_SYNCHRONIZING.findall(octets))
            reading.open[session].append(_Open(tag, command, position, requests))
        case SentGarbage(session, octets):
            found = _TAG.match(octets)
            requests = len(_SYNCHRONIZING.findall(octets))
            reading.open[session].append(_Open(found[1] if found else b"", None, position, requests))
        case SentLine(session, line):
            waits = [each for each in reading.open[session] if isinstance(each.command, Idle | Authenticate)]
            waits[-1].lines.append(line)
        case Received(session, response):
            _respond(reading, position, session, response)
        case Unreadable(octets=octets):
            refuse("RFC 9051 §9: what a server says is a response", octets)
        case Closed():
            pass
        case _:
            raise AssertionError(f"not an event: {event}")


def _leave(reading: _Reading, session: int, history: History) -> None:
    """The connection has ended; a command may be left without an answer, but not where those behind it had theirs (§5.5).

    One behind it may have been quicker than it was, so there must be two.
    """
    for each in reading.open.get(session, ()):
        if len(each.overtaken) >= OVERTAKEN_MAX:
            breach = Inadmissible("RFC 9051 §2.2.2: every command is answered", each.tag, each.command)
            breach.event, breach.session = each.overtaken[OVERTAKEN_MAX - 1], session
            raise breach
        reading.done.append(_exchange(session, each))


def _respond(reading: _Reading, position: int, session: int, response: Response) -> None:
    """Give a response to the exchange it belongs to (RFC 9051 §2.2.2)."""
    waiting = reading.open[session]
    if session not in reading.greeted:
        greeting = isinstance(response, Untagged) and response.condition not in (Condition.NO, Condition.BAD)
        require(greeting, "RFC 9051 §7.1: a greeting comes first", response)
        reading.greeted.add(session)
        reading.pushed[position] = response
    elif isinstance(response, Continuation):
        _continue(waiting, response)
    elif isinstance(response, Tagged):
        found = [each for each in waiting if each.tag == response.tag]
        require(bool(found), "RFC 9051 §2.2.2: a tagged response answers a command that waits", response)
        require_final(response)
        unasked = isinstance(found[0].command, Idle) and found[0].requests and response.condition is Condition.OK
        require(not unasked, "RFC 9051 §6.3.13: IDLE is answered by a continuation request", response)
        for each in waiting[: waiting.index(found[0])]:
            each.overtaken.append(position)
        waiting.remove(found[0])
        reading.done.append(_exchange(session, found[0], response, position))
    elif waiting and waiting[0].command is None and isinstance(response, Untagged) and response.condition is Condition.BAD:
        reading.done.append(_exchange(session, waiting.pop(0), Tagged(b"", Condition.BAD), position))
    elif not waiting or isinstance(waiting[0].command, Idle):
        reading.pushed[position] = response
    else:
        asked = next((each for each in waiting if _asked_for(each, response)), waiting[0])
        if not reading.in_order and _names_uid(asked, response) is False:
            asked = next((each for each in waiting if _names_uid(each, response)), asked)
        asked.untagged.append(response)


def _names_uid(each: _Open, response: Response) -> bool | None:
    """Whether UID FETCH may have asked for the message that FETCH tells of with its UID; None of all else (RFC 9051 §6.4.9)."""
    command = each.command
    if not isinstance(command, Fetch) or not command.uid:
        return None
    match response:
        case UidFetchData(uid=told):
            return _may_include(command.numbers, told)
        case FetchData(items=items):
            return next((_may_include(command.numbers, item.uid) for item in items if isinstance(item, Uid)), None)
    return None


def _asked_for(each: _Open, response: Response) -> bool:
    """Whether this is data that belongs to such a command and to no other (RFC 9051 §7.3)."""
    command = each.command
    match response:
        case EsearchData(tag=bytes(tag)):
            return tag == each.tag
        case StatusData(mailbox=name) if isinstance(command, Status):
            return name == command.mailbox
        case FetchData(number, items):
            return isinstance(command, Fetch) and _may_name(command, number) and any(not isinstance(item, NEWS) for item in items)
    return type(command) in RULES and type(response) in RULES[type(command)].asked


def _may_name(command: Fetch, number: int) -> bool:
    """Whether FETCH may have asked for this message; of UIDs one cannot see it (RFC 9051 §6.4.9)."""
    return command.uid or _may_include(command.numbers, number)


def _may_include(numbers: SequenceSet, number: int) -> bool:
    """Whether the number is in the set; of ``*`` and of ``$`` one cannot see it (RFC 9051 §9 ``sequence-set``)."""
    return not numbers.ranges or any(STAR in ends or min(ends) <= number <= max(ends) for ends in numbers.ranges)


def _continue(waiting: list[_Open], response: Continuation) -> None:
    """A continuation request is for a literal, for DONE, or a SASL challenge (RFC 9051 §7.6)."""
    for each in waiting:
        if isinstance(each.command, Authenticate):
            return
        if each.requests:
            each.requests -= 1
            return
    refuse("RFC 9051 §7.6: a continuation request that some command waits for", response)


def _exchange(session: int, each: _Open, tagged: Tagged | None = None, ended: int | None = None) -> Exchange:
    return Exchange(session, each.tag, each.command, each.begun, tuple(each.untagged), tagged, ended, tuple(each.lines))
