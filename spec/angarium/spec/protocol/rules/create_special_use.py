"""CREATE with USE (RFC 6154 §3)."""

from angarium.grammar.imap.commands import Create
from angarium.grammar.imap.responses import Code, Condition
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.turn import Turn

SPECIAL_USES = (b"\\All", b"\\Archive", b"\\Drafts", b"\\Flagged", b"\\Important", b"\\Junk", b"\\Sent", b"\\Trash")
"""RFC 6154 §2; \\Important: RFC 8457 §3."""


def refuses_use(turn: Turn, command: Create) -> bool:
    """Say whether the server will not give the special use; then there is no mailbox (RFC 6154 §3)."""
    uses = command.special_use or ()
    known = {use.lower() for use in SPECIAL_USES}
    refused = turn.answer.condition is Condition.NO and turn.answer.code is Code.USEATTR
    require(not refused or bool(uses), "RFC 6154 §5.3: USEATTR is about a special use", turn.answer.tagged)
    unknown = [use for use in uses if use.lower() not in known]
    require(not unknown or turn.answer.condition is not Condition.OK, "RFC 6154 §3: no mailbox with a use that is none", unknown)
    return refused


def spelled_uses(command: Create) -> tuple[bytes, ...]:
    """The special uses as the RFC spells them (RFC 6154 §2)."""
    spelling = {use.lower(): use for use in SPECIAL_USES}
    return tuple(dict.fromkeys(spelling.get(use.lower(), use) for use in command.special_use or ()))
