"""SEARCH and UID SEARCH (RFC 9051 §6.4.4, §7.3.4; RFC 3501 §7.2.5; RFC 7162 §3.1.5)."""

from angarium.grammar.imap.commands import Search, SearchReturn
from angarium.grammar.imap.responses import Condition, EsearchData, SearchData
from angarium.grammar.imap.search_keys import And, ModSequenceSince, Not, Or, SearchKey, SequenceIs, UidIs
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import Told, require_modseq
from angarium.spec.protocol.session import Session
from angarium.spec.protocol.targets import NoSuchNumber, targets
from angarium.spec.protocol.turn import Turn
from angarium.spec.search import matches


def search(turn: Turn, command: Search) -> None:
    """The messages the client knows that match, by number or UID (RFC 9051 §6.4.4)."""
    messages, view = turn.mailbox.messages, list(turn.session.view)
    try:
        key = by_uid(turn.session, command.key)
    except NoSuchNumber:
        refused(turn)
        return
    hits = [uid for uid in view if uid in messages and matches(key, messages[uid])]
    wants_modseq = asks_modseq(key)
    if wants_modseq:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.4.4: SEARCH is OK")
    told = turn.replay(expunges=command.uid)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    if command.returns is not None and SearchReturn.SAVE in command.returns:
        turn.session.saved = tuple(uid for uid in ends(hits, command.returns) if uid in turn.session.view)
    reported = [messages[uid].modseq for uid in (ends(hits, command.returns) if command.returns else hits)]
    numbers = hits if command.uid else [view.index(uid) + 1 for uid in hits]
    require_result(turn, command, numbers, max(reported, default=None) if wants_modseq else None, told)


def refused(turn: Turn) -> None:
    """A number beyond the last message is BAD, or simply matches nothing (RFC 9051 §9 ``seq-number``)."""
    turn.answer.expect(Condition.BAD, Condition.OK, rule="RFC 9051 §9: a number that is not there")
    turn.replay(expunges=False)


def by_uid(session: Session, key: SearchKey) -> SearchKey:
    """The same key with message numbers, ``*`` and ``$`` as plain UIDs (RFC 9051 §6.4.4, §6.4.4.1)."""
    match key:
        case SequenceIs(numbers):
            return UidIs(plain(targets(session, numbers, uid=False)))
        case UidIs(uids):
            return UidIs(plain(targets(session, uids, uid=True)))
        case Not(inner):
            return Not(by_uid(session, inner))
        case Or(left, right):
            return Or(by_uid(session, left), by_uid(session, right))
        case And(keys):
            return And(tuple(by_uid(session, each) for each in keys))
        case _:
            return key


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


def ends(hits: list[int], returns: frozenset[SearchReturn]) -> list[int]:
    """Which hits count: only the least and greatest when only those were asked for (RFC 9051 §6.4.4.1, RFC 4731 §3.2)."""
    if returns & {SearchReturn.ALL, SearchReturn.COUNT} or not returns & {SearchReturn.MIN, SearchReturn.MAX}:
        return hits
    first = [hits[0]] if hits and SearchReturn.MIN in returns else []
    return first + ([hits[-1]] if hits and SearchReturn.MAX in returns else [])


def require_result(turn: Turn, command: Search, numbers: list[int], highest: int | None, told: Told) -> None:
    """SEARCH or ESEARCH, once, with the result (RFC 9051 §7.3.4, RFC 3501 §7.2.5)."""
    plain = [each for each in told.data if isinstance(each, SearchData)]
    extended = [each for each in told.data if isinstance(each, EsearchData)]
    if command.returns is None and not turn.session.rev2:
        require(len(plain) == 1 and not extended, "RFC 3501 §7.2.5: one SEARCH response", told.data)
        require(sorted(plain[0].numbers) == numbers, "RFC 9051 §6.4.4: the messages that match", plain[0], numbers)
        require(plain[0].mod_sequence == highest, "RFC 7162 §3.1.5: MODSEQ of the result", plain[0], highest)
        return
    only_saved = command.returns == frozenset({SearchReturn.SAVE})
    require(not plain and (len(extended) == 1 or (only_saved and not extended)), "RFC 9051 §7.3.4: one ESEARCH", told.data)
    for data in extended:
        require(data.tag == turn.answer.tagged.tag and data.uid == command.uid, "RFC 9051 §7.3.4: tag and UID", data)
        require_esearch(data, command.returns or frozenset({SearchReturn.ALL}), numbers, highest)


def require_esearch(data: EsearchData, returns: frozenset[SearchReturn], numbers: list[int], highest: int | None) -> None:
    """The items asked for and no others; none of MIN, MAX, ALL when nothing matches (RFC 9051 §6.4.4)."""
    expected = EsearchData(
        tag=data.tag,
        uid=data.uid,
        minimum=numbers[0] if numbers and SearchReturn.MIN in returns else None,
        maximum=numbers[-1] if numbers and SearchReturn.MAX in returns else None,
        all=NumberSet.from_numbers(numbers) if numbers and SearchReturn.ALL in returns else None,
        count=len(numbers) if SearchReturn.COUNT in returns else None,
        mod_sequence=highest,
    )
    require(data == expected, "RFC 9051 §6.4.4, RFC 4731 §3.2: the result asked for", data, expected)
