"""APPEND and delivery (RFC 9051 §6.3.12, RFC 2033): render once, outside the transaction; then a few small inserts.

Only the inserts happen under the writer's lock. A large message is a durable file before its row is committed (see ``blobs``).
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from attrs import frozen

from angarium.engine.mail.nul_free import nul_free
from angarium.engine.mail.object_ids import new_thread_id
from angarium.engine.mail.prerender import Prerendered, prerender
from angarium.engine.operations import (
    Appended,
    AppendMessages,
    MailboxId,
    MailboxNotFound,
    NewMessage,
    TooLarge,
    UnknownEncoding,
    UserName,
)
from angarium.grammar.imap.commands import StagedLiteral
from angarium.store.sqlite.blobs import INSIDE_OCTETS_MAX, Blobs, map_file
from angarium.store.sqlite.copy import INSERT_MESSAGE
from angarium.store.sqlite.flag_bits import DELETED, SEEN, count_keywords, keyword_text, spell_keywords, split_flags
from angarium.store.sqlite.mail import Mail, Parts, mailbox_number
from angarium.store.sqlite.names import canonical_name
from angarium.store.sqlite.staging import Staging
from angarium.store.sqlite.threads import join_thread

_MONTHS: Final = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
CONTENT_COLUMNS: Final = (
    "digest", "octets", "outside", "header_octets", "envelope", "body", "bodystructure", "partmap", "sent_utc", "sent_day",
    "subject_key", "is_reply", "from_key", "to_key", "cc_key", "message_id", "refs", "thread_id", "preview",
)  # fmt: skip
_INSERT_CONTENT: Final = f"INSERT INTO content ({', '.join(CONTENT_COLUMNS)}) VALUES ({', '.join('?' for _ in CONTENT_COLUMNS)})"


_MAKE_ROOM: Final = (
    "UPDATE mailbox SET highest_modseq = highest_modseq + 1, uids_modseq = highest_modseq + 1, uidnext = uidnext + ?,"
    " messages = messages + ?, unseen = unseen + ?, deleted = deleted + ?, octets = octets + ? WHERE name = ?"
    " RETURNING number, uidvalidity, uidnext, highest_modseq"
)


@frozen(eq=False)
class Rendered:
    """A message ready to be inserted; ``draft`` is the file of one that goes outside the database, ``text`` is then None."""

    message: NewMessage
    digest: bytes
    columns: tuple[object, ...]
    octets: int
    header: bytes | None
    text: bytes | None
    draft: Path | None
    references: tuple[str, ...]
    message_id: str


@contextmanager
def rendering(parts: Parts, user: UserName, messages: tuple[NewMessage, ...]) -> Iterator[list[Rendered]]:
    """Render the messages of an operation; their drafts are discarded at the end. Raises TooLarge."""
    blobs = parts.blobs(user)
    rendered: list[Rendered] = []
    try:
        for message in messages:
            _check_size(message, parts.limits.message_octets_max)
            rendered.append(_render(parts, blobs, message))
        yield rendered
    finally:
        for one in rendered:
            if one.draft is not None:
                blobs.discard(one.draft)


def _check_size(message: NewMessage, octets_max: int) -> None:
    content = message.content
    _check_octets(len(message.prefix) + (content.octets if isinstance(content, StagedLiteral) else len(content)), octets_max)


def _check_octets(octets: int, octets_max: int) -> None:
    if octets > octets_max:
        raise TooLarge(f"A message may have {octets_max} octets, this one has {octets}")


def _render(parts: Parts, blobs: Blobs, message: NewMessage) -> Rendered:
    content = message.content
    if message.binary:
        return _render_binary(parts, blobs, message)
    if isinstance(content, StagedLiteral):
        staged = parts.staging.path(content.token)
        if len(message.prefix) + content.octets > INSIDE_OCTETS_MAX:
            return _render_outside(blobs, message, blobs.draft([message.prefix], staged))
        content = staged.read_bytes()
    octets = message.prefix + content
    if len(octets) > INSIDE_OCTETS_MAX:
        return _render_outside(blobs, message, blobs.draft([octets]))
    return _render_inside(message, octets)


def _render_binary(parts: Parts, blobs: Blobs, message: NewMessage) -> Rendered:
    """Store the parts with NUL as base64, which makes the message larger (RFC 3516 §4.4)."""
    content = message.content
    staged = map_file(parts.staging.path(content.token)) if isinstance(content, StagedLiteral) else nullcontext(content)
    with staged as octets:
        pieces = nul_free(octets)
        if pieces is None:
            raise UnknownEncoding
        draft = blobs.draft(chain((message.prefix,), pieces))
    size = draft.stat().st_size
    if INSIDE_OCTETS_MAX < size <= parts.limits.message_octets_max:
        return _render_outside(blobs, message, draft)
    try:
        _check_octets(size, parts.limits.message_octets_max)
        return _render_inside(message, draft.read_bytes())
    finally:
        blobs.discard(draft)


def _render_inside(message: NewMessage, octets: bytes) -> Rendered:
    view = prerender(octets)
    header, text = octets[: view.header_octets], octets[view.header_octets :]
    digest = sha256(octets).digest()
    columns = content_columns(view, digest, outside=False)
    return Rendered(message, digest, columns, view.size, header, text, None, view.references, view.message_id)


def _render_outside(blobs: Blobs, message: NewMessage, draft: Path) -> Rendered:
    """Render from a mapping of the file, and make it durable."""
    try:
        with map_file(draft) as octets:
            digest = sha256(octets).digest()
            view = prerender(octets)
            header = octets[: view.header_octets] if view.header_octets <= INSIDE_OCTETS_MAX else None
        blobs.put(digest, draft)
    except BaseException:
        blobs.discard(draft)
        raise
    columns = content_columns(view, digest, outside=True)
    return Rendered(message, digest, columns, view.size, header, None, draft, view.references, view.message_id)


def content_columns(view: Prerendered, digest: bytes, outside: bool) -> tuple[object, ...]:
    """Give the values of ``CONTENT_COLUMNS``; ``check`` compares them with those there. Of threads ``threads`` knows more."""
    sent_day = date.fromisoformat(view.sent_date).toordinal() if view.sent_date else None
    thread_id = new_thread_id(view.references, view.message_id, digest)
    texts = (view.from_key, view.to_key, view.cc_key, view.message_id, " ".join(view.references))
    return (
        digest, view.size, int(outside), view.header_octets, view.envelope, view.body, view.bodystructure, view.partmap,
        view.sent_utc, sent_day, storable(view.subject_key), int(view.is_reply), *map(storable, texts), thread_id,
        storable(view.preview),
    )  # fmt: skip


def in_thread(columns: tuple[object, ...], thread_id: str) -> tuple[object, ...]:
    """Give the same columns with this THREADID (RFC 8474 §5.2)."""
    return tuple(thread_id if name == "thread_id" else value for name, value in zip(CONTENT_COLUMNS, columns, strict=True))


def storable(text: str) -> str:
    """Replace what UTF-8 cannot carry: lone surrogates that a charset of a hostile message has made."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def append_messages(mail: Mail, operation: AppendMessages, rendered: list[Rendered]) -> Appended:
    """Carry out ``AppendMessages``, inside the transaction."""
    name = canonical_name(operation.name)
    if not rendered:
        number = mailbox_number(mail.connection, name)
        uidvalidity = mail.connection.execute("SELECT uidvalidity FROM mailbox WHERE number = ?", (number,)).fetchone()[0]
        return Appended(MailboxId(mail.user, number), uidvalidity, ())
    split = [split_flags(one.message.flags) for one in rendered]
    number, uidvalidity, uidnext, modseq = _make_room(mail, name, rendered, [bits for bits, _ in split])
    first = uidnext - len(rendered)
    for uid, (one, (bits, words)) in enumerate(zip(rendered, split, strict=True), first):
        keywords = set(spell_keywords(mail.connection, number, words).values()) if words else set()
        _insert(mail, number, uid, modseq, one, bits, keyword_text(keywords))
        if words:
            count_keywords(mail.connection, number, dict.fromkeys(keywords, 1), mail.parts.limits.keywords_max)
    return Appended(MailboxId(mail.user, number), uidvalidity, tuple(range(first, uidnext)))


