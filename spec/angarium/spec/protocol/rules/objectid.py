"""MAILBOXID, EMAILID and THREADID in answers and as search keys (RFC 8474 §4, §6)."""

from collections.abc import Mapping

from angarium.engine.operations import MailboxId
from angarium.grammar.imap.search_keys import EmailIdIs, ThreadIdIs
from angarium.spec.model.state import Message, Origin
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.turn import Turn
from angarium.spec.search import matches


def require_mailboxid(turn: Turn, mailbox: MailboxId, arguments: tuple[object, ...] | None, rule: str) -> None:
    """Demand the MAILBOXID from a server that has said it tells them (RFC 8474 §4.1, §4.2)."""
    if arguments is None:
        require(not turn.session.offers(b"OBJECTID"), rule, turn.answer.tagged)
    else:
        turn.revealed.objects.observe_mailbox(mailbox, arguments[0])


def has_object_id(turn: Turn, key: EmailIdIs | ThreadIdIs, message: Message) -> bool:
    """Say whether the message has the id, by what the server has told; of others either way (RFC 8474 §6)."""
    objects, origin = turn.revealed.objects, message.origin
    told: Mapping[Origin, bytes | None] = objects.emails if isinstance(key, EmailIdIs) else objects.threads
    if origin is not None and origin in told:
        return told[origin] == key.object_id
    if isinstance(key, EmailIdIs) and objects.contents.get(key.object_id, message.content) != message.content:
        return False
    likely = matches(key, message, turn.world.now())
    return turn.choices.pick((likely, not likely))
