"""Export to mbox files, one for each mailbox, in folders like the hierarchy (mboxrd, RFC 4155 Appendix A).

Flags go into the fields ``Status``, ``X-Status`` and ``X-Keywords``, the internal date into the ``From_`` line, in UTC. An mbox
cannot hold every message as it is (``normal_form``); each is read back, so that what cannot come back is known.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Final

from angarium.server.exporting.messages import StoredMailbox, StoredMessage, Written, path_of
from angarium.server.importing.mbox import normal_form, read_message
from angarium.server.importing.octets import header_octets, with_lf

FROM_IN_TEXT: Final = re.compile(rb"(?m)^(>*From )")
ENVELOPE_SENDER: Final = re.compile(rb"(?im)^Return-Path:[ \t]*<([^<>\s]+)>")
STATUS_LETTERS: Final = {b"\\seen": b"R"}
X_STATUS_LETTERS: Final = {b"\\answered": b"A", b"\\flagged": b"F", b"\\deleted": b"D", b"\\draft": b"T"}


def write_mailbox(target: Path, mailbox: StoredMailbox, messages: Iterator[StoredMessage]) -> Iterator[Written]:
    """Write one mailbox as ``A/B.mbox``, replacing an older one only when all of it is written."""
    folder = path_of(target, mailbox.name)
    path = folder.with_name(f"{folder.name}.mbox")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        for message in messages:
            rendered = render_message(message)
            file.write(rendered)
            yield _written(message, rendered)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _written(message: StoredMessage, rendered: bytes) -> Written:
    back = read_message(rendered, "", "")
    if back is None:
        return Written(new=True, exact=False, flags=not message.flags)
    flags = {flag.lower() for flag in back.flags}
    return Written(new=True, exact=back.read() == message.content, flags=flags == {flag.lower() for flag in message.flags})


def render_message(message: StoredMessage) -> bytes:
    """Render a message as its part of an mbox: ``From_`` line, fields for the flags, quoted text, an empty line."""
    text = with_lf(normal_form(message.content))
    header = header_octets(text)
    sender = ENVELOPE_SENDER.search(header)
    date = message.internal_date.astimezone(UTC).strftime("%a %b %e %H:%M:%S %Y").encode("ascii")
    from_line = b"From %s %s\n" % (sender[1] if sender else b"MAILER-DAEMON", date)
    return from_line + FROM_IN_TEXT.sub(rb">\1", header + state_fields(message.flags) + text[len(header) :]) + b"\n"


def state_fields(flags: tuple[bytes, ...]) -> bytes:
    """Render the fields that keep flags in an mbox."""
    lower = [flag.lower() for flag in flags]
    status = b"".join(letter for flag, letter in STATUS_LETTERS.items() if flag in lower) + b"O"
    x_status = b"".join(letter for flag, letter in X_STATUS_LETTERS.items() if flag in lower)
    keywords = b" ".join(flag for flag in flags if not flag.startswith(b"\\"))
    fields = ((b"Status", status), (b"X-Status", x_status), (b"X-Keywords", keywords))
    return b"".join(b"%s: %s\n" % field for field in fields if field[1])
