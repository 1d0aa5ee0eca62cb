"""Reading messages: pages of FETCH (RFC 9051 §6.4.5) by UID, each column only when asked for."""

from functools import lru_cache, partial
from sqlite3 import Cursor
from typing import Final

from angarium.engine.mail.object_ids import EMAIL_ID_OCTETS
from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    Column,
    FetchMessages,
    MessageRow,
    Page,
    ReadContent,
)
from angarium.store.sqlite.blobs import Blobs
from angarium.store.sqlite.flag_bits import join_flags
from angarium.store.sqlite.mail import Mail, require_mailbox

_OF_OCTETS: Final = Column.HEADER | Column.CONTENT
_OF_IDS: Final = Column.EMAILID | Column.THREADID
_RENDERED: Final = Column.ENVELOPE | Column.BODY | Column.BODYSTRUCTURE | Column.PARTMAP | Column.PREVIEW
_OF_CONTENT: Final = _RENDERED | _OF_IDS | _OF_OCTETS
_EMAIL_ID: Final = f"CAST('M' || lower(hex(substr(content.digest, 1, {EMAIL_ID_OCTETS}))) AS BLOB)"
_SAVE_DATE: Final = (
    "CAST(format('\"%2d-%s-%s +0000\"', strftime('%d', saved, 'unixepoch'),"
    " substr('JanFebMarAprMayJunJulAugSepOctNovDec', strftime('%m', saved, 'unixepoch') * 3 - 2, 3),"
    " strftime('%Y %H:%M:%S', saved, 'unixepoch')) AS BLOB)"
)
# Quoted where it is ASCII, which holds no controls (``storable`` and ``preview`` see to it), else a literal (RFC 9051 §4.3).
_PREVIEW: Final = (
    "CAST(CASE WHEN length(CAST(preview AS BLOB)) = length(preview)"
    " THEN '\"' || replace(replace(preview, '\\', '\\\\'), '\"', '\\\"') || '\"'"
    " ELSE '{' || length(CAST(preview AS BLOB)) || '}' || char(13, 10) || preview END AS BLOB)"
)
_SELECTED: Final = (
    (Column.FLAGS, "message.flags", "0"),
    (Column.FLAGS, "message.keywords", "''"),
    (Column.FLAGS, "message.modseq", "0"),
    (Column.INTERNALDATE, "message.internal_date", "x''"),
    (Column.SIZE, "message.octets", "0"),
    (Column.ENVELOPE, "content.envelope", "x''"),
    (Column.BODY, "content.body", "x''"),
    (Column.BODYSTRUCTURE, "content.bodystructure", "x''"),
    (Column.PARTMAP, "content.partmap", "x''"),
    (Column.EMAILID, _EMAIL_ID, "x''"),
    (Column.THREADID, "CAST('(' || content.thread_id || ')' AS BLOB)", "CAST('NIL' AS BLOB)"),
    (Column.SAVEDATE, _SAVE_DATE, "CAST('NIL' AS BLOB)"),
    (Column.PREVIEW, _PREVIEW, "x'2222'"),
)
_SELECTED_OCTETS: Final = ", octets.header, {text}, message.octets, content.header_octets, content.digest"
_OCTETS_COLUMNS: Final = 5


@lru_cache(512)
def _statement(columns: Column, changed: bool) -> str:
    """Write the SELECT for these columns; what is not asked for is a constant, or nothing after the last one that is."""
    wanted = [asked if columns & column else constant for column, asked, constant in _SELECTED]
    if not columns & _OF_OCTETS:
        last = max((place for place, (column, _, _) in enumerate(_SELECTED) if columns & column), default=0)
        wanted = wanted[: max(last + 1, 2)]
    selected = ", ".join(wanted)
    joins = " JOIN content ON content.number = message.content" if columns & _OF_CONTENT else ""
    if columns & _OF_OCTETS:
        selected += _SELECTED_OCTETS.format(text="octets.text" if columns & Column.CONTENT else "NULL")
        joins += " JOIN octets ON octets.content = message.content"
    condition = " AND message.modseq > ?" if changed else ""
    return (
        f"SELECT message.key & 0xFFFFFFFF, {selected} FROM message{joins}"
        f" WHERE message.key BETWEEN ? AND ?{condition} ORDER BY message.key LIMIT ?"
    )


def fetch_messages(mail: Mail, operation: FetchMessages) -> Page:
    """Carry out ``FetchMessages``; ``ORDER BY key`` is the order of the table, so a page reads no more than its rows."""
    number = operation.mailbox.number
    require_mailbox(mail.connection, number)
    since = operation.changed_since
    sql = _statement(operation.columns, since is not None)
    read = partial(_with_octets, mail.parts.blobs(mail.user), operation) if operation.columns & _OF_OCTETS else _without_octets
    rows: list[MessageRow] = []
    octets_left = operation.octets_max
    for low, high in operation.uids.ranges:
        bounds: tuple[int, ...] = (number << 32 | low, number << 32 | high)
        bounds += () if since is None else (since,)
        cursor = mail.connection.execute(sql, (*bounds, operation.rows_max - len(rows)))
        octets_left -= read(cursor, rows, octets_left)
        if octets_left <= 0 or len(rows) >= operation.rows_max:
            return Page(tuple(rows), _next_uid(operation, rows[-1].uid))
    return Page(tuple(rows))


def _without_octets(cursor: Cursor, rows: list[MessageRow], octets_left: int) -> int:
    """Add rows that have neither header nor content: the path on which every microsecond counts."""
    rows += [MessageRow(row[0], join_flags(row[1], row[2]), *row[3:]) for row in cursor.fetchall()]
    return 0


def _with_octets(blobs: Blobs, operation: FetchMessages, cursor: Cursor, rows: list[MessageRow], octets_left: int) -> int:
    """Add rows with header or content until ``octets_left`` are used up; how many were used."""
    used = 0
    want_header, want_content = bool(operation.columns & Column.HEADER), bool(operation.columns & Column.CONTENT)
    for row in cursor:
        header, text, octets, header_octets, digest = row[-_OCTETS_COLUMNS:]
        content = None
        if want_content and octets <= CONTENT_OCTETS_MAX:
            content = blobs.read(digest, 0, octets) if header is None or text is None else header + text
        if not want_header:
            header = None
        elif header is None:
            header = blobs.read(digest, 0, header_octets)
        values = (*row[3:-_OCTETS_COLUMNS], header, content)
        rows.append(MessageRow(row[0], join_flags(row[1], row[2]), *values))
        used += len(header or b"") + len(content or b"")
        if used >= octets_left:
            break
    return used


def _next_uid(operation: FetchMessages, last: int) -> int | None:
    """Say where the next page begins; None when ``last`` was the end of the last range."""
    return next((max(low, last + 1) for low, high in operation.uids.ranges if high > last), None)


def read_content(mail: Mail, operation: ReadContent) -> bytes:
    """Carry out ``ReadContent``."""
    number = operation.mailbox.number
    require_mailbox(mail.connection, number)
    row = mail.connection.execute(
        "SELECT content.outside, content.digest, content.number FROM message JOIN content ON content.number = message.content"
        " WHERE message.key = ?",
        (number << 32 | operation.uid,),
    ).fetchone()
    if row is None:
        return b""
    outside, digest, content = row
    if outside:
        return mail.parts.blobs(mail.user).read(digest, operation.offset, operation.octets)
    inside = mail.connection.execute("SELECT header, text FROM octets WHERE content = ?", (content,)).fetchone()
    octets: bytes = inside[0] + inside[1]
    return octets[operation.offset : operation.offset + operation.octets]
