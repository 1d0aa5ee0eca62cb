"""Checks of messages' octets: that they are there, are what they were, and that what was rendered from them is right."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

from angarium.engine.mail.prerender import Prerendered, prerender
from angarium.store.sqlite.append import CONTENT_COLUMNS, content_columns, in_thread
from angarium.store.sqlite.blobs import file_digest, map_file
from angarium.store.sqlite.expunge import remove_messages
from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.threads import join_thread

BATCH: Final = 100
_DRAFT_SECONDS: Final = 3600
_THREAD_ID: Final = re.compile("T[0-9a-f]{24}")
_SELECT: Final = (
    "SELECT content.number, octets.content IS NULL, octets.header, octets.text, "
    + ", ".join(f"content.{name}" for name in CONTENT_COLUMNS)
    + " FROM content LEFT JOIN octets ON octets.content = content.number WHERE content.number > ? ORDER BY content.number LIMIT ?"
)


def check_contents(mail: Mail, repair: bool, after: int) -> tuple[list[Finding], int | None]:
    """Check a batch of contents above a number; the findings, and the number to go on from, None at the end."""
    rows = mail.connection.execute(_SELECT, (after, BATCH)).fetchall()
    findings = [finding for row in rows for finding in _check_content(mail, repair, row)]
    return findings, rows[-1][0] if rows else None


def _check_content(mail: Mail, repair: bool, row: tuple[Any, ...]) -> Iterator[Finding]:
    number, no_octets, header, text, *columns = row
    digest, outside = columns[0], columns[CONTENT_COLUMNS.index("outside")]
    blobs = mail.parts.blobs(mail.user)
    if no_octets or (outside and not blobs.exists(digest)) or (not outside and (header is None or text is None)):
        yield from _about(mail, number, "the octets are lost", "removed the message" if repair else None)
        if repair:
            _remove(mail, number)
        return
    if outside:
        found, view = file_digest(blobs.path(digest)), _render_blob(mail, digest)
    else:
        found, view = sha256(header + text).digest(), prerender(header + text)
    if found != digest:
        done = "keeps the octets that are there now" if repair else None
        yield from _about(mail, number, "the octets are not what they were", done)
        if repair and outside:
            blobs.put(found, blobs.path(digest))
    expected = _keep_thread(content_columns(view, found, bool(outside)), columns)
    wrong = [name for name, kept, right in zip(CONTENT_COLUMNS, columns, expected, strict=True) if kept != right]
    if not wrong:
        return
    if found == digest:
        yield from _about(
            mail, number, f"{', '.join(wrong)} would be rendered differently now", "rendered again" if repair else None
        )
    if repair:
        _write(mail, number, expected, view)


def _keep_thread(expected: tuple[object, ...], columns: list[Any]) -> tuple[object, ...]:
    """A THREADID does not follow from the octets alone, and must never change (RFC 8474 §5.2); what looks like one is kept."""
    kept = columns[CONTENT_COLUMNS.index("thread_id")]
    return in_thread(expected, kept) if _THREAD_ID.fullmatch(kept) else expected


def _render_blob(mail: Mail, digest: bytes) -> Prerendered:
    with map_file(mail.parts.blobs(mail.user).path(digest)) as octets:
        return prerender(octets)


def _write(mail: Mail, number: int, expected: tuple[object, ...], view: Prerendered) -> None:
    names = ", ".join(f"{name} = ?" for name in CONTENT_COLUMNS)
    mail.connection.execute(f"UPDATE content SET {names} WHERE number = ?", (*expected, number))
    mail.connection.execute("UPDATE message SET octets = ? WHERE content = ?", (view.size, number))


def _insert(mail: Mail, number: int, octets: bytes) -> None:
    view, digest = prerender(octets), sha256(octets).digest()
    thread_id = join_thread(mail.connection, view.references, view.message_id, digest)
    columns = in_thread(content_columns(view, digest, False), thread_id)
    places = ", ".join("?" * (len(columns) + 1))
    mail.connection.execute(f"INSERT INTO content (number, {', '.join(CONTENT_COLUMNS)}) VALUES ({places})", (number, *columns))


def _messages(mail: Mail, number: int) -> list[tuple[int, str, int]]:
    return mail.connection.execute(
        "SELECT mailbox.number, name, key & 0xFFFFFFFF FROM message JOIN mailbox ON mailbox.number = message.mailbox"
        " WHERE content = ? ORDER BY key",
        (number,),
    ).fetchall()


def _about(mail: Mail, number: int, problem: str, repaired: str | None) -> Iterator[Finding]:
    """Say something of every message with this content, or of expunged ones in general."""
    messages = _messages(mail, number)
    for _, name, uid in messages:
        yield Finding(mail.user, name, uid, problem, repaired)
    if not messages:
        yield Finding(mail.user, None, None, f"of an expunged message {problem}", repaired)


def _remove(mail: Mail, number: int) -> None:
    """Remove the messages of a lost content as if expunged, and whatever else names it."""
    for mailbox, _, uid in _messages(mail, number):
        remove_messages(mail, mailbox, [(uid, uid)])
    mail.connection.execute("UPDATE expunged SET content = NULL WHERE content = ?", (number,))
    mail.connection.execute("DELETE FROM content WHERE number = ?", (number,))
    mail.connection.execute("DELETE FROM octets WHERE content = ?", (number,))


def check_references(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check that messages have contents, and that drafts are not left over."""
    missing = mail.connection.execute(
        "SELECT DISTINCT content FROM message WHERE content NOT IN (SELECT number FROM content)"
    ).fetchall()
    for (number,) in missing:
        row = mail.connection.execute("SELECT header, text FROM octets WHERE content = ?", (number,)).fetchone()
        if row is not None and None not in row:
            yield from _about(mail, number, "what follows from the octets is lost", "rendered again" if repair else None)
            if repair:
                _insert(mail, number, row[0] + row[1])
            continue
        yield from _about(mail, number, "the octets are lost", "removed the message" if repair else None)
        if repair:
            _remove(mail, number)
    for path in sorted(mail.parts.blobs(mail.user).folder.glob("draft-*")):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _DRAFT_SECONDS:
                if repair:
                    path.unlink()
                yield Finding(mail.user, None, None, f"{path.name} is left over", "removed it" if repair else None)
