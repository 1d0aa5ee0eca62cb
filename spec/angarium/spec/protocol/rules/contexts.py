"""UPDATE and CANCELUPDATE: which searches are kept up to date (RFC 5267 §4.3)."""

from angarium.grammar.imap.commands import CancelUpdate, Search, SearchReturn, Sort
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.search_keys import And, Not, Older, Or, SearchKey, SequenceIs, UidIs, Younger
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.context import Context
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.turn import Turn


def reuses_tag(turn: Turn, command: Search | Sort) -> bool:
    """Say whether UPDATE comes with the tag of a search that is being updated (RFC 5267 §4.3)."""
    return wants_updates(command) and turn.answer.tagged.tag in turn.session.contexts


def wants_updates(command: Search | Sort) -> bool:
    """Say whether UPDATE is asked for (RFC 5267 §4.3)."""
    return SearchReturn.UPDATE in (command.returns or ())


def refused(turn: Turn) -> None:
    """It is rejected (RFC 5267 §4.3)."""
    turn.answer.expect(Condition.BAD, rule="RFC 5267 §4.3: UPDATE with a tag that is in use is BAD")
    turn.replay(expunges=False)


def follow(turn: Turn, command: Search | Sort, key: SearchKey, found: list[Message]) -> None:
    """Note what was found, before anything changes, unless the server will not update it (RFC 5267 §4.3, §4.3.1)."""
    session, tag = turn.session, turn.answer.tagged.tag
    refusal = turn.answer.arguments(Code.NOUPDATE)
    if not wants_updates(command) or turn.answer.condition is not Condition.OK:
        require(refusal is None, "RFC 5267 §4.3.1: NOUPDATE of a search that asked for updates", refusal)
        return
    if refusal is None:
        criteria = command.criteria if isinstance(command, Sort) else None
        session.contexts[tag] = Context(command.uid, key, criteria, tuple(each.uid for each in found))
        return
    require(refusal == (tag,), "RFC 5267 §4.3.1: NOUPDATE names the search", refusal, tag)
    first = isinstance(command, Search) and not session.contexts and not is_of_time(command.key)
    require(not first, "RFC 5267 §4.3.1: one search at least is updated", command)


def fixed(turn: Turn, key: SearchKey) -> SearchKey:
    """The key with what message numbers and ``$`` mean now; UIDs stay as they are written (RFC 5267 §4.3)."""
    match key:
        case SequenceIs(numbers) | UidIs(numbers) if isinstance(key, SequenceIs) or numbers.saved:
            return UidIs(SequenceSet(tuple((uid, uid) for uid in turn.targets(numbers, uid=isinstance(key, UidIs)))))
        case Not(inner):
            return Not(fixed(turn, inner))
        case Or(left, right):
            return Or(fixed(turn, left), fixed(turn, right))
        case And(keys):
            return And(tuple(fixed(turn, each) for each in keys))
        case _:
            return key


def is_of_time(key: SearchKey) -> bool:
    """Say whether what matches changes by itself (RFC 5032 §3)."""
    match key:
        case Not(inner):
            return is_of_time(inner)
        case Or(left, right):
            return is_of_time(left) or is_of_time(right)
        case And(keys):
            return any(map(is_of_time, keys))
        case _:
            return isinstance(key, Older | Younger)


def cancel_update(turn: Turn, command: CancelUpdate, outcome: None) -> None:
    """From now on nothing is told of these searches (RFC 5267 §4.3.5)."""
    turn.answer.expect(Condition.OK, rule="RFC 5267 §4.3.5: CANCELUPDATE is OK")
    for tag in command.tags:
        turn.session.contexts.pop(tag, None)
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
