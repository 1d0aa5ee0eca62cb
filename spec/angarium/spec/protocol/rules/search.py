"""SEARCH and UID SEARCH (RFC 9051 §6.4.4, §7.3.4; RFC 3501 §7.2.5; RFC 7162 §3.1.5)."""

from attrs import frozen

from angarium.grammar.imap.commands import Search, SearchReturn, Sort, Thread
from angarium.grammar.imap.responses import Condition, EsearchData, SearchData
from angarium.grammar.imap.search_keys import (
    And,
    DateField,
    DateIs,
    EmailIdIs,
    ModSequenceSince,
    Not,
    Older,
    Or,
    SaveDateSupported,
    SearchKey,
    SequenceIs,
    ThreadIdIs,
    UidIs,
    Younger,
)
from angarium.grammar.imap.sequence_set import NumberList, NumberSet, SequenceSet
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import Told, require_modseq, require_only_updates
from angarium.spec.protocol.rules import contexts, ghosts
from angarium.spec.protocol.rules.dates import has_save_date, is_likely, was_received, was_saved
from angarium.spec.protocol.rules.objectid import has_object_id
from angarium.spec.protocol.rules.partial import in_range, require_range
from angarium.spec.protocol.targets import NoSuchNumber
from angarium.spec.protocol.turn import Turn
from angarium.spec.search import matches

CHARSETS = frozenset({b"US-ASCII", b"UTF-8"})
"""Those that a server must know; it may refuse others (RFC 9051 §6.4.4)."""

NO_DATA = frozenset({SearchReturn.SAVE, SearchReturn.UPDATE, SearchReturn.CONTEXT})
"""Options that ask for nothing to be told at once (RFC 9051 §6.4.4, RFC 5267 §4.2, §4.3)."""


@frozen
class Hits:
    """The messages that match, and the numbers they had; ``key`` says what of it meant what then (RFC 5267 §4.3)."""

    messages: tuple[Message, ...]
    view: tuple[int, ...]
    wants_modseq: bool
    key: SearchKey


def look(turn: Turn, command: Search | Sort | Thread) -> Hits | None:
    """The messages the client knows that match (RFC 9051 §6.4.4)."""
    try:
        key = resolved(turn, command.key)
    except NoSuchNumber:
        return None
    messages, view = turn.mailbox.messages, tuple(turn.session.view)
    hits = {uid: messages[uid] for uid in view if uid in messages and is_hit(turn, key, messages[uid])}
    hits |= ghosts.found(turn, command, len(hits))
    found = tuple(hits[uid] for uid in view if uid in hits)
    return Hits(found, view, asks_modseq(key), contexts.fixed(turn, command.key))


def search(turn: Turn, command: Search, hits: Hits | None) -> None:
    """They are told by number or UID (RFC 9051 §6.4.4)."""
    if hits is None:
        refused(turn)
        return
    if contexts.reuses_tag(turn, command):
        contexts.refused(turn)
        return
    if hits.wants_modseq:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    if command.charset is not None and command.charset.upper() not in CHARSETS and turn.answer.condition is Condition.NO:
        require_only_updates(turn.replay(expunges=command.uid))
        return
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.4.4: SEARCH is OK")
    contexts.follow(turn, command, hits.key, list(hits.messages))
    told = turn.replay(expunges=command.uid)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    reported = list(hits.messages)
    if command.returns is not None:
        reported = ends(reported, command)
        if SearchReturn.SAVE in command.returns:
            turn.session.saved = tuple(message.uid for message in reported if message.uid in turn.session.view)
    require_result(turn, command, hits, reported, told)


def refused(turn: Turn) -> None:
    """A number beyond the last message is BAD, or simply matches nothing (RFC 9051 §9 ``seq-number``)."""
    turn.answer.expect(Condition.BAD, Condition.OK, rule="RFC 9051 §9: a number that is not there")
    turn.replay(expunges=False)


def resolved(turn: Turn, key: SearchKey) -> SearchKey:
    """The same key with message numbers, the server's UIDs, ``*`` and ``$`` as the model's UIDs (RFC 9051 §6.4.4, §6.4.4.1)."""
    match key:
        case SequenceIs(numbers):
            return UidIs(plain(turn.targets(numbers, uid=False)))
        case UidIs(uids):
            return UidIs(plain(turn.targets(uids, uid=True)))
        case Not(inner):
            return Not(resolved(turn, inner))
        case Or(left, right):
            return Or(resolved(turn, left), resolved(turn, right))
        case And(keys):
            return And(tuple(resolved(turn, each) for each in keys))
        case _:
            return key


def is_hit(turn: Turn, key: SearchKey, message: Message) -> bool:
    """Say whether the message matches; MODSEQ by the server's numbers (RFC 9051 §6.4.4, RFC 7162 §3.1.5)."""
    match key:
        case ModSequenceSince(mod_sequence):
            return turn.choices.pick(turn.numbering.may_exceed(message.uid, message.modseq, mod_sequence - 1))
        case EmailIdIs() | ThreadIdIs():
            return has_object_id(turn, key, message)
        case DateIs(DateField.SAVED):
            return was_saved(turn, key, message)
        case DateIs(DateField.INTERNAL):
            return was_received(turn, key, message)
        case SaveDateSupported():
            return has_save_date(turn, message)
        case Older() | Younger():
            return is_likely(turn, key, message)
        case Not(inner):
            return not is_hit(turn, inner, message)
        case Or(left, right):
            return is_hit(turn, left, message) or is_hit(turn, right, message)
        case And(keys):
            return all(is_hit(turn, each, message) for each in keys)
        case _:
            return matches(key, message, turn.world.now())


def plain(uids: list[int]) -> SequenceSet:
    """UIDs as a set without ``*``."""
    return SequenceSet(tuple((uid, uid) for uid in uids))


