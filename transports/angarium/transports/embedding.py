"""For programs that serve mail of their own: a store out of functions, views of their data as mailboxes, one-call servers.

``PartialStore`` takes a function for each operation that the program can answer; every other one is refused
(``PermissionDenied``, which IMAP clients show as such). ``Letter`` is a message as the views need it; ``opened``, ``page``,
``piece``, ``changes`` and ``counts`` answer the reading operations from a sequence of letters. See ``docs/how-to/embed.md``.
"""

import secrets
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from attrs import field, frozen

from angarium.engine.imap.connection import ImapServer
from angarium.engine.mail.object_ids import email_id
from angarium.engine.mail.prerender import prerender
from angarium.engine.operations import (
    CONTENT_OCTETS_MAX,
    AuthenticationFailed,
    Changes,
    Column,
    FetchMessages,
    FetchScramVerifier,
    FlagsRow,
    MailboxId,
    MailboxStatus,
    MessageRow,
    OpenedMailbox,
    Operation,
    Page,
    PermissionDenied,
    ReadChanges,
    ReadContent,
    ScramVerifier,
    UidMap,
    UserName,
    VerifyPassword,
)  # fmt: skip
from angarium.engine.sasl.scram import scram_keys
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.render_values import render_date_time, render_string
from angarium.grammar.imap.responses import StatusValue
from angarium.store.store import Store
from angarium.transports.asyncio_server import AsyncioServer, Protocol
from angarium.transports.threads_server import ThreadsServer

Answer = Callable[[Any], Any]
SCRAM_ITERATIONS: Final = 4096
IMAP: Final = Protocol("imap", lambda peer: ImapServer(peer, namespaces=None), b"* BYE [UNAVAILABLE] too many connections\r\n")


class PartialStore:
    """A store that answers the operations in ``answers`` and refuses the rest. The functions run in several threads at once."""

    def __init__(self, answers: Mapping[type, Answer]) -> None:
        self._answers = dict(answers)

    def execute(self, operation: Operation) -> Any:
        """Let the operation's function answer."""
        answer = self._answers.get(type(operation))
        if answer is None:
            raise PermissionDenied("not possible in this mailbox")
        return answer(operation)

    def is_quick(self, operation: Operation) -> bool:
        """Nothing is known to be: an event loop leaves all of it to threads."""
        return False


@frozen
class Letter:
    """A message. A new ``modseq``, higher than all before in its mailbox, says that the message or its flags have changed."""

    uid: int
    content: bytes = field(repr=False)
    internal_date: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    flags: tuple[bytes, ...] = ()
    modseq: int = 1

    def has(self, flag: bytes) -> bool:
        """Say whether a flag is set; case does not matter."""
        return flag.lower() in (each.lower() for each in self.flags)


Letters = Sequence[Letter]


def opened(mailbox: MailboxId, name: str, letters: Letters, uidvalidity: int = 1, read_only: bool = True) -> OpenedMailbox:
    """Answer ``OpenMailbox``; ``letters`` ascend by UID."""
    unseen = (letter.uid for letter in letters if not letter.has(rb"\Seen"))
    return OpenedMailbox(
        mailbox, name, uidvalidity, _uidnext(letters), _highest(letters), UidMap(letter.uid for letter in letters),
        first_unseen=next(unseen, None), read_only=read_only, stamp=_stamp(letters),
        object_id=_object_id(mailbox, uidvalidity),
    )  # fmt: skip


def changes(operation: ReadChanges, letters: Letters) -> Changes | None:
    """Answer ``ReadChanges``: None while the letters are what they were."""
    stamp = _stamp(letters)
    if operation.stamp == stamp:
        return None
    rows = tuple(FlagsRow(each.uid, each.flags, each.modseq) for each in letters if each.modseq > operation.since)
    return Changes(_highest(letters), UidMap(each.uid for each in letters), rows, stamp=stamp)


def counts(mailbox: MailboxId, name: str, letters: Letters, uidvalidity: int = 1) -> MailboxStatus:
    """Answer one name of ``FetchStatus``, with every item whether asked for or not."""
    values: dict[StatusItem, StatusValue] = {
        StatusItem.MESSAGES: len(letters),
        StatusItem.UIDNEXT: _uidnext(letters),
        StatusItem.UIDVALIDITY: uidvalidity,
        StatusItem.UNSEEN: sum(not letter.has(rb"\Seen") for letter in letters),
        StatusItem.DELETED: sum(letter.has(rb"\Deleted") for letter in letters),
        StatusItem.SIZE: sum(len(letter.content) for letter in letters),
        StatusItem.RECENT: 0,
        StatusItem.HIGHESTMODSEQ: _highest(letters),
        StatusItem.MAILBOXID: _object_id(mailbox, uidvalidity),
    }
    return MailboxStatus(name, mailbox, values)


