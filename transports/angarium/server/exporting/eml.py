"""Export to message files, ``A/B/00000017.eml``, octet for octet as they are stored.

The internal date is the time of the file. Flags have no place there: use Maildir to keep them.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from angarium.server.exporting.messages import StoredMailbox, StoredMessage, path_of


def write_mailbox(target: Path, mailbox: StoredMailbox, messages: Iterator[StoredMessage]) -> Iterator[bool]:
    """Write one file for each message, named after its UID; yields for each whether it was new there."""
    folder = path_of(target, mailbox.name)
    folder.mkdir(parents=True, exist_ok=True)
    for message in messages:
        path = folder / f"{message.uid:08}.eml"
        new = not path.exists()
        if new:
            unfinished = folder / f".{path.name}.unfinished"
            unfinished.write_bytes(message.content)
            os.utime(unfinished, (message.internal_date.timestamp(),) * 2)
            unfinished.replace(path)
        yield new