def _make_room(mail: Mail, name: str, rendered: list[Rendered], flags: list[int]) -> tuple[int, int, int, int]:
    """Take UIDs and a mod-sequence and count the messages, in one statement; number, UIDVALIDITY, UIDNEXT, mod-sequence."""
    unseen = sum(not bits & SEEN for bits in flags)
    deleted = sum(bool(bits & DELETED) for bits in flags)
    octets = sum(one.octets for one in rendered)
    row = mail.connection.execute(_MAKE_ROOM, (len(rendered), len(rendered), unseen, deleted, octets, name)).fetchone()
    if row is None:
        raise MailboxNotFound(f"No mailbox {name}")
    mail.touch(row[0])
    return row[0], row[1], row[2], row[3]


def _insert(mail: Mail, number: int, uid: int, modseq: int, one: Rendered, bits: int, keywords: str) -> None:
    thread_id = join_thread(mail.connection, one.references, one.message_id, one.digest)
    content = mail.connection.execute(_INSERT_CONTENT, in_thread(one.columns, thread_id)).lastrowid
    mail.connection.execute("INSERT INTO octets VALUES (?, ?, ?)", (content, one.header, one.text))
    if one.draft is not None:
        _keep_blob(mail, one.digest, one.draft)
    now = mail.now()
    rendered_date, utc, day = date_columns(one.message.internal_date or datetime.fromtimestamp(now, UTC))
    mail.connection.execute(
        INSERT_MESSAGE,
        (number << 32 | uid, number, modseq, modseq, bits, keywords, one.octets, rendered_date, utc, day, now, content),
    )


def _keep_blob(mail: Mail, digest: bytes, draft: Path) -> None:
    """Put the blob again should a clean-up have removed it since: no row named it yet. From here on one does."""
    blobs = mail.parts.blobs(mail.user)
    if not blobs.exists(digest):
        blobs.put(digest, draft)


def date_columns(moment: datetime) -> tuple[bytes, int, int]:
    """Give INTERNALDATE as FETCH shows it (RFC 9051 §9 date-time), Unix seconds, and the day as written."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    offset = int(moment.utcoffset().total_seconds()) // 60  # type: ignore[union-attr]
    sign, (hours, minutes) = b"-" if offset < 0 else b"+", divmod(abs(offset), 60)
    rendered = b'"%2d-%s-%04d %02d:%02d:%02d %s%02d%02d"' % (
        moment.day, _MONTHS[moment.month - 1], moment.year, moment.hour, moment.minute, moment.second, sign, hours, minutes,
    )  # fmt: skip
    return rendered, int(moment.timestamp()), moment.toordinal()


def discard_staged(staging: Staging, messages: tuple[NewMessage, ...]) -> None:
    """Forget the staged literals of an operation that has succeeded."""
    for message in messages:
        if isinstance(message.content, StagedLiteral):
            staging.discard(message.content.token)
