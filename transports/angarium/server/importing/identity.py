"""Which messages of a source are in the target mailbox already: what makes an import repeatable.

A message is the same when its octets are the same. No journal is kept: the mailbox itself says what has been imported, so
an import that was killed at any moment goes on where it was, and one done by another tool on another day counts too. Equal
messages are counted, not merged: a source with two copies ends in two.

Where the octets are dear (another server), a message with a Message-ID is the same when its header and size are. Where the
kind of source cannot hold every message as it is (mbox), messages are the same when what it makes of them is.
"""

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    Column,
    FetchMessages,
    MailboxId,
    MessageRow,
    OpenedMailbox,
    OpenMailbox,
    ReadContent,
    UserName,
)
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.server.importing.source import NormalForm, Probe, SourceMessage
from angarium.store.store import Store

MESSAGE_ID_FIELD: Final = re.compile(rb"(?im)^Message-ID:[ \t\r\n]*<")
LAST_UID: Final = 2**32 - 1


def content_identity(octets: bytes) -> bytes:
    """Tell a message by its octets."""
    return sha256(octets).digest()


def probe_identity(probe: Probe) -> bytes | None:
    """Tell a message by size and header; None where that is not enough and the octets must be read."""
    header = probe.header.rstrip(b"\r\n")
    if not MESSAGE_ID_FIELD.search(header):
        return None
    return sha256(b"%d\n" % probe.size + header).digest()


def message_identity(message: SourceMessage) -> bytes:
    """Tell a message of a source the way ``stored_identities`` tells those of the store."""
    return (message.probe and probe_identity(message.probe())) or content_identity(message.read())


def stored_identities(store: Store, user: UserName, like: SourceMessage) -> Counter[bytes]:
    """Count the identities of all messages of a mailbox that exists, to compare with those of messages ``like`` this one."""
    opened: OpenedMailbox = store.execute(OpenMailbox(user, like.mailbox))
    if not len(opened.uids):
        return Counter()
    return Counter(_by_probe(store, opened.id) if like.probe else _by_content(store, opened.id, like.normal_form))


def _by_content(store: Store, mailbox: MailboxId, normal_form: NormalForm | None) -> Iterator[bytes]:
    for row in all_rows(store, mailbox, Column.SIZE | Column.CONTENT):
        content = whole_content(store, mailbox, row)
        yield content_identity(normal_form(content) if normal_form else content)


def _by_probe(store: Store, mailbox: MailboxId) -> Iterator[bytes]:
    for row in all_rows(store, mailbox, Column.SIZE | Column.HEADER):
        identity = probe_identity(Probe(row.size, row.header or b""))
        yield identity or content_identity(whole_content(store, mailbox, row))


def all_rows(store: Store, mailbox: MailboxId, columns: Column) -> Iterator[MessageRow]:
    """Read all messages of a mailbox, page by page."""
    next_uid: int | None = 1
    while next_uid is not None:
        page = store.execute(FetchMessages(mailbox, NumberSet(((next_uid, LAST_UID),)), columns))
        yield from page.rows
        next_uid = page.next_uid


def whole_content(store: Store, mailbox: MailboxId, row: MessageRow) -> bytes:
    """Return the octets of a message, read in pieces where the row does not hold them."""
    if row.content is not None:
        return row.content
    return b"".join(content_pieces(store, mailbox, row.uid))


def content_pieces(store: Store, mailbox: MailboxId, uid: int) -> Iterator[bytes]:
    """Read a message of any size piece by piece."""
    offset = 0
    while piece := store.execute(ReadContent(mailbox, uid, offset, CONTENT_OCTETS_MAX)):
        yield piece
        offset += len(piece)
