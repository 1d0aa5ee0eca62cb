"""The search index: decoded, folded text of every content and its trigrams, in a file of its own beside the mail.

It follows behind delivery (``upkeep``): ``progress.indexed`` is the high-water mark, whatever is above it is scanned by a
search. Nothing in it is precious: a missing or damaged index is made again, and writing it never holds up the mail database.
"""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from importlib import resources
from pathlib import Path
from string import ascii_lowercase
from typing import Final

from angarium.engine.mail.charset import fold
from angarium.engine.mail.searchtext import SearchText, header_values, search_texts
from angarium.engine.mail.structure import parse_message
from angarium.store.sqlite import schema
from angarium.store.sqlite.append import storable
from angarium.store.sqlite.blobs import Blobs, map_file
from angarium.store.sqlite.connections import connect

_SCHEMA: Final = ((resources.files("angarium.store.sqlite") / "index.sql").read_text("utf-8"),)
_FIELD_NAME: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:", re.MULTILINE)
_PAGE_OCTETS: Final = 16_384
"""Large enough for most texts: those that span pages are slower to read."""

TEXT_CHARACTERS_MAX: Final = 4_194_304
"""Longer texts are not indexed but scanned."""

_CHECKED_MAX: Final = 4
_WORD: Final = re.compile(r"[0-9A-Z\x80-\U0010ffff]+")
_NO_WORD: Final = bytes(1 if octet == 0 or octet in ascii_lowercase.encode() else octet for octet in range(256))

CONTENT_SQL: Final = (
    "SELECT content.number, octets.header, octets.text, content.digest, content.header_octets"
    " FROM content JOIN octets ON octets.content = content.number"
)
"""What ``open_octets`` takes, and the number before it."""


def open_index(path: Path, renew: bool = True) -> sqlite3.Connection:
    """Open the index for writing, a new one if there is none or, unless ``renew`` is false, the old one is damaged."""
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or not renew:
            raise
        discard_index(path)
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    connection = connect(path, page_size=_PAGE_OCTETS)
    try:
        # losing the last moments at a power failure only means indexing them again
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16384")
        schema.migrate(connection, _SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def attach_index(connection: sqlite3.Connection, path: Path) -> None:
    """Make the index visible to a connection of the mail database as schema ``search``."""
    if any(name == "search" for _, name, _ in connection.execute("PRAGMA database_list")):
        return
    open_index(path).close()
    connection.execute("ATTACH ? AS search", (str(path),))
    connection.execute("PRAGMA search.mmap_size = 268435456")


def discard_index(path: Path) -> None:
    """Remove an index; searches scan until it has been made again."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def indexed_through(index: sqlite3.Connection) -> int:
    """Read the high-water mark."""
    number: int = index.execute("SELECT indexed FROM progress").fetchone()[0]
    return number


def texts_of(row: tuple[bytes | None, bytes | None, bytes, int], blobs: Blobs) -> tuple[bytes, SearchText]:
    """Give the header and the folded texts of a content; of a blob that is gone nothing."""
    header, text, digest, header_octets = row
    if header is not None and text is not None:
        octets = header + text
        return header, search_texts(octets, parse_message(octets))
    try:
        with map_file(blobs.path(digest)) as mapped:
            return mapped[:header_octets], search_texts(mapped, parse_message(mapped))
    except FileNotFoundError:
        return b"", SearchText("", "")


def tells_all(header: bytes, texts: SearchText) -> bool:
    """Say whether every field's name and value, as SEARCH HEADER sees it, stand in the text of the header.

    They do not where a bare CR or a like oddity makes the two readings differ; such contents are left to scanning.
    """
    for name in set(_FIELD_NAME.findall(header)):
        if fold(name.decode("ascii")) not in texts.headers:
            return False
        if not all(fold(value) in texts.headers for value in header_values(header, name)):
            return False
    return True


def is_indexable(header: bytes, texts: SearchText) -> bool:
    """Say whether a content is indexed, and not left to scanning."""
    return len(texts.headers) + len(texts.body) <= TEXT_CHARACTERS_MAX and tells_all(header, texts)


def add_texts(index: sqlite3.Connection, seen: int, found: Iterable[tuple[int, bytes, SearchText]], through: int) -> bool:
    """Index contents above ``seen`` up to ``through``; False when another process has moved the mark meanwhile."""
    index.execute("BEGIN IMMEDIATE")
    try:
        if indexed_through(index) != seen:
            index.execute("ROLLBACK")
            return False
        for number, header, texts in found:
            if not is_indexable(header, texts):
                index.execute("INSERT INTO unindexed VALUES (?)", (number,))
                continue
            headers, body = storable(texts.headers).encode(), storable(texts.body).encode()
            index.execute("INSERT INTO text VALUES (?, ?, ?)", (number, headers, body))
            index.execute("INSERT INTO trigrams (rowid, both) VALUES (?, ?)", (number, both(headers, body)))
            index.execute("INSERT INTO words (rowid, headers, body) VALUES (?, ?, ?)", (number, words(headers), words(body)))
        index.execute("UPDATE progress SET indexed = ?", (through,))
        index.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            index.execute("ROLLBACK")
        raise
    return True


def both(headers: bytes, body: bytes) -> str:
    """Join what is indexed. The tokenizer stops at NUL, which stands between pieces of the texts and cannot be searched for."""
    return b"\0".join((headers, body)).replace(b"\0", b"\1").decode()


def words(text: bytes) -> str:
    """Prepare a text for the index of words. Folding leaves a-z only in what NFKD has taken apart (a ligature).

    The tokenizer would take these for A-Z; so they end a word instead.
    """
    return text.translate(_NO_WORD).decode()


def is_word(needle: str) -> bool:
    """Say whether a string is one token of the index of words: then what has that token has the string."""
    return _WORD.fullmatch(needle) is not None


def some_trigrams(text: str, most: int) -> list[str]:
    """List the different trigrams of a text in order; of more than ``most`` some that are spread over all of it."""
    trigrams = list(dict.fromkeys(text[at : at + 3] for at in range(len(text) - 2)))
    return trigrams[:: -(-len(trigrams) // most)] if trigrams else []


def match_expression(trigrams: list[str]) -> str:
    """Write the FTS5 query for contents that have all of these trigrams."""
    return " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in trigrams)


def match_all(index: sqlite3.Connection, number: int, text: str) -> bool:
    """Say whether a content is found by some of its trigrams, spread over all of it."""
    some = some_trigrams(text, _CHECKED_MAX)
    if not some:
        return True
    sql = "SELECT 1 FROM trigrams WHERE trigrams MATCH ? AND rowid = ?"
    return index.execute(sql, (match_expression(some), number)).fetchone() is not None


def remove_texts(path: Path, numbers: list[int]) -> None:
    """Take contents out of the index; it has to be told what it was told before."""
    with closing(open_index(path)) as index:
        index.execute("BEGIN IMMEDIATE")
        for number in numbers:
            row = index.execute("SELECT headers, body FROM text WHERE content = ?", (number,)).fetchone()
            if row is not None:
                index.execute("INSERT INTO trigrams (trigrams, rowid, both) VALUES ('delete', ?, ?)", (number, both(*row)))
                index.execute(
                    "INSERT INTO words (words, rowid, headers, body) VALUES ('delete', ?, ?, ?)", (number, *map(words, row))
                )
                index.execute("DELETE FROM text WHERE content = ?", (number,))
            index.execute("DELETE FROM unindexed WHERE content = ?", (number,))
        index.execute("COMMIT")
