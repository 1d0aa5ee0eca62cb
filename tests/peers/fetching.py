"""Fetch everything that IMAP can say of a message from two servers, and pair it item by item."""

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import Fetch, FetchAttribute, FetchBinary, FetchBinarySize, FetchBody, FetchItem, Select
from angarium.grammar.imap.responses import (
    BinarySection,
    BinarySize,
    BodyItem,
    BodySection,
    BodyStructure,
    EnvelopeItem,
    FetchData,
    FetchDatum,
    InternalDate,
    MultiPart,
    Response,
    Rfc822,
    SinglePart,
    Size,
    Uid,
)
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.transports.client import CommandRefused, Connection, ConnectionLost, connect
from peers.servers import PASSWORD, Server

CHUNK = 200
FIELDS = (b"From", b"to", b"SUBJECT", b"Received", b"X-Not-There", b"Content-Type")


def whole_message_items() -> tuple[FetchAttribute, ...]:
    """What is asked of every message, whatever its structure."""
    return (
        FetchItem.UID,
        FetchItem.INTERNALDATE,
        FetchItem.RFC822_SIZE,
        FetchItem.ENVELOPE,
        FetchItem.BODY,
        FetchItem.BODYSTRUCTURE,
        FetchItem.RFC822_HEADER,
        FetchBody(Section(), peek=True),
        FetchBody(Section(text=SectionText.HEADER), peek=True),
        FetchBody(Section(text=SectionText.TEXT), peek=True),
        FetchBody(Section(text=SectionText.HEADER_FIELDS, fields=FIELDS), peek=True),
        FetchBody(Section(text=SectionText.HEADER_FIELDS_NOT, fields=FIELDS), peek=True),
        FetchBody(Section(), Partial(0, 100), peek=True),
        FetchBody(Section(), Partial(1000, 4096), peek=True),
        FetchBody(Section(text=SectionText.TEXT), Partial(10, 50), peek=True),
        FetchBody(Section(), Partial(100_000_000, 10), peek=True),
    )


def part_items(part: tuple[int, ...], structure: BodyStructure) -> Iterator[FetchAttribute]:
    """What is asked of one body part."""
    yield FetchBody(Section(part), peek=True)
    yield FetchBody(Section(part, SectionText.MIME), peek=True)
    yield FetchBody(Section(part), Partial(7, 30), peek=True)
    if isinstance(structure, SinglePart) and structure.body is not None:
        for text in (SectionText.HEADER, SectionText.TEXT):
            yield FetchBody(Section(part, text), peek=True)
    elif isinstance(structure, SinglePart):  # BINARY is for leaf parts (RFC 9051 §6.4.5)
        yield FetchBinary(part, peek=True)
        yield FetchBinarySize(part)


def parts(structure: BodyStructure, number: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], BodyStructure]]:
    """Every body part and its number (RFC 9051 §6.4.5)."""
    if isinstance(structure, MultiPart):
        for index, child in enumerate(structure.parts, 1):
            yield from _below(child, (*number, index))
    else:
        yield from _below(structure, (*number, 1))


def _below(structure: BodyStructure, number: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], BodyStructure]]:
    yield number, structure
    if isinstance(structure, MultiPart):
        for index, child in enumerate(structure.parts, 1):
            yield from _below(child, (*number, index))
    elif structure.body is not None:
        yield from parts(structure.body, number)


Item = tuple[object, ...]
"""What names one piece of data of a message: ``("ENVELOPE",)``, ``("BODY", section, origin)``."""


def named(datum: FetchDatum) -> tuple[Item, object] | None:
    """The name and the value of one FETCH item; None for what two servers need not agree on."""
    match datum:
        case BodySection(section, octets, origin):
            fields = tuple(sorted(name.upper() for name in section.fields))
            return ("BODY", section.part, section.text, fields, origin), octets
        case BinarySection(part, octets, origin):
            return ("BINARY", part, origin), octets
        case BinarySize(part, octets):
            return ("BINARY.SIZE", part), octets
        case Rfc822(item, octets):
            return (item.value.decode(),), octets
        case Size(octets):
            return ("RFC822.SIZE",), octets
        case InternalDate(date_time):
            return ("INTERNALDATE",), date_time.isoformat()
        case EnvelopeItem(envelope):
            return ("ENVELOPE",), envelope
        case BodyItem(structure, extensible):
            return ("BODYSTRUCTURE" if extensible else "BODY",), structure
        case Uid(uid):
            return ("UID",), uid
    return None


REFUSED = "refused"
"""Stands for the value of an item whose FETCH was answered NO."""
LOST = "connection lost"
"""Stands for the value of an item that the server closed the connection over."""
UNPARSABLE = "unparsable"
"""Stands for the value of an item whose answer was no sentence of the grammar."""


