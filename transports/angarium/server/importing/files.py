"""Folders of messages, one message a file, and folders of mbox files (Thunderbird, mutt, alpine).

Folders below become mailboxes of the same name; what lies in the folder itself goes to INBOX, or where the caller says.
``Name.sbd`` holds the children of ``Name`` as Thunderbird writes it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from angarium.server.importing.mbox import message_spans, open_mbox
from angarium.server.importing.names import level_name, mailbox_name
from angarium.server.importing.octets import from_line_date, header_date, header_octets, looks_like_message, with_crlf
from angarium.server.importing.source import Source, SourceError, SourceMessage

MESSAGE_SUFFIXES: Final = frozenset({".eml", ".msg", ".rfc822", ".email"})
MBOX_SUFFIXES: Final = frozenset({".mbox", ".mbx"})
START_OCTETS: Final = 4096
INBOX_NAMES: Final = frozenset({"inbox", "mbox"})


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order, hidden ones left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from walk(path)
        elif path.is_file():
            yield path


def read_start(path: Path) -> bytes:
    """Read the first octets of a file, enough to tell what it is."""
    with path.open("rb") as file:
        return file.read(START_OCTETS)


def mailbox_of(parts: tuple[str, ...], root: str) -> str:
    """Name the mailbox for a folder or an mbox, given by the parts of its path below the source."""
    if len(parts) == 1 and parts[0].lower() in INBOX_NAMES:
        parts = ()
    return mailbox_name((level_name(part.removesuffix(".sbd")) for part in parts), root)


def open_folder(folder: Path, root: str) -> Source:
    """Open a folder: of mbox files if any of its files holds several messages, else of one message a file."""
    files = list(walk(folder))
    messages = [path for path in files if looks_like_message(read_start(path))]
    skipped = tuple(str(path) for path in files if path not in set(messages) and path.stat().st_size)
    if any(is_mbox(path) for path in messages):
        return _open_mboxes(folder, [path for path in files if path in set(messages) or not path.stat().st_size], root, skipped)
    if not messages:
        raise SourceError(
            f"{folder} holds no mail: give a Maildir, an mbox file, a folder of message files or an imap:// address"
        )
    return Source("message files", partial(_messages, folder, messages, root), len(messages), (), skipped)


def is_mbox(path: Path) -> bool:
    """Say whether a file is an mbox rather than one message."""
    if path.suffix.lower() in MESSAGE_SUFFIXES or not read_start(path).startswith(b"From "):
        return False
    return path.suffix.lower() in MBOX_SUFFIXES or len(message_spans(path)) > 1


def _open_mboxes(folder: Path, files: list[Path], root: str, skipped: tuple[str, ...]) -> Source:
    sources = []
    for path in files:
        stem = path.stem if path.suffix.lower() in MBOX_SUFFIXES else path.name
        sources.append(open_mbox(path, mailbox_of((*path.relative_to(folder).parts[:-1], stem), root)))
    return Source(
        "folder of mbox files",
        lambda: chain.from_iterable(source.messages() for source in sources),
        sum(source.total or 0 for source in sources),
        tuple(dict.fromkeys(mailbox for source in sources for mailbox in source.mailboxes)),
        skipped,
    )


def _messages(folder: Path, files: list[Path], root: str) -> Iterator[SourceMessage]:
    for path in files:
        yield read_file(path, mailbox_of(path.relative_to(folder).parts[:-1], root))


def read_file(path: Path, mailbox: str) -> SourceMessage:
    """Read a file that is one message.

    Its date is that of a leading ``From_`` line, which is no part of the message, else of the header, else of the file.
    """
    octets = path.read_bytes()
    date = None
    if octets.startswith(b"From "):
        line, _, octets = octets.partition(b"\n")
        date = from_line_date(line)
    date = date or header_date(header_octets(octets)) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    content = with_crlf(octets)
    return SourceMessage(mailbox, str(path), lambda: content, (), date)


def open_message(path: Path, root: str) -> Source:
    """Open a single message file."""
    return Source("message file", lambda: iter((read_file(path, root),)), 1)
