"""CATENATE: a message put together of literals and of messages that are there already (RFC 4469).

Everything is read and joined before the store takes the message, in pieces, so that a large one is never in memory: what is
beyond a limit is staged like a large literal, and forgotten when the command fails. No flag of what is read changes.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from angarium.engine.imap.asks import Asking, Refused, no
from angarium.engine.imap.fetch_content import ContentMissing, section_octets, source_of
from angarium.engine.imap.fetch_plan import section_columns
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.literals import NUL_REFUSED
from angarium.engine.imap.rights import readable
from angarium.engine.imap.state import Session
from angarium.engine.operations import (
    Column,
    DiscardStaged,
    FetchMessages,
    FetchStatus,
    InvalidMailboxName,
    MailboxNotFound,
    PermissionDenied,
    ReadStaged,
    StageOctets,
    StoreError,
)
from angarium.grammar.imap.commands import Catenation, FetchBody, StagedLiteral, StatusItem, Url
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.grammar.imap.urls import MessageUrl, UrlRefused, message_url

_NOT_URL_RESP_TEXT: Final = re.compile(rb"[^!#-\[^-~]")
_NOWHERE: Final = (ContentMissing, InvalidMailboxName, MailboxNotFound, PermissionDenied)
"""What BADURL stands for beside a URL that is wrong: that a mailbox of somebody else exists is not told."""


class Assembly:
    """The messages of one command as they are put together, within its limits; ``tokens`` name what was staged for them."""

    __slots__ = ("_gathered", "_kept", "_limits", "_size", "_sum", "_token", "tokens")

    def __init__(self, limits: Limits) -> None:
        self._limits: Final = limits
        self._kept = 0  # octets of earlier messages in memory
        self._sum = 0  # octets of earlier messages
        self.tokens: Final[list[str]] = []
        self._begin()

    def _begin(self) -> None:
        self._gathered = bytearray()
        self._size = 0
        self._token: str | None = None

    def take(self, octets: bytes) -> Asking[None]:
        """Add octets to the message; refuse one that grows too large (RFC 4469 §4.2)."""
        limits = self._limits
        self._size += len(octets)
        if self._size > limits.append_octets_max:
            raise Refused(no("the message is too large", Code.TOOBIG))
        if self._sum + self._size > limits.append_sum_octets_max:
            raise Refused(no("too much for one APPEND", Code.LIMIT))
        self._gathered += octets
        if len(self._gathered) > min(limits.literal_octets_max, limits.append_memory_octets_max - self._kept):
            yield from self._stage()

    def finish(self) -> Asking[bytes | StagedLiteral]:
        """Hand the message over; the next octets begin another."""
        if self._token is not None and self._gathered:
            yield from self._stage()
        message = bytes(self._gathered) if self._token is None else StagedLiteral(self._token, self._size)
        self._sum += self._size
        self._kept += len(self._gathered)
        self._begin()
        return message

    def _stage(self) -> Asking[None]:
        token = yield StageOctets(bytes(self._gathered), self._token)
        if self._token is None:
            self.tokens.append(token)
        self._token = token
        self._gathered.clear()


def catenated(session: Session, given: Catenation, assembly: Assembly) -> Asking[bytes | StagedLiteral]:
    """Join the parts of a message in their order (RFC 4469 §3)."""
    for part in given.parts:
        match part:
            case Url():
                yield from _named(session, part, assembly)
            case StagedLiteral(token, octets):
                for offset in range(0, octets, session.limits.content_chunk_octets):
                    yield from assembly.take((yield ReadStaged(token, offset, session.limits.content_chunk_octets)))
            case _:
                if b"\0" in part:
                    raise Refused(NUL_REFUSED)
                yield from assembly.take(part)
    return (yield from assembly.finish())


def forget(tokens: Iterable[str]) -> Asking[None]:
    """Let the store forget staged literals; what it cannot forget now it will when it starts again (``DiscardStaged``)."""
    for token in tokens:
        with suppress(StoreError):
            yield DiscardStaged(token)


def literals_in(given: Catenation) -> list[str]:
    """The staged literals among the parts."""
    return [part.token for part in given.parts if isinstance(part, StagedLiteral)]


def _named(session: Session, url: Url, assembly: Assembly) -> Asking[None]:
    """Add what a URL names, as FETCH BODY.PEEK would show it (RFC 4469 §3, RFC 5092 §6)."""
    try:
        found = yield from _read(session, message_url(url.octets), assembly)
    except (UrlRefused, *_NOWHERE):
        found = False
    if not found:
        raise _refusal(url)


def _read(session: Session, named: MessageUrl, assembly: Assembly) -> Asking[bool]:
    """Whether there is such a message with such a part, whose octets are added then. A stale URL names nothing (RFC 5092 §5)."""
    item = StatusItem.UIDVALIDITY
    place = yield from readable(session, named.mailbox)
    (status,) = yield FetchStatus(place.owner, (place.name,), frozenset({item}))
    if status is None or named.uidvalidity not in (None, status.values[item]):
        return False
    columns = section_columns(named.section) & ~Column.CONTENT
    page = yield FetchMessages(status.id, NumberSet.from_numbers((named.uid,)), columns)
    if not page.rows:
        return False
    source = source_of(status.id, page.rows[0], session.limits)
    return (yield from section_octets(source, FetchBody(named.section, named.partial, peek=True), assembly.take))


def _refusal(url: Url) -> Refused:
    """Say which URL it was; octets that ``url-resp-text`` has no room for are percent-encoded (RFC 4469 §4.1, §5)."""
    shown = _NOT_URL_RESP_TEXT.sub(lambda found: b"%%%02X" % found[0][0], url.octets)
    return Refused(no("there is nothing at that URL", Code.BADURL, shown) if shown else no("a URL is empty"))
