"""What a client hears of a store's refusal: one table (RFC 5321 §4.2.3, RFC 3463, RFC 2034)."""

from typing import Final

from angarium.engine.operations import (
    InvalidMailboxName,
    LimitReached,
    MailboxNotFound,
    OverQuota,
    PermissionDenied,
    RecipientUnknown,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    TooLarge,
)  # fmt: skip
from angarium.grammar.lmtp.replies import Reply, reply

REPLIES: Final[dict[type[StoreError], tuple[int, str, str]]] = {
    RecipientUnknown: (550, "5.1.1", "No such recipient here"),
    OverQuota: (552, "5.2.2", "Mailbox full"),
    TooLarge: (552, "5.3.4", "Message too big"),
    PermissionDenied: (550, "5.7.1", "Delivery not authorized"),
    InvalidMailboxName: (550, "5.1.1", "No such mailbox here"),
    MailboxNotFound: (450, "4.2.0", "Mailbox not there at present"),
    LimitReached: (452, "4.2.2", "Mailbox at its limit"),
    StoreBusy: (451, "4.3.0", "Mailbox busy, try again"),
    StoreUnavailable: (451, "4.3.0", "Mail storage unavailable, try again"),
}
"""Full and too large are for ever, everything that an administrator can mend is for now: the sender keeps the message."""


def refusal(error: StoreError) -> Reply:
    """Make the reply to a store's error; one the table does not know is taken for a passing trouble."""
    code, enhanced, text = REPLIES.get(type(error), (451, "4.3.0", "Local error, try again"))
    return reply(code, enhanced, text)
