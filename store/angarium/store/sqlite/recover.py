"""Mail that no mailbox has any more: damage took its row, its octets are whole. Repairing puts it where its owner finds it.

Octets without a row are never mail that was expunged, which goes with its row or keeps one in ``expunged``. They may be of a
delivery that was killed before it was acknowledged: then the message comes twice, which is better than not at all.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Final

from angarium.engine.operations import AppendMessages, CreateMailbox, MailboxExists, NewMessage, UserName
from angarium.store.sqlite.blobs import file_digest
from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.store import SqliteStore

RECOVERED: Final = "Recovered"


def recover(store: SqliteStore, user: UserName, repair: bool) -> Iterator[Finding]:
    """Find contents and blobs that nothing names; with ``repair`` make messages of them."""
    # In a write transaction nobody else is between putting a blob and committing its row (see ``blobs``).
    contents, blobs = (store.write if repair else store.read)(user, _unnamed)
    if contents:
        if repair:
            for number in contents:
                octets = store.read(user, partial(_octets, number=number))
                if octets is not None:
                    _append(store, user, octets)
                store.write(user, partial(forget_content, number=number))
        done = f"put them into mailbox {RECOVERED}" if repair else None
        yield Finding(user, None, None, f"{len(contents)} contents belong to no message", done)
    for digest in blobs:
        done = _recover_blob(store, user, digest) if repair else None
        yield Finding(user, None, None, f"blob {digest.hex()} belongs to no message", done)


def forget_content(mail: Mail, number: int) -> None:
    """Remove a content that no message has."""
    mail.connection.execute("DELETE FROM content WHERE number = ?", (number,))
    mail.connection.execute("DELETE FROM octets WHERE content = ?", (number,))


def _unnamed(mail: Mail) -> tuple[list[int], list[bytes]]:
    contents = mail.connection.execute(
        "SELECT number FROM content WHERE number NOT IN (SELECT content FROM message)"
        " AND number NOT IN (SELECT content FROM expunged WHERE content IS NOT NULL)"
        " UNION SELECT content FROM octets WHERE content NOT IN (SELECT number FROM content)"
    ).fetchall()
    named = {digest for (digest,) in mail.connection.execute("SELECT digest FROM content WHERE outside = 1")}
    return [number for (number,) in contents], [each for each in mail.parts.blobs(mail.user).digests() if each not in named]


def _octets(mail: Mail, number: int) -> bytes | None:
    """Read a whole message; None when a part of it is gone."""
    row = mail.connection.execute("SELECT header, text FROM octets WHERE content = ?", (number,)).fetchone()
    if row is not None and None not in row:
        header, text = row
        return bytes(header + text)
    digest = mail.connection.execute("SELECT digest FROM content WHERE number = ? AND outside = 1", (number,)).fetchone()
    if digest is None:
        return None
    with suppress(OSError):
        return mail.parts.blobs(mail.user).path(digest[0]).read_bytes()
    return None


def _recover_blob(store: SqliteStore, user: UserName, digest: bytes) -> str:
    """Make a message of a blob, unless there is a content with the same octets."""

    def look(mail: Mail) -> bytes | None:
        path = mail.parts.blobs(user).path(digest)
        known = mail.connection.execute("SELECT 1 FROM content WHERE digest = ?", (file_digest(path),)).fetchone()
        return None if known else path.read_bytes()

    octets = store.read(user, look)
    if octets is not None:
        _append(store, user, octets)
    if octets is None or sha256(octets).digest() != digest:
        store.write(user, lambda mail: mail.parts.blobs(user).delete(digest))
    return "removed it, its octets are kept elsewhere" if octets is None else f"put it into mailbox {RECOVERED}"


def _append(store: SqliteStore, user: UserName, octets: bytes) -> None:
    with suppress(MailboxExists):
        store.execute(CreateMailbox(user, RECOVERED))
    store.execute(AppendMessages(user, RECOVERED, (NewMessage(octets),)))
