"""COMPRESS (RFC 4978). How octets travel is beneath what is judged here: a history has them as they were understood."""

from angarium.grammar.imap.commands import Compress
from angarium.grammar.imap.responses import Code, Condition
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.turn import Turn


def compress(turn: Turn, command: Compress, outcome: None) -> None:
    """Once: then it is active, and asked for again refused; or NO, where TLS compresses already (RFC 4978 §3)."""
    require_only_updates(turn.replay())
    if turn.session.compressed:
        turn.answer.expect(Condition.BAD, Condition.NO, rule="RFC 4978 §3: COMPRESS that is active already is refused")
    elif turn.answer.condition is Condition.NO:
        told = turn.answer.code is Code.COMPRESSIONACTIVE
        require(told, "RFC 4978 §3: COMPRESSIONACTIVE where another layer compresses", turn.answer.tagged)
    else:
        turn.answer.expect(Condition.OK, rule="RFC 4978 §3: COMPRESS DEFLATE that is offered is OK")
        turn.session.compressed = True