class Reader:
    """One server's mailbox, opened for reading."""

    def __init__(self, server: Server, mailbox: str) -> None:
        self.server, self.mailbox = server, mailbox
        self.connection = self._open()

    def _open(self) -> Connection:
        connection = connect(self.server.host, self.server.port, seconds_max=300)
        connection.login("u1", PASSWORD)
        connection.command(Select(self.mailbox, read_only=True)).require_ok()
        return connection

    @property
    def count(self) -> int:
        """How many messages it has."""
        view = self.connection.client.view
        return 0 if view is None else view.exists

    def fetch(self, numbers: Sequence[int], items: tuple[FetchAttribute, ...]) -> dict[int, dict[Item, object]]:
        """The items of each message, by name. What cannot be had in one FETCH is asked for in ever smaller ones."""
        found: dict[int, dict[Item, object]] = {number: {} for number in numbers}

        def take(response: Response) -> None:
            if isinstance(response, FetchData):
                pairs = (named(datum) for datum in response.items)
                found.setdefault(response.sequence_number, {}).update(pair for pair in pairs if pair is not None)

        ranges = tuple((number, number) for number in numbers)
        try:
            self.connection.command(Fetch(SequenceSet(ranges), items), sink=take).require_ok()
        except CommandRefused:
            return self._in_smaller_pieces(numbers, items, REFUSED)
        except (ServerMisbehaved, ConnectionLost) as error:
            self.connection.close()
            self.connection = self._open()
            return self._in_smaller_pieces(numbers, items, UNPARSABLE if isinstance(error, ServerMisbehaved) else LOST)
        return found

    def _in_smaller_pieces(
        self, numbers: Sequence[int], items: tuple[FetchAttribute, ...], otherwise: str
    ) -> dict[int, dict[Item, object]]:
        if len(numbers) > 1:
            middle = len(numbers) // 2
            return self.fetch(numbers[:middle], items) | self.fetch(numbers[middle:], items)
        (number,) = numbers
        if len(items) == 1:
            return {number: {_asked(items[0]): otherwise}}
        return {number: {key: value for item in items for key, value in self.fetch(numbers, (item,))[number].items()}}


def _asked(item: FetchAttribute) -> Item:
    match item:
        case FetchBinary(part, partial):
            return "BINARY", part, None if partial is None else partial.offset
        case FetchBinarySize(part):
            return "BINARY.SIZE", part
    raise AssertionError(f"only BINARY may fail: {item}")


@frozen
class Difference:
    """Two servers say different things of one item of one message."""

    number: int
    item: Item
    ours: object
    theirs: object


ABSENT = "absent"


def compare(ours: Reader, theirs: Reader) -> Iterator[Difference]:
    """All differences between two mailboxes that hold the same messages."""
    numbers = range(1, ours.count + 1)
    structures: dict[int, BodyStructure] = {}
    for chunk in _chunks(numbers):
        rows = ours.fetch(chunk, whole_message_items())
        for number, row in rows.items():
            structure = row.get(("BODYSTRUCTURE",))
            if isinstance(structure, SinglePart | MultiPart):
                structures[number] = structure
        yield from differences(rows, theirs.fetch(chunk, whole_message_items()))
    groups: dict[tuple[FetchAttribute, ...], list[int]] = {}
    for number, structure in structures.items():
        items = tuple(item for part, below in parts(structure) for item in part_items(part, below))
        groups.setdefault(items, []).append(number)
    for items, members in groups.items():
        for chunk in _chunks(members):
            rows = ours.fetch(chunk, items)
            check_binary_sizes(rows)
            yield from differences(rows, theirs.fetch(chunk, items))


def check_binary_sizes(rows: dict[int, dict[Item, object]]) -> None:
    """BINARY.SIZE is the size of what BINARY gives (RFC 3516 §4.2)."""
    for number, row in rows.items():
        for item, value in row.items():
            if item[0] == "BINARY.SIZE":
                octets = row["BINARY", item[1], None]
                assert isinstance(octets, bytes), (number, item)
                assert len(octets) == value, (number, item)


def differences(ours: dict[int, dict[Item, object]], theirs: dict[int, dict[Item, object]]) -> Iterator[Difference]:
    """Pair by message and item."""
    for number in ours.keys() | theirs.keys():
        mine, its = ours.get(number, {}), theirs.get(number, {})
        for item in mine.keys() | its.keys():
            a, b = mine.get(item, ABSENT), its.get(item, ABSENT)
            if a != b:
                yield Difference(number, item, a, b)


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    gathered = list(numbers)
    for start in range(0, len(gathered), CHUNK):
        yield gathered[start : start + CHUNK]
