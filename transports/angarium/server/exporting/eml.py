"""Export to message files, ``A/B/00000017.eml``, octet for octet as they are stored.

The internal date is the time of the file. Flags have no place there: use Maildir to keep them. What an import could not tell
from a file of other software (it has an empty beginning, a ``From_`` line or LF alone at the end of a line) is called
``00000017.exact.eml``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from angarium.server.exporting.messages import StoredMailbox, StoredMessage, Written, path_of
from angarium.server.importing.files import EXACT_SUFFIX, split_from_line
from angarium.server.importing.octets import with_crlf


def write_mailbox(target: Path, mailbox: StoredMailbox, messages: Iterator[StoredMessage]) -> Iterator[Written]:
    """Write one file for each message, named after its UID."""
    folder = path_of(target, mailbox.name)
    folder.mkdir(parents=True, exist_ok=True)
    for message in messages:
        path = folder / f"{message.uid:08}{suffix_for(message.content)}"
        new = not path.exists()
        if new:
            unfinished = folder / f".{path.name}.unfinished"
            unfinished.write_bytes(message.content)
            os.utime(unfinished, (message.internal_date.timestamp(),) * 2)
            unfinished.replace(path)
        yield Written(new, flags=not message.flags)


def suffix_for(content: bytes) -> str:
    """Choose how the name of a file ends, so that an import takes its octets as they are."""
    plain = content and not split_from_line(content)[0] and with_crlf(content) == content
    return ".eml" if plain else EXACT_SUFFIX
