"""What reading messages means: FETCH and SEARCH as a store sees them (RFC 9051 §6.4.4, §6.4.5)."""

from datetime import UTC
from typing import Any

from angarium.engine.mail.prerender import prerender
from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    Column,
    FetchMessages,
    Found,
    MessageRow,
    Page,
    ReadContent,
    SearchMessages,
    Sorted,
    SortMessages,
    ThreadMessages,
    Threads,
    UidMap,
)
from angarium.grammar.imap.render_values import render_date_time, render_string
from angarium.spec.model.state import Message, World
from angarium.spec.search import matches
from angarium.spec.sorting import sorted_messages, threads

PRERENDERED = Column.ENVELOPE | Column.BODY | Column.BODYSTRUCTURE | Column.PARTMAP | Column.HEADER | Column.PREVIEW


def fetch_messages(world: World, operation: FetchMessages) -> Page:
    """A page of the messages asked for, and where the next page begins (RFC 9051 §6.4.5, RFC 7162 §3.1.4.1)."""
    since = operation.changed_since
    messages = [
        message
        for uid, message in world.mailbox(operation.mailbox).messages.items()
        if uid in operation.uids and (since is None or message.modseq > since)
    ]
    rows: list[MessageRow] = []
    octets = 0
    for message in messages:
        if len(rows) == operation.rows_max or octets >= operation.octets_max:
            return Page(tuple(rows), message.uid)
        rows.append(message_row(message, operation.columns))
        octets += len(rows[-1].content or b"")
    return Page(tuple(rows))


def message_row(message: Message, columns: Column) -> MessageRow:
    """What is asked for of one message; the rest stays at its default."""
    values: dict[str, Any] = {}
    if Column.FLAGS in columns:
        values.update(flags=message.flags, modseq=message.modseq)
    if Column.INTERNALDATE in columns:
        values["internal_date"] = render_date_time(message.internal_date)
    if Column.SIZE in columns:
        values["size"] = len(message.content)
    if Column.CONTENT in columns and len(message.content) <= CONTENT_OCTETS_MAX:
        values["content"] = message.content
    if Column.EMAILID in columns:
        values["emailid"] = message.email_id
    if Column.THREADID in columns:
        values["threadid"] = f"({message.thread_id})".encode()
    if Column.SAVEDATE in columns and message.saved is not None:
        values["savedate"] = render_date_time(message.saved.astimezone(UTC))
    if columns & PRERENDERED:
        values.update(_rendered(message.content, columns))
    return MessageRow(message.uid, **values)


def _rendered(content: bytes, columns: Column) -> dict[str, bytes]:
    """The items that come of parsing the message (RFC 9051 §7.5.2)."""
    rendered = prerender(content)
    values = {
        Column.ENVELOPE: ("envelope", rendered.envelope),
        Column.BODY: ("body", rendered.body),
        Column.BODYSTRUCTURE: ("bodystructure", rendered.bodystructure),
        Column.PARTMAP: ("partmap", rendered.partmap),
        Column.HEADER: ("header", content[: rendered.header_octets]),
        Column.PREVIEW: ("preview", render_string(rendered.preview.encode("utf-8", "replace"))),
    }
    return dict(value for column, value in values.items() if column in columns)


def read_content(world: World, operation: ReadContent) -> bytes:
    """Some octets of a message; none when it has been expunged."""
    message = world.mailbox(operation.mailbox).messages.get(operation.uid)
    if message is None:
        return b""
    return message.content[operation.offset : operation.offset + operation.octets]


def search_messages(world: World, operation: SearchMessages) -> Found:
    """Look at every message, one by one (RFC 9051 §6.4.4; the hits' greatest mod-sequence RFC 7162 §3.1.5)."""
    hits = hits_of(world, operation)
    highest = max((message.modseq for message in hits), default=0) if operation.want_modseq else 0
    return Found(UidMap(message.uid for message in hits), highest)


def hits_of(world: World, operation: SearchMessages | SortMessages | ThreadMessages) -> list[Message]:
    """The messages that match, as they are in the mailbox."""
    return [
        message
        for uid, message in world.mailbox(operation.mailbox).messages.items()
        if uid in operation.within and matches(operation.key, message, world.now())
    ]


def sort_messages(world: World, operation: SortMessages) -> Sorted:
    """The same in an order (RFC 5256 §3; RFC 7162 §3.1.9)."""
    hits = hits_of(world, operation)
    highest = max((message.modseq for message in hits), default=0) if operation.want_modseq else 0
    return Sorted(tuple(message.uid for message in sorted_messages(operation.criteria, hits)), highest)


def thread_messages(world: World, operation: ThreadMessages) -> Threads:
    """The same as threads (RFC 5256 §3)."""
    return Threads(threads(operation.algorithm, hits_of(world, operation)))
