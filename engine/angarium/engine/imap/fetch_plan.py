"""A FETCH item list worked out once: what to ask the store for, and a template for what it answers (RFC 9051 §6.4.5).

Rendering is the hot path of the server: 100,000 messages are 100,000 lines. So items that are stored ready to send become one
``bytes`` template with one tuple of values, and only sections of the message, which vary in kind and size, take the long way.
"""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from attrs import evolve, frozen

from angarium.engine.operations import Column, MessageRow
from angarium.grammar.imap.commands import FetchAttribute, FetchBinary, FetchBinarySize, FetchBody, FetchItem
from angarium.grammar.imap.render_values import render_section, render_section_part
from angarium.grammar.imap.sections import Section, SectionText

PLANS_MAX: Final = 512


@frozen
class Ready:
    """An item whose value is a column: its template and its attribute of ``MessageRow``."""

    template: bytes
    attribute: str
    column: Column


READY: Final[dict[FetchItem, Ready]] = {
    FetchItem.UID: Ready(b"UID %d", "uid", Column(0)),
    FetchItem.INTERNALDATE: Ready(b"INTERNALDATE %b", "internal_date", Column.INTERNALDATE),
    FetchItem.RFC822_SIZE: Ready(b"RFC822.SIZE %d", "size", Column.SIZE),
    FetchItem.MODSEQ: Ready(b"MODSEQ (%d)", "modseq", Column.FLAGS),
    FetchItem.EMAILID: Ready(b"EMAILID (%b)", "emailid", Column.EMAILID),
    FetchItem.THREADID: Ready(b"THREADID %b", "threadid", Column.THREADID),
    FetchItem.SAVEDATE: Ready(b"SAVEDATE %b", "savedate", Column.SAVEDATE),
    FetchItem.PREVIEW: Ready(b"PREVIEW %b", "preview", Column.PREVIEW),
    FetchItem.PREVIEW_LAZY: Ready(b"PREVIEW %b", "preview", Column.PREVIEW),
    FetchItem.ENVELOPE: Ready(b"ENVELOPE %b", "envelope", Column.ENVELOPE),
    FetchItem.BODY: Ready(b"BODY %b", "body", Column.BODY),
    FetchItem.BODYSTRUCTURE: Ready(b"BODYSTRUCTURE %b", "bodystructure", Column.BODYSTRUCTURE),
}
"""RFC 9051 §7.5.2, RFC 7162 §3.1.4.2, RFC 8474 §5.3, RFC 8514 §4.2, RFC 8970 §3.

FLAGS is not among them, for its value also depends on the session.
"""

SECTIONS: Final[dict[FetchItem, FetchBody]] = {
    FetchItem.RFC822: FetchBody(Section()),
    FetchItem.RFC822_HEADER: FetchBody(Section(text=SectionText.HEADER), peek=True),
    FetchItem.RFC822_TEXT: FetchBody(Section(text=SectionText.TEXT)),
}
"""What the older names of three sections stand for (RFC 3501 §6.4.5)."""

ContentItem = FetchBody | FetchBinary | FetchBinarySize


@frozen
class Content:
    """A section to send: under which name, what it is, and which columns have it.

    ``name`` begins with the space that parts it from the item before, where there is one.
    """

    name: bytes
    item: ContentItem
    columns: Column


@frozen
class Plan:
    """``template`` takes the sequence number, or under UIDONLY the UID, ``values`` of the row and, if ``flags``, the flags.

    It is not closed.
    """

    columns: Column
    template: bytes
    values: Callable[[MessageRow], tuple[Any, ...]]
    contents: tuple[Content, ...]
    uid: bool
    flags: bool
    modseq: bool
    sets_seen: bool


@lru_cache(PLANS_MAX)
def plan(items: tuple[FetchAttribute, ...], uid: bool, modseq: bool, uid_only: bool = False) -> Plan:
    """Work out an item list; ``uid`` and ``modseq`` add these items (RFC 9051 §6.4.9, RFC 7162 §3.1.4.1).

    With ``uid_only`` it is for UIDFETCH, which begins with the UID anyway (RFC 9586 §3.3).
    """
    wanted = dict.fromkeys(items)
    if modseq:
        wanted = {**wanted, FetchItem.MODSEQ: None}
    if uid and not uid_only:
        wanted = {FetchItem.UID: None, **wanted}
    ready = [READY[item] for item in wanted if isinstance(item, FetchItem) and item in READY]
    flags = FetchItem.FLAGS in wanted
    contents = tuple(_content(item) for item in wanted if not isinstance(item, FetchItem) or item in SECTIONS)
    contents = tuple(
        evolve(content, name=b" " + content.name) if index or ready or flags else content
        for index, content in enumerate(contents)
    )
    sets_seen = any(not isinstance(content.item, FetchBinarySize) and not content.item.peek for content in contents)
    columns = Column.FLAGS if flags or sets_seen else Column(0)
    for row in ready:
        columns |= row.column
    for content in contents:
        columns |= content.columns
    templates = [row.template for row in ready] + ([b"FLAGS (%b)"] if flags else [])
    template = (b"* %d UIDFETCH (" if uid_only else b"* %d FETCH (") + b" ".join(templates)
    values = _values(tuple(row.attribute for row in ready))
    return Plan(columns, template, values, contents, FetchItem.UID in wanted, flags, FetchItem.MODSEQ in wanted, sets_seen)


def _values(attributes: tuple[str, ...]) -> Callable[[MessageRow], tuple[Any, ...]]:
    """A function from a row to a tuple of these attributes."""
    if not attributes:
        return _nothing
    getter = attrgetter(*attributes)
    if len(attributes) > 1:
        return getter

    def single(row: MessageRow) -> tuple[Any, ...]:
        return (getter(row),)

    return single


def _nothing(row: MessageRow) -> tuple[Any, ...]:
    return ()


def _content(item: FetchAttribute) -> Content:
    """The name of a section as the response repeats it, and the columns it is cut from (RFC 9051 §7.5.2)."""
    if isinstance(item, FetchItem):
        section = SECTIONS[item]
        return Content(item.value, section, section_columns(section.section))
    if isinstance(item, FetchBody):
        return Content(b"BODY%b%b" % (render_section(item.section), _origin(item)), item, section_columns(item.section))
    columns = Column.CONTENT | Column.SIZE | (Column.PARTMAP if item.part else Column(0))
    part = render_section_part(item.part)
    if isinstance(item, FetchBinarySize):
        return Content(b"BINARY.SIZE[%b]" % part, item, columns)
    return Content(b"BINARY[%b]%b" % (part, _origin(item)), item, columns)


def section_columns(section: Section) -> Column:
    """The header of the message has a column of its own; whatever lies deeper is cut out of the whole message."""
    if section.part or section.text is SectionText.TEXT:
        return Column.CONTENT | Column.SIZE | Column.PARTMAP
    return Column.HEADER if section.text else Column.CONTENT | Column.SIZE


def _origin(item: FetchBody | FetchBinary) -> bytes:
    """Of a partial range the response names the first octet only (RFC 9051 §6.4.5)."""
    return b"<%d>" % item.partial.offset if item.partial else b""