def asks_modseq(key: SearchKey) -> bool:
    """Say whether MODSEQ is among the criteria (RFC 7162 §3.1.5)."""
    match key:
        case ModSequenceSince():
            return True
        case Not(inner):
            return asks_modseq(inner)
        case Or(left, right):
            return asks_modseq(left) or asks_modseq(right)
        case And(keys):
            return any(map(asks_modseq, keys))
        case _:
            return False


def ends(hits: list[Message], command: Search | Sort) -> list[Message]:
    """Which hits count: of MIN, MAX and PARTIAL only these, where nothing else was asked for.

    (RFC 9051 §6.4.4.1, RFC 4731 §3.2, RFC 9394 §3.2)
    """
    returns = command.returns or frozenset()
    narrow = command.partial is not None or returns & {SearchReturn.MIN, SearchReturn.MAX}
    if returns & {SearchReturn.ALL, SearchReturn.COUNT} or not narrow:
        return hits
    told = in_range(hits, command.partial)
    told += hits[:1] if SearchReturn.MIN in returns else []
    told += hits[-1:] if SearchReturn.MAX in returns else []
    return [each for each in hits if each in told]


def require_result(turn: Turn, command: Search, hits: Hits, reported: list[Message], told: Told) -> None:
    """SEARCH or ESEARCH, once, with the result (RFC 9051 §7.3.4, RFC 3501 §7.2.5)."""
    plain = [each for each in told.data if isinstance(each, SearchData)]
    extended = [each for each in told.data if isinstance(each, EsearchData)]
    if command.returns is None and not turn.session.rev2:
        require(len(plain) == 1 and not extended, "RFC 3501 §7.2.5: one SEARCH response", told.data)
        found = same_numbers(turn, command.uid, hits, list(hits.messages), sorted(plain[0].numbers))
        require(found, "RFC 9051 §6.4.4: the messages that match", plain[0], hits)
        require_highest(turn, hits, reported, plain[0].mod_sequence)
        return
    require(not plain, "RFC 9051 §7.3.4: ESEARCH instead of SEARCH", told.data)
    require_extended(turn, command, hits, list(hits.messages), reported, extended)


def require_extended(
    turn: Turn, command: Search | Sort, hits: Hits, found: list[Message], reported: list[Message], answers: list[EsearchData]
) -> None:
    """ESEARCH, once, or not at all where the result was only to be saved (RFC 9051 §6.4.4, §7.3.4; RFC 5267 §3)."""
    only_saved = bool(command.returns) and not (command.returns or NO_DATA) - NO_DATA and command.partial is None
    require(len(answers) == 1 or (only_saved and not answers), "RFC 9051 §7.3.4: one ESEARCH", answers)
    for data in answers:
        require(data.tag == turn.answer.tagged.tag and data.uid == command.uid, "RFC 9051 §7.3.4: tag and UID", data)
        require_esearch(turn, command, hits, found, data)
        require_highest(turn, hits, reported, data.mod_sequence)


def same_numbers(turn: Turn, uid: bool, hits: Hits, messages: list[Message], told: list[int]) -> bool:
    """Say whether these are the numbers of the messages, or their UIDs (RFC 9051 §6.4.4, §6.4.9)."""
    if len(messages) != len(told):
        return False
    if uid:
        return all(turn.numbering.is_uid(message.uid, number) for message, number in zip(messages, told, strict=True))
    return [hits.view.index(message.uid) + 1 for message in messages] == told


def require_highest(turn: Turn, hits: Hits, reported: list[Message], told: int | None) -> None:
    """The greatest mod-sequence of what is reported, when MODSEQ was among the criteria (RFC 7162 §3.1.5, §3.1.10)."""
    expected = max((message.modseq for message in reported), default=None) if hits.wants_modseq else None
    uids = [message.uid for message in reported if message.modseq == expected]
    fits = any(told is not None and turn.numbering.is_modseq(uid, expected, told) for uid in uids if expected is not None)
    require(fits or (told is None and expected is None), "RFC 7162 §3.1.5: MODSEQ of the result", told, expected)


def in_order_of(command: Search | Sort, numbers: NumberSet | NumberList | None) -> list[int]:
    """Numbers as they were told; only SORT has an order (RFC 5267 §3.1)."""
    told = list(numbers or ())
    return told if isinstance(command, Sort) else sorted(told)


def require_esearch(turn: Turn, command: Search | Sort, hits: Hits, found: list[Message], data: EsearchData) -> None:
    """The items asked for and no others; none of MIN, MAX, ALL when nothing matches (RFC 9051 §6.4.4, RFC 4731 §3.1)."""
    default = frozenset({SearchReturn.ALL}) if command.partial is None else frozenset()
    returns = command.returns or default
    require_range(command, data)
    places = in_order_of(command, data.partial.numbers if data.partial else None)
    same = same_numbers(turn, command.uid, hits, in_range(found, command.partial), places)
    require(same, "RFC 9394 §3.1: the results in the places asked for", data, found)
    told = {
        SearchReturn.MIN: (found[:1], () if data.minimum is None else (data.minimum,)),
        SearchReturn.MAX: (found[-1:], () if data.maximum is None else (data.maximum,)),
        SearchReturn.ALL: (found, in_order_of(command, data.all)),
    }
    for option, (messages, numbers) in told.items():
        expected = messages if option in returns else []
        same = same_numbers(turn, command.uid, hits, expected, list(numbers))
        require(same, "RFC 9051 §6.4.4, RFC 4731 §3.2: the result asked for", option.name, numbers, expected)
    count = len(found) if SearchReturn.COUNT in returns else None
    require(data.count == count, "RFC 9051 §6.4.4: COUNT of the messages that match", data, count)
