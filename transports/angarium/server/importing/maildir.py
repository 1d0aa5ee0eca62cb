r"""Maildir and Maildir++, and trees of Maildirs (Courier, Dovecot, Postfix, mbsync, mutt).

A message is a file in ``new`` or ``cur``; its flags are letters after ``:2,`` in its name, its internal date the time of the
file. Maildir++ keeps the mailbox A/B in ``.A.B`` with modified UTF-7 names; other programs nest the folders.
``dovecot-keywords`` beside ``cur`` tells which keyword the letters a to z stand for.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from angarium.server.importing.names import decode_level, mailbox_name
from angarium.server.importing.octets import with_crlf
from angarium.server.importing.source import Source, SourceMessage

FLAG_LETTERS: Final = {
    "S": b"\\Seen",
    "R": b"\\Answered",
    "F": b"\\Flagged",
    "T": b"\\Deleted",
    "D": b"\\Draft",
    "P": b"$Forwarded",
}
KEYWORDS_FILE: Final = "dovecot-keywords"
EXACT: Final = ".exact.angarium"
"""Our own export ends so the unique names of files whose octets are the message, line ends and all."""
INFO: Final = ":2,"
SPARE_INFO: Final = ("!2,", ";2,")
"""Some programs write these where a file system forbids the colon."""


def is_maildir(folder: Path) -> bool:
    """Say whether a folder is a Maildir: it has ``cur`` and ``new`` (``tmp`` is lost in many copies)."""
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def find_maildirs(folder: Path, root: str) -> dict[str, Path]:
    """Find every Maildir in a tree: mailbox name -> folder."""
    found: dict[str, Path] = {}
    for path, names, _files in os.walk(folder):
        here = Path(path)
        if is_maildir(here):
            found[mailbox_of(here.relative_to(folder).parts, root)] = here
        names[:] = sorted(name for name in names if name not in ("cur", "new", "tmp"))
    return found


def mailbox_of(parts: tuple[str, ...], root: str) -> str:
    """Name the mailbox of a Maildir from its path below the source."""
    levels = (level for part in parts for level in (part[1:].split(".") if part.startswith(".") else [part]))
    return mailbox_name(map(decode_level, levels), root)


def open_maildir(folder: Path, root: str) -> Source:
    """Open a Maildir with all Maildirs in it."""
    maildirs = find_maildirs(folder, root)
    files = [(mailbox, path) for mailbox, maildir in maildirs.items() for path in message_files(maildir)]
    letters = {mailbox: keyword_letters(maildir) for mailbox, maildir in maildirs.items()}
    return Source("Maildir", partial(_messages, files, letters), len(files), tuple(maildirs))


def message_files(maildir: Path) -> list[Path]:
    """List the messages of one Maildir, oldest first: names begin with the time of delivery."""
    entries = [entry for folder in ("cur", "new") for entry in os.scandir(maildir / folder)]
    named = sorted((entry for entry in entries if not entry.name.startswith(".") and entry.is_file()), key=_delivery)
    return [Path(entry.path) for entry in named]


def _delivery(entry: "os.DirEntry[str]") -> tuple[int, str]:
    time = entry.name.partition(".")[0]
    return (int(time) if time.isdecimal() else 0, entry.name)


def keyword_letters(maildir: Path) -> dict[str, bytes]:
    """Read which keywords the letters a to z stand for in one Maildir, if it says."""
    try:
        lines = (maildir / KEYWORDS_FILE).read_bytes().splitlines()
    except OSError:
        return {}
    pairs = [line.split(None, 1) for line in lines]
    return {
        chr(ord("a") + int(pair[0])): pair[1].strip()
        for pair in pairs
        if len(pair) == 2 and pair[0].isdigit() and int(pair[0]) < 26
    }


def flags_of(name: str, letters: dict[str, bytes]) -> tuple[bytes, ...]:
    """Read the flags in the name of a message file."""
    for mark in (INFO, *SPARE_INFO):
        _, found, info = name.rpartition(mark)
        if found:
            known = FLAG_LETTERS | letters
            return tuple(known[letter] for letter in info.partition(",")[0] if letter in known)
    return ()


def _messages(files: list[tuple[str, Path]], letters: dict[str, dict[str, bytes]]) -> Iterator[SourceMessage]:
    for mailbox, listed in files:
        path = current_path(listed)
        if path is not None:
            date = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
            yield SourceMessage(mailbox, str(path), partial(_read, path), flags_of(path.name, letters[mailbox]), date)


def current_path(path: Path) -> Path | None:
    """Find a listed message again: another program may have changed its flags, hence its name, or removed it."""
    if path.exists():
        return path
    unique = path.name.partition(INFO)[0]
    return next((found for found in (path.parent.parent / "cur").iterdir() if found.name.partition(INFO)[0] == unique), None)


def _read(path: Path) -> bytes:
    octets = path.read_bytes()
    return octets if path.name.partition(INFO)[0].endswith(EXACT) else with_crlf(octets)
