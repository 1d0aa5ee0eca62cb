"""SORT and THREAD, and their UID forms (RFC 5256 §3, §4; RFC 7162 §3.1.9)."""

from angarium.grammar.imap.commands import SearchReturn, Sort, Thread
from angarium.grammar.imap.responses import Condition, EsearchData, SortData, ThreadData
from angarium.grammar.imap.sorting import ThreadMembers
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import Told, require_modseq
from angarium.spec.protocol.rules import contexts
from angarium.spec.protocol.rules.search import Hits, ends, refused, require_extended, require_highest, same_numbers
from angarium.spec.protocol.turn import Turn
from angarium.spec.sorting import sorted_messages, threads


def sort(turn: Turn, command: Sort, hits: Hits | None) -> None:
    """What SEARCH would find, in the order asked for (RFC 5256 §3, BASE.6.4.SORT)."""
    if hits is None:
        refused(turn)
        return
    if contexts.reuses_tag(turn, command):
        contexts.refused(turn)
        return
    ordered = sorted_messages(command.criteria, hits.messages)
    contexts.follow(turn, command, hits.key, ordered)
    told = carried_out(turn, command, hits)
    answers = [each for each in told.data if isinstance(each, SortData)]
    if command.returns is not None:
        require(not answers, "RFC 5267 §3: an extended SORT is answered in ESEARCH", told.data)
        extended(turn, command, hits, ordered, [each for each in told.data if isinstance(each, EsearchData)])
        return
    require(len(answers) == 1, "RFC 5256 §4: one SORT response", told.data)
    for data in answers:
        same = same_numbers(turn, command.uid, hits, ordered, list(data.numbers))
        require(same, "RFC 5256 §3: the messages that match, in the order asked for", data, ordered)
        require_highest(turn, hits, list(hits.messages), data.mod_sequence)


def extended(turn: Turn, command: Sort, hits: Hits, ordered: list[Message], answers: list[EsearchData]) -> None:
    """The items asked for, in the order asked for; MIN is the first and MAX the last (RFC 5267 §3.1)."""
    returns = command.returns or frozenset({SearchReturn.ALL})
    reported = ends(ordered, command)
    if SearchReturn.SAVE in returns:
        turn.session.saved = tuple(sorted(message.uid for message in reported if message.uid in turn.session.view))
    require_extended(turn, command, hits, ordered, reported, answers)


def thread(turn: Turn, command: Thread, hits: Hits | None) -> None:
    """What SEARCH would find, as threads (RFC 5256 §3, BASE.6.4.THREAD)."""
    if hits is None:
        refused(turn)
        return
    told = carried_out(turn, command, hits)
    answers = [each for each in told.data if isinstance(each, ThreadData)]
    require(len(answers) == 1, "RFC 5256 §4: one THREAD response", told.data)
    expected = threads(command.algorithm, hits.messages)
    for data in answers:
        same = same_members(turn, command.uid, hits, expected, data.members)
        require(same, "RFC 5256 §3: the messages that match, in the threads of the algorithm", data, expected)


def carried_out(turn: Turn, command: Sort | Thread, hits: Hits) -> Told:
    """OK, after what has happened in the mailbox; numbers stay as they are unless UIDs were asked for (RFC 5256 §3)."""
    if hits.wants_modseq:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    turn.answer.expect(Condition.OK, rule="RFC 5256 §3: SORT and THREAD are OK")
    told = turn.replay(expunges=command.uid)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    return told


def same_members(turn: Turn, uid: bool, hits: Hits, expected: ThreadMembers, told: ThreadMembers) -> bool:
    """Say whether the threads have this form and these messages (RFC 5256 §4)."""
    if [(depth, number is None) for depth, number in expected] != [(depth, number is None) for depth, number in told]:
        return False
    by_uid = {message.uid: message for message in hits.messages}
    messages = [by_uid[number] for _, number in expected if number is not None]
    return same_numbers(turn, uid, hits, messages, [number for _, number in told if number is not None])
