r"""Another IMAP server as a source (RFC 9051, RFC 3501): nothing is changed there, not even \Seen.

A mailbox is opened with EXAMINE; UID, flags, date and size of all its messages come first. Headers, which tell whether a
message is here already, and the messages themselves are fetched a group at a time, so that a distant server costs one round
trip for many messages, and memory stays bounded.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Final

from attrs import frozen

from angarium.engine.imap.client_sasl import SaslFailed, plain
from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import Capability, Fetch, FetchBody, FetchItem, List, Select, Status, StatusItem
from angarium.grammar.imap.responses import BodySection, FetchData, Flags, InternalDate, ListData, Size, StatusData, Uid
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.server.importing.imap_url import ImapPlace
from angarium.server.importing.names import level_name, mailbox_name
from angarium.server.importing.source import Probe, Source, SourceError, SourceMessage
from angarium.transports.client import CommandRefused, Connection, ConnectionLost, connect

GROUP_MESSAGES: Final = 200
GROUP_OCTETS: Final = 4_194_304
NOT_MAIL: Final = frozenset({b"\\noselect", b"\\nonexistent", b"\\all", b"\\flagged"})
"""Attributes of names without messages of their own; \\All and \\Flagged show those of other mailboxes (RFC 6154 §2)."""
HEADER: Final = FetchBody(Section(text=SectionText.HEADER), peek=True)
WHOLE: Final = FetchBody(Section(), peek=True)


@frozen
class RemoteMailbox:
    """A mailbox there, and what it is called here."""

    remote: str
    local: str
    messages: int


@frozen
class RemoteMessage:
    """What the first FETCH tells of a message."""

    uid: int
    size: int
    flags: tuple[bytes, ...]
    internal_date: datetime | None


@contextmanager
def server_errors(place: ImapPlace) -> Iterator[None]:
    """Turn what can go wrong with another server into one line."""
    try:
        yield
    except (ConnectionLost, CommandRefused, ServerMisbehaved, SaslFailed, OSError) as error:
        raise SourceError(f"{place.host} port {place.port}: {error}") from error


def open_server(place: ImapPlace, password: str, root: str, ca_file: str | None, stack: ExitStack) -> Source:
    """Log in and find the mailboxes; the connection lives as long as ``stack``."""
    with server_errors(place):
        connection = stack.enter_context(log_in(place, password, ca_file))
        mailboxes = list(find_mailboxes(connection, place.mailbox, root))
    return Source(
        f"IMAP server {place.host}",
        partial(_messages, connection, place, mailboxes),
        sum(mailbox.messages for mailbox in mailboxes),
        tuple(mailbox.local for mailbox in mailboxes),
    )


def log_in(place: ImapPlace, password: str, ca_file: str | None) -> Connection:
    """Connect, protect the connection unless it stays on this machine, and log in (RFC 9051 §6.2)."""
    context = ssl.create_default_context(cafile=ca_file)
    connection = connect(place.host, place.port, tls=context if place.tls else None)
    _learn_capabilities(connection)
    if not place.tls and (not place.local or connection.client.supports(b"LOGINDISABLED")):
        if not connection.client.supports(b"STARTTLS"):
            raise SourceError(f"{place.host} offers no TLS on port {place.port}: try imaps://{place.user}@{place.host}/")
        connection.start_tls(context, place.host)
        _learn_capabilities(connection)
    if connection.client.supports(b"AUTH=PLAIN"):
        connection.authenticate(b"PLAIN", plain(place.user, password))
    else:
        connection.login(place.user, password)
    return connection


def _learn_capabilities(connection: Connection) -> None:
    if connection.client.capabilities is None:
        connection.command(Capability()).require_ok()


def find_mailboxes(connection: Connection, wanted: str | None, root: str) -> Iterator[RemoteMailbox]:
    """List the mailboxes that hold messages: all, or the wanted one and those below it (RFC 9051 §6.3.9)."""
    for data in connection.command(List("", ("*",))).require_ok().responses:
        if not isinstance(data, ListData) or not NOT_MAIL.isdisjoint(name.lower() for name in data.attributes):
            continue
        levels = data.mailbox.split(data.separator) if data.separator else [data.mailbox]
        if wanted is None or wanted in (data.mailbox, "/".join(levels)) or "/".join(levels).startswith(f"{wanted}/"):
            local = mailbox_name(map(level_name, levels), root)
            yield RemoteMailbox(data.mailbox, local, _count(connection, data.mailbox))


def _count(connection: Connection, mailbox: str) -> int:
    for data in connection.command(Status(mailbox, (StatusItem.MESSAGES,))).responses:
        if isinstance(data, StatusData):
            messages = dict(data.items).get(StatusItem.MESSAGES)
            return messages if isinstance(messages, int) else 0
    return 0


def _messages(connection: Connection, place: ImapPlace, mailboxes: list[RemoteMailbox]) -> Iterator[SourceMessage]:
    for mailbox in mailboxes:
        if not mailbox.messages:
            continue
        with server_errors(place):
            connection.command(Select(mailbox.remote, read_only=True)).require_ok()
            messages = fetch_messages(connection)
        for start in range(0, len(messages), GROUP_MESSAGES):
            group = Group(connection, place, messages[start : start + GROUP_MESSAGES])
            for number, message in enumerate(group.messages):
                yield SourceMessage(
                    mailbox.local,
                    f"{mailbox.remote} UID {message.uid}",
                    partial(group.read, number),
                    message.flags,
                    message.internal_date,
                    partial(group.probe, number),
                )


def fetch_messages(connection: Connection) -> list[RemoteMessage]:
    """Fetch what is to know of all messages of the selected mailbox but their octets."""
    items = (FetchItem.UID, FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE)
    found: list[RemoteMessage] = []
    for data in connection.command(Fetch(SequenceSet(((1, 0),)), items, uid=True)).require_ok().responses:
        if isinstance(data, FetchData):
            facts = {type(item): item for item in data.items}
            match facts.get(Uid), facts.get(Size), facts.get(Flags), facts.get(InternalDate):
                case Uid(uid), Size(size), Flags(flags), date:
                    found.append(RemoteMessage(uid, size, flags, date.date_time if isinstance(date, InternalDate) else None))
    return sorted(found, key=lambda message: message.uid)


class Group:
    """Neighbouring messages: the first one asked for brings others along."""

    def __init__(self, connection: Connection, place: ImapPlace, messages: Sequence[RemoteMessage]) -> None:
        self.connection, self.place, self.messages = connection, place, messages
        self.headers: dict[int, bytes] = {}
        self.contents: dict[int, bytes] = {}

    def probe(self, number: int) -> Probe:
        """Size and header of a message; the headers of the group come together."""
        message = self.messages[number]
        if not self.headers:
            self.headers = self._fetch(self.messages, HEADER)
        return Probe(message.size, self.headers.get(message.uid, b""))

    def read(self, number: int) -> bytes:
        """Read the octets of a message, and with them those that follow while they are small. Each can be had once or twice."""
        message = self.messages[number]
        if message.size > GROUP_OCTETS:
            with server_errors(self.place):
                return b"".join(self.connection.read_message(message.uid))
        if message.uid not in self.contents:
            self.contents = self._fetch(self._neighbours(number), WHOLE)
        if message.uid not in self.contents:
            raise OSError("it was removed from the server meanwhile")
        return self.contents[message.uid]

    def _neighbours(self, number: int) -> list[RemoteMessage]:
        octets = 0

        def fits(message: RemoteMessage) -> bool:
            nonlocal octets
            octets += message.size
            return octets <= GROUP_OCTETS

        return list(takewhile(fits, self.messages[number:]))

    def _fetch(self, messages: Sequence[RemoteMessage], item: FetchBody) -> dict[int, bytes]:
        uids = NumberSet.from_numbers(message.uid for message in messages)
        with server_errors(self.place):
            completed = self.connection.command(Fetch(SequenceSet(uids.ranges), (FetchItem.UID, item), uid=True)).require_ok()
        found: dict[int, bytes] = {}
        for data in completed.responses:
            if isinstance(data, FetchData):
                facts = {type(fact): fact for fact in data.items}
                match facts.get(Uid), facts.get(BodySection):
                    case Uid(uid), BodySection(octets=bytes() as octets):
                        found[uid] = octets
        return found
