"""UNAUTHENTICATE (RFC 8437)."""

from angarium.grammar.imap.commands import Unauthenticate
from angarium.grammar.imap.responses import Condition
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.turn import Turn


def unauthenticate(turn: Turn, command: Unauthenticate, outcome: None) -> None:
    """The session is as it was before its user came; no removal is told on the way (RFC 8437 §3, §4.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 8437 §3: UNAUTHENTICATE is OK, never NO")
    require_only_updates(turn.replay(expunges=False))
    turn.session.forget_user()
