"""Export to Maildir++ (Dovecot's and Courier's layout): loses nothing but keywords past the 26th, and can be repeated.

A file is named after the message's UIDVALIDITY and UID, so a second export into the same folder writes only what is new, and
messages of the same second keep their order.
Flags are letters of the name, keywords are lettered in ``dovecot-keywords``, the internal date is the time of the file. Lines
end with LF; a message that would not come back from that as it was is written as it is, and its name says so (``EXACT``).
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from angarium.grammar.imap.mailbox_name import encode_modified_utf7
from angarium.server.exporting.messages import StoredMailbox, StoredMessage, Written
from angarium.server.importing.maildir import EXACT, FLAG_LETTERS, INFO, KEYWORDS_FILE, flags_of, keyword_letters
from angarium.server.importing.names import ENCODED_DOT
from angarium.server.importing.octets import with_crlf, with_lf

KEYWORDS_MAX: Final = 26


def folder_of(target: Path, mailbox: str) -> Path:
    """Name the Maildir of a mailbox: the target itself for INBOX, else ``.A.B`` with a dot in a name as ``&AC4-``."""
    if mailbox == "INBOX":
        return target
    levels = [encode_modified_utf7(level).decode("ascii").replace(".", ENCODED_DOT) for level in mailbox.split("/")]
    return target / ("." + ".".join(levels))


def write_mailbox(target: Path, mailbox: StoredMailbox, messages: Iterator[StoredMessage]) -> Iterator[Written]:
    """Write the messages of one mailbox."""
    maildir = folder_of(target, mailbox.name)
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    if maildir != target:
        (maildir / "maildirfolder").touch()
    letters = {keyword: letter for letter, keyword in keyword_letters(maildir).items()}
    present = {path.name.partition(INFO)[0] for path in (maildir / "cur").iterdir()}
    known = len(letters)
    for message in messages:
        text = with_lf(message.content)
        host = ".angarium" if with_crlf(text) == message.content else EXACT
        unique = f"{int(message.internal_date.timestamp())}.V{mailbox.uidvalidity}U{message.uid:010}{host}"
        name = unique + INFO + _letters(message.flags, letters)
        if unique not in present:
            _write(maildir, name, text, message.internal_date)
        kept = flags_of(name, {letter: keyword for keyword, letter in letters.items()})
        yield Written(unique not in present, flags=len(kept) == len(message.flags))
    if len(letters) > known:
        _write_keywords(maildir, letters)


def _letters(flags: tuple[bytes, ...], keywords: dict[bytes, str]) -> str:
    """Render flags as letters in ASCII order; a new keyword gets the next letter while there are any."""
    of_flag = {flag.lower(): letter for letter, flag in FLAG_LETTERS.items()}
    for flag in flags:
        if flag.lower() not in of_flag and flag not in keywords and len(keywords) < KEYWORDS_MAX:
            keywords[flag] = chr(ord("a") + len(keywords))
    return "".join(sorted(letter for flag in flags if (letter := of_flag.get(flag.lower()) or keywords.get(flag))))


def _write(maildir: Path, name: str, text: bytes, internal_date: datetime) -> None:
    """Write to ``tmp`` and move to ``cur``, as every Maildir program does, so that nobody sees half a message."""
    temporary = maildir / "tmp" / name
    temporary.write_bytes(text)
    os.utime(temporary, (internal_date.timestamp(),) * 2)
    temporary.rename(maildir / "cur" / name)


def _write_keywords(maildir: Path, keywords: dict[bytes, str]) -> None:
    lines = sorted((ord(letter) - ord("a"), keyword) for keyword, letter in keywords.items())
    (maildir / KEYWORDS_FILE).write_bytes(b"".join(b"%d %s\n" % line for line in lines))