def page(operation: FetchMessages, letters: Letters) -> Page:
    """Answer ``FetchMessages``."""
    rows: list[MessageRow] = []
    octets = 0
    for letter in letters:
        since = operation.changed_since
        if letter.uid not in operation.uids or (since is not None and letter.modseq <= since):
            continue
        if len(rows) >= operation.rows_max or octets >= operation.octets_max:
            return Page(tuple(rows), letter.uid)
        rows.append(_row(letter, operation.columns))
        octets += len(letter.content)
    return Page(tuple(rows))


def piece(operation: ReadContent, letters: Letters) -> bytes:
    """Answer ``ReadContent``."""
    content = next((letter.content for letter in letters if letter.uid == operation.uid), b"")
    return content[operation.offset : operation.offset + operation.octets]


def passwords(known: Mapping[str, str]) -> dict[type, Answer]:
    """Answer the questions of authentication from user names and passwords in plain text."""

    def verify(operation: VerifyPassword) -> UserName:
        right = known.get(operation.user)
        if right is None or not compare_digest(right.encode(), operation.password.encode()):
            raise AuthenticationFailed("wrong user name or password")
        if operation.authorize_as not in (None, operation.user):
            raise PermissionDenied("you may not act for that user")
        return UserName(operation.user)

    made_up = secrets.token_bytes(16)

    def scram(operation: FetchScramVerifier) -> ScramVerifier:
        salt = sha256(made_up + operation.user.encode()).digest()[:16]
        keys = scram_keys(known.get(operation.user, made_up.hex()), salt, SCRAM_ITERATIONS)
        return ScramVerifier(
            UserName(operation.user), salt, SCRAM_ITERATIONS, keys.stored_key, keys.server_key, secrets.token_urlsafe(18),
            operation.user in known,
        )  # fmt: skip

    return {VerifyPassword: verify, FetchScramVerifier: scram}


def serve_imap(
    store: Store, address: tuple[str, int], tls_context: ssl.SSLContext | None = None, implicit_tls: bool = False
) -> ThreadsServer:
    """Serve IMAP from a store, in threads, until ``close`` is called or the ``with`` ends."""
    server = ThreadsServer(store, IMAP)
    server.listen(socket.create_server(address), tls_context, implicit_tls)
    return server


async def serve_imap_asyncio(
    store: Store, address: tuple[str, int], tls_context: ssl.SSLContext | None = None, implicit_tls: bool = False
) -> AsyncioServer:
    """Serve IMAP from a store on the running event loop, until ``drain`` is awaited; the store runs in threads."""
    server = AsyncioServer(store)
    await server.listen(socket.create_server(address), IMAP, tls_context, implicit_tls)
    return server


def _row(letter: Letter, columns: Column) -> MessageRow:
    """Bring the columns of one message; those that need the message read come together."""
    content: bytes | None = letter.content if len(letter.content) <= CONTENT_OCTETS_MAX else None
    row: dict[str, Any] = {"flags": letter.flags, "modseq": letter.modseq, "size": len(letter.content), "content": content}
    row["internal_date"] = render_date_time(letter.internal_date)
    if columns & (Column.ENVELOPE | Column.BODY | Column.BODYSTRUCTURE | Column.PARTMAP | Column.HEADER | Column.PREVIEW):
        read = prerender(letter.content)
        row |= {"envelope": read.envelope, "body": read.body, "bodystructure": read.bodystructure, "partmap": read.partmap}
        row["header"] = letter.content[: read.header_octets]
        row["preview"] = render_string(read.preview.encode("utf-8", "replace"))
    if columns & (Column.EMAILID | Column.THREADID):
        row["emailid"] = email_id(sha256(letter.content).digest())
    return MessageRow(letter.uid, **row)


def _object_id(mailbox: MailboxId, uidvalidity: int) -> bytes:
    """A MAILBOXID (RFC 8474 §4): the mailbox by its number, which stays when it is renamed."""
    return b"F" + sha256(f"{uidvalidity} {mailbox.number} {mailbox.owner}".encode()).hexdigest()[:24].encode()


def _uidnext(letters: Letters) -> int:
    return letters[-1].uid + 1 if letters else 1


def _highest(letters: Letters) -> int:
    return max((letter.modseq for letter in letters), default=1)


def _stamp(letters: Letters) -> int:
    """Tell one state of a mailbox from another; never 0, which asks to look anyway."""
    return hash(tuple((letter.uid, letter.modseq) for letter in letters)) or 1
