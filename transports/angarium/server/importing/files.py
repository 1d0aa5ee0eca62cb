"""Folders of messages, one message a file, and folders of mbox files (Thunderbird, mutt, alpine).

Folders below become mailboxes of the same name; what lies in the folder itself goes to INBOX, or where the caller says.
``Name.sbd`` holds the children of ``Name`` as Thunderbird writes it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import chain
from pathlib import Path
from typing import Final

from angarium.server.importing.mbox import message_spans, open_mbox
from angarium.server.importing.names import level_name, mailbox_name
from angarium.server.importing.octets import from_line_date, header_date, header_octets, looks_like_message, with_crlf
from angarium.server.importing.source import Source, SourceError, SourceMessage

EXACT_SUFFIX: Final = ".exact.eml"
"""Our own export ends so the names of files whose octets are the message, whatever they are."""
MESSAGE_SUFFIXES: Final = frozenset({".eml", ".msg", ".rfc822", ".email"})
MBOX_SUFFIXES: Final = frozenset({".mbox", ".mbx"})
START_OCTETS: Final = 4096
INBOX_NAMES: Final = frozenset({"inbox", "mbox"})


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order, hidden ones left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from walk(path)


def read_start(path: Path) -> bytes:
    """Read the first octets of a file, enough to tell what it is."""
    with path.open("rb") as file:
        return file.read(START_OCTETS)


def mailbox_of(parts: tuple[str, ...], root: str) -> str:
    """Name the mailbox for a folder or an mbox, given by the parts of its path below the source."""
    if len(parts) == 1 and parts[0].lower() in INBOX_NAMES:
        parts = ()
    return mailbox_name((level_name(part.removesuffix(".sbd")) for part in parts), root)


class Content(Enum):
    """What a file looks like from its first octets."""

    EMPTY = auto()
    MESSAGE = auto()
    FROM_LINE = auto()
    """a message after an mbox ``From_`` line, or an mbox"""
    OTHER = auto()


def content_of(path: Path) -> Content:
    """Look at the first octets of a file; one that is called a message is one, whatever it begins with."""
    start = read_start(path)
    if path.name.endswith(EXACT_SUFFIX):
        return Content.MESSAGE
    if not start:
        return Content.EMPTY
    if path.suffix.lower() == ".eml":
        return Content.MESSAGE
    if not looks_like_message(start):
        return Content.OTHER
    return Content.FROM_LINE if start.startswith(b"From ") and path.suffix.lower() not in MESSAGE_SUFFIXES else Content.MESSAGE


def is_mbox(path: Path) -> bool:
    """Say whether a file is an mbox rather than one message."""
    return content_of(path) is Content.FROM_LINE and (path.suffix.lower() in MBOX_SUFFIXES or len(message_spans(path)) > 1)


def open_folder(folder: Path, root: str) -> Source:
    """Open a folder: if any of its files is an mbox of several messages, all that begin like one are, else each is a message."""
    contents = {path: content_of(path) for path in walk(folder)}
    kinds = {Content.FROM_LINE, Content.EMPTY} if any(map(is_mbox, contents)) else set[Content]()
    mboxes = [_open_named_mbox(folder, path, root) for path, content in contents.items() if content in kinds]
    messages = [path for path, content in contents.items() if content in {Content.MESSAGE, Content.FROM_LINE} - kinds]
    if not mboxes and not messages:
        raise SourceError(
            f"{folder} holds no mail: give a Maildir, an mbox file, a folder of message files or an imap:// address"
        )
    return Source(
        "folder of mbox files" if mboxes else "message files",
        lambda: chain(_messages(folder, messages, root), *(mbox.messages() for mbox in mboxes)),
        len(messages) + sum(mbox.total or 0 for mbox in mboxes),
        tuple(dict.fromkeys(mailbox for mbox in mboxes for mailbox in mbox.mailboxes)),
        tuple(str(path) for path, content in contents.items() if content is Content.OTHER),
    )


def _open_named_mbox(folder: Path, path: Path, root: str) -> Source:
    stem = path.stem if path.suffix.lower() in MBOX_SUFFIXES else path.name
    return open_mbox(path, mailbox_of((*path.relative_to(folder).parts[:-1], stem), root))


def _messages(folder: Path, files: list[Path], root: str) -> Iterator[SourceMessage]:
    for path in files:
        yield read_file(path, mailbox_of(path.relative_to(folder).parts[:-1], root))


def read_file(path: Path, mailbox: str) -> SourceMessage:
    """Read a file that is one message.

    Its date is that of a leading ``From_`` line, which is no part of the message, else of the header, else of the file.
    """
    octets = path.read_bytes()
    from_line, text = (b"", octets) if path.name.endswith(EXACT_SUFFIX) else split_from_line(octets)
    date = from_line_date(from_line) or header_date(header_octets(text)) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    content = octets if path.name.endswith(EXACT_SUFFIX) else with_crlf(text)
    return SourceMessage(mailbox, str(path), lambda: content, (), date)


def split_from_line(octets: bytes) -> tuple[bytes, bytes]:
    """Part a message from the ``From_`` line before it, where there is one."""
    if not octets.startswith(b"From "):
        return b"", octets
    line, _, text = octets.partition(b"\n")
    return line, text


def open_message(path: Path, root: str) -> Source:
    """Open a single message file."""
    return Source("message file", lambda: iter((read_file(path, root),)), 1)
