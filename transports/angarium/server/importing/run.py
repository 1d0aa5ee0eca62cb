"""Carry a source into a user's mailboxes: in batches, each of which is one durable transaction of the store."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from angarium.engine.operations import (
    AppendMessages,
    CreateMailbox,
    InvalidMailboxName,
    ListMailboxes,
    MailboxExists,
    NewMessage,
    OverQuota,
    SetSubscription,
    StoreError,
    StoreUnavailable,
    UserName,
)
from angarium.server.importing.identity import message_identity, stored_identities
from angarium.server.importing.source import Source, SourceMessage
from angarium.store.store import Store

BATCH_MESSAGES_MAX: Final = 200
BATCH_OCTETS_MAX: Final = 4_194_304
RECENT_FLAG: Final = b"\\recent"


@frozen
class Problem:
    """A message that could not be imported, and why."""

    origin: str
    reason: str


@define
class Report:
    """What an import has done so far."""

    added: int = 0
    present: int = 0
    problems: list[Problem] = field(factory=list)
    mailboxes: Counter[str] = field(factory=Counter)

    @property
    def seen(self) -> int:
        """Messages of the source that are dealt with."""
        return self.added + self.present + len(self.problems)


def import_source(store: Store, user: UserName, source: Source, on_progress: Callable[[Report], None]) -> Report:
    """Add the messages of ``source`` that the user does not have yet; ``on_progress`` hears of each batch."""
    report = Report()
    target = _Target(store, user)
    for mailbox in source.mailboxes:
        try:
            target.ensure(mailbox)
        except InvalidMailboxName as error:
            report.problems.append(Problem(mailbox, str(error)))
    for mailbox, batch in _batches(source.messages(), target, report, on_progress):
        _append(store, user, mailbox, batch, report)
        on_progress(report)
    on_progress(report)
    return report


Batch = list[tuple[SourceMessage, NewMessage]]


class _Target:
    """The user's mailboxes during one import: which exist, and what was in them before it began."""

    def __init__(self, store: Store, user: UserName) -> None:
        self.store, self.user = store, user
        self.existing = {entry.name for entry in store.execute(ListMailboxes(user)) if entry.id is not None}
        self.identities: dict[str, Counter[bytes]] = {}

    def ensure(self, mailbox: str) -> None:
        """Make a mailbox that is missing, and subscribe to it, so that mail programs show it."""
        if mailbox in self.existing:
            return
        try:
            self.store.execute(CreateMailbox(self.user, mailbox))
        except MailboxExists:
            self.existing.add(mailbox)
            return
        self.store.execute(SetSubscription(self.user, mailbox, True))
        self.existing.add(mailbox)
        self.identities[mailbox] = Counter()

    def take(self, message: SourceMessage) -> bool:
        """Say whether the mailbox had this message before the import; each copy counts once."""
        mailbox = message.mailbox
        if mailbox not in self.identities:
            self.identities[mailbox] = stored_identities(self.store, self.user, message)
        before = self.identities[mailbox]
        if not before:
            return False
        identity = message_identity(message)
        if before[identity] <= 0:
            return False
        before[identity] -= 1
        return True


def _batches(
    messages: Iterator[SourceMessage], target: _Target, report: Report, on_progress: Callable[[Report], None]
) -> Iterator[tuple[str, Batch]]:
    batch: Batch = []
    mailbox, octets = "", 0
    for message in messages:
        new = _read_new(message, target, report)
        if report.present % BATCH_MESSAGES_MAX == 1:
            on_progress(report)
        if new is None:
            continue
        size = len(new.content) if isinstance(new.content, bytes) else 0
        if batch and (message.mailbox != mailbox or len(batch) >= BATCH_MESSAGES_MAX or octets + size > BATCH_OCTETS_MAX):
            yield mailbox, batch
            batch, octets = [], 0
        mailbox, octets = message.mailbox, octets + size
        batch.append((message, new))
    if batch:
        yield mailbox, batch


def _read_new(message: SourceMessage, target: _Target, report: Report) -> NewMessage | None:
    try:
        target.ensure(message.mailbox)
        if target.take(message):
            report.present += 1
            return None
        return NewMessage(message.read(), _storable(message.flags), _storable_date(message.internal_date))
    except (OSError, StoreError) as error:
        if isinstance(error, StoreUnavailable):
            raise
        report.problems.append(Problem(message.origin, str(error)))
        return None


def _storable(flags: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(flag for flag in flags if flag.lower() != RECENT_FLAG)


def _storable_date(moment: datetime | None) -> datetime | None:
    """Leave out dates that ``date-time`` cannot write (RFC 9051 §9 has four digits for the year and offsets below 24 h)."""
    return moment if moment is None or 1 <= moment.year <= 9999 else None


def _append(store: Store, user: UserName, mailbox: str, batch: Batch, report: Report) -> None:
    """Append a batch; where the store refuses it, message by message, so that one bad message keeps out only itself."""
    try:
        store.execute(AppendMessages(user, mailbox, tuple(new for _, new in batch)))
    except (StoreUnavailable, OverQuota):
        raise
    except StoreError as error:
        if len(batch) == 1:
            report.problems.append(Problem(batch[0][0].origin, str(error)))
            return
        for one in batch:
            _append(store, user, mailbox, [one], report)
        return
    report.added += len(batch)
    report.mailboxes[mailbox] += len(batch)
