"""From received mail data to one reply for each recipient (RFC 2033 §4.2, §4.3)."""

from collections.abc import Generator

from angarium.engine.lmtp.content import Content
from angarium.engine.lmtp.errors import refusal
from angarium.engine.lmtp.session import Accepted, Session, Transaction
from angarium.engine.lmtp.trace import trace_fields
from angarium.engine.operations import AppendMessages, DiscardStaged, MailboxNotFound, NewMessage, StoreError
from angarium.engine.steps import Event, Execute, Failed, Step
from angarium.grammar.lmtp.replies import Reply, reply

INBOX = "INBOX"


def deliver(session: Session, transaction: Transaction, content: Content) -> Generator[Step, Event, None]:
    """Give the message to each recipient in the order of RCPT; each hears its own reply as soon as it is known (RFC 2033 §5)."""
    yield from content.complete()
    refused = _refused(content)
    for number, accepted in enumerate(transaction.recipients):
        session.say(refused or (yield from _deliver_to(session, transaction, content, number, accepted)))
        yield from session.flush()
    if refused:
        yield from content.discard()


def _refused(content: Content) -> Reply | None:
    """Say why nobody can have the message, if so."""
    if content.failure is not None:
        return refusal(content.failure)
    if content.has_nul and not content.counted:
        # RFC 5322 §2.1 has no NUL, and most clients would lose what is behind it. In chunks it may be a part in "binary",
        # which has to be taken even where MAIL did not say BINARYMIME (RFC 3030 §3).
        return reply(554, "5.6.0", "Message contains NUL octets")
    return None


def _deliver_to(
    session: Session, transaction: Transaction, content: Content, number: int, accepted: Accepted
) -> Generator[Step, Event, Reply]:
    now = session.clock()
    fields = trace_fields(transaction.mail, accepted.path, session.client, session.peer, session.hostname, now)
    message = NewMessage(content.copy(number), internal_date=now, prefix=fields)
    error = yield from _append(accepted, accepted.recipient.mailbox, message)
    if isinstance(error, MailboxNotFound) and accepted.recipient.mailbox != INBOX:
        error = yield from _append(accepted, INBOX, message)
    if error is None:
        return reply(250, "2.0.0", f"{accepted.path.spelled} delivered")
    token = content.keep_for_discarding(number)
    if token is not None:
        yield Execute(DiscardStaged(token))
    return refusal(error)


def _append(accepted: Accepted, mailbox: str, message: NewMessage) -> Generator[Step, Event, StoreError | None]:
    """Store the message durably; the error where that failed."""
    answer = yield Execute(AppendMessages(accepted.recipient.user, mailbox, (message,)))
    return answer.error if isinstance(answer, Failed) else None
