"""Reading messages: pages of FETCH (RFC 9051 §6.4.5) by UID, each column only when asked for."""

from functools import lru_cache
from typing import Any, Final

from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    Column,
    FetchMessages,
    MessageRow,
    Page,
    ReadContent,
)
from angarium.store.sqlite.flag_bits import join_flags
from angarium.store.sqlite.mail import Mail, require_mailbox

_OF_OCTETS: Final = Column.HEADER | Column.CONTENT
_OF_CONTENT: Final = Column.ENVELOPE | Column.BODY | Column.BODYSTRUCTURE | Column.PARTMAP | _OF_OCTETS
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
    (_OF_OCTETS, "octets.header", "NULL"),
    (Column.CONTENT, "octets.text", "NULL"),
    (_OF_OCTETS, "message.octets", "0"),
    (_OF_OCTETS, "content.header_octets", "0"),
    (_OF_OCTETS, "content.digest", "x''"),
)


@lru_cache(512)
def _statement(columns: Column, changed: bool) -> str:
    """Write the SELECT for these columns; what is not asked for is a constant."""
    selected = ", ".join(asked if columns & column else constant for column, asked, constant in _SELECTED)
    joins = " JOIN content ON content.number = message.content" if columns & _OF_CONTENT else ""
    if columns & _OF_OCTETS:
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
    rows: list[MessageRow] = []
    octets_left = operation.octets_max
    for low, high in operation.uids.ranges:
        bounds: tuple[int, ...] = (number << 32 | low, number << 32 | high)
        bounds += () if since is None else (since,)
        for row in mail.connection.execute(sql, (*bounds, operation.rows_max - len(rows))):
            message = _message(mail, operation.columns, row)
            rows.append(message)
            octets_left -= len(message.content or b"") + len(message.header or b"")
            if octets_left <= 0:
                break
        if octets_left <= 0 or len(rows) >= operation.rows_max:
            return Page(tuple(rows), _next_uid(operation, rows[-1].uid))
    return Page(tuple(rows))


def _message(mail: Mail, columns: Column, row: tuple[Any, ...]) -> MessageRow:
    uid, flags, keywords, modseq, internal_date, size, envelope, body, bodystructure, partmap, *octets = row
    header = content = None
    if columns & _OF_OCTETS:
        header, content = _octets(mail, columns, *octets)
    return MessageRow(
        uid, join_flags(flags, keywords), modseq, internal_date, size, envelope, body, bodystructure, partmap, header, content
    )


def _octets(
    mail: Mail, columns: Column, header: bytes | None, text: bytes | None, octets: int, header_octets: int, digest: bytes
) -> tuple[bytes | None, bytes | None]:
    """Gather header and content as far as they are asked for."""
    content = None
    if columns & Column.CONTENT and octets <= CONTENT_OCTETS_MAX:
        if header is not None and text is not None:
            content = header + text
        else:
            content = mail.parts.blobs(mail.user).read(digest, 0, octets)
    if not columns & Column.HEADER:
        return None, content
    return mail.parts.blobs(mail.user).read(digest, 0, header_octets) if header is None else header, content


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
