"""UIDONLY: what no command may name once it is enabled (RFC 9586 §3)."""

from typing import Any

from angarium.grammar.imap.commands import Command, Copy, Fetch, Move, Replace, Search, Select, Sort, Store, Thread
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.search_keys import And, Not, Or, SearchKey, SequenceIs
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.turn import Turn


def names_numbers(command: Command) -> bool:
    """Say whether a command names messages by number (RFC 9586 §3.2, §3.5, §3.7)."""
    match command:
        case Fetch(uid=False) | Store(uid=False) | Copy(uid=False) | Move(uid=False) | Replace(uid=False):
            return True
        case Search(uid=False) | Sort(uid=False) | Thread(uid=False):
            return True
        case Search(key=key) | Sort(key=key) | Thread(key=key):
            return has_sequence_set(key)
        case Select(qresync=qresync):
            return qresync is not None and qresync.sequence_match is not None
        case _:
            return False


def has_sequence_set(key: SearchKey) -> bool:
    """Say whether a sequence set is among the search keys, whatever it stands for (RFC 9586 §3.5)."""
    match key:
        case And(keys=keys):
            return any(map(has_sequence_set, keys))
        case Or(left=left, right=right):
            return has_sequence_set(left) or has_sequence_set(right)
        case Not(key=inner):
            return has_sequence_set(inner)
        case _:
            return isinstance(key, SequenceIs)


def refused(turn: Turn, command: Any) -> None:
    """BAD, and why (RFC 9586 §3); QRESYNC that was not enabled is reason enough (RFC 7162 §3.2.5)."""
    turn.answer.expect(Condition.BAD, rule="RFC 9586 §3: message numbers are BAD once UIDONLY is enabled")
    otherwise_bad = isinstance(command, Select) and not turn.session.qresync
    told = turn.answer.code is Code.UIDREQUIRED or otherwise_bad
    require(told, "RFC 9586 §3: UIDREQUIRED says why", turn.answer.tagged)
    require_only_updates(turn.replay(expunges=False))
