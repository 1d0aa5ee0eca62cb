"""Someone else's program: tickets in a dictionary, read as mail. ``python embed.py``, then any IMAP client on port 1143."""

import time
from datetime import UTC, datetime

from angarium.engine import operations as ops
from angarium.spec.search import matches
from angarium.transports import embedding

TICKETS = {
    17: ("The printer is on fire", "ann@example.org", "Please send somebody. With water.", False),
    21: ("Coffee machine", "ben@example.org", "It says PC LOAD LETTER. It never did that before.", True),
}
INBOX = ops.MailboxId(ops.UserName("support"), 1)
STARTED = datetime.now(UTC)


def letters() -> list[embedding.Letter]:
    """The tickets as messages: the ticket's number is the UID, a closed ticket has been seen."""
    return [
        embedding.Letter(
            number,
            f"From: {sender}\r\nTo: support@example.org\r\nSubject: [{number}] {title}\r\n\r\n{text}\r\n".encode(),
            STARTED,
            (rb"\Seen",) if closed else (),
        )
        for number, (title, sender, text, closed) in sorted(TICKETS.items())
    ]


def open_mailbox(operation: ops.OpenMailbox) -> ops.OpenedMailbox:
    """There is only INBOX."""
    if operation.name != "INBOX":
        raise ops.MailboxNotFound("there is only INBOX")
    return embedding.opened(INBOX, "INBOX", letters())


def search(operation: ops.SearchMessages) -> ops.Found:
    """Look at every ticket; with many of them, ask your own database instead."""
    return ops.Found(ops.UidMap(each.uid for each in letters() if each.uid in operation.within and matches(operation.key, each)))


STORE = embedding.PartialStore(
    {
        **embedding.passwords({"support": "letmein"}),
        ops.ListMailboxes: lambda operation: (ops.MailboxEntry("INBOX", INBOX),),
        ops.FetchStatus: lambda operation: tuple(
            embedding.counts(INBOX, name, letters()) if name == "INBOX" else None for name in operation.names
        ),
        ops.OpenMailbox: open_mailbox,
        ops.ReadChanges: lambda operation: embedding.changes(operation, letters()),
        ops.FetchMessages: lambda operation: embedding.page(operation, letters()),
        ops.ReadContent: lambda operation: embedding.piece(operation, letters()),
        ops.SearchMessages: search,
    }
)

if __name__ == "__main__":
    with embedding.serve_imap(STORE, ("127.0.0.1", 1143)):
        time.sleep(3600)
