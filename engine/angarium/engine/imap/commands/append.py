"""APPEND (RFC 9051 §6.3.12, RFC 4315 §3)."""

from angarium.engine.imap.asks import Asking, Outcome, bad, no, ok
from angarium.engine.imap.commands.mailboxes import tell_old_name
from angarium.engine.imap.flags import storable
from angarium.engine.imap.names import normalized
from angarium.engine.imap.state import Session
from angarium.engine.operations import Appended, AppendMessages, NewMessage
from angarium.grammar.imap.commands import Append
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet


def append(session: Session, command: Append) -> Asking[Outcome]:
    """Add a message to a mailbox (RFC 9051 §6.3.12).

    NUL cannot be in a literal (RFC 9051 §4.3), and of a ``literal8`` it could not be sent again but by recoding, so it is
    refused as RFC 3516 §4.4 provides. A staged literal has been looked at when it came.
    """
    if isinstance(command.message, bytes) and b"\0" in command.message:
        return no("NUL is not stored", Code.UNKNOWN_CTE) if command.binary else bad("expected CHAR8 in the literal, found NUL")
    message = NewMessage(command.message, storable(command.flags), command.date_time)
    name = normalized(command.mailbox)
    done: Appended = yield AppendMessages(session.user, name, (message,))
    if name != command.mailbox:
        yield from tell_old_name(session, command.mailbox, name)
    return ok("APPEND completed", Code.APPENDUID, done.uidvalidity, NumberSet.from_numbers(done.uids))
