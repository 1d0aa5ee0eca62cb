"""FETCH and UID FETCH (RFC 9051 §6.4.5, §7.5.2; RFC 7162 §3.1.4, §3.2.6)."""

from angarium.engine.operations import SetFlags
from angarium.grammar.imap.commands import (
    Fetch,
    FetchAttribute,
    FetchBinary,
    FetchBinarySize,
    FetchBody,
    FetchItem,
    StoreMode,
)
from angarium.grammar.imap.responses import (
    BinarySection,
    BinarySize,
    BodyItem,
    BodySection,
    Condition,
    EnvelopeItem,
    FetchDatum,
    Flags,
    InternalDate,
    ModSequence,
    Rfc822,
    Rfc822Item,
    Size,
    Uid,
)
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import Told
from angarium.spec.protocol.targets import targets
from angarium.spec.protocol.turn import Turn

SETS_SEEN = frozenset({FetchItem.RFC822, FetchItem.RFC822_TEXT})
r"""Items that set ``\Seen`` besides BODY[] and BINARY[] (RFC 3501 §6.4.5)."""


def fetch(turn: Turn, command: Fetch) -> None:
    r"""Every item of every message that was asked for; reading a body sets ``\Seen`` (RFC 9051 §6.4.5)."""
    named = targets(turn.session, command.numbers, command.uid)
    mailbox = turn.mailbox
    since = command.changed_since
    wanted = [uid for uid in named if uid in mailbox.messages and (since is None or mailbox.messages[uid].modseq > since)]
    before, view = dict(mailbox.messages), list(turn.session.view)
    if any(map(reads_body, command.items)) and not turn.session.read_only:
        turn.attempt(SetFlags(mailbox.id, NumberSet.from_numbers(wanted), StoreMode.ADD, (b"\\Seen",)))
    if since is not None or FetchItem.MODSEQ in command.items:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    told = turn.replay(expunges=command.uid)
    gone = any(uid not in mailbox.messages for uid in named)
    conditions = (Condition.OK, Condition.NO) if gone else (Condition.OK,)
    turn.answer.expect(*conditions, rule="RFC 9051 §6.4.5: FETCH is OK")
    for uid in wanted:
        require_items(turn, command, mailbox.messages[uid], told)
        changed = mailbox.messages[uid].flags != before[uid].flags
        require(not changed or Flags in told.items(uid), "RFC 9051 §6.4.5: \\Seen that was set is told", told.items(uid))
    require_nothing_else(told, wanted)
    require_vanished(turn, command, told, view)


def reads_body(item: FetchAttribute) -> bool:
    """Say whether the item sets the flag (RFC 9051 §6.4.5)."""
    return item in SETS_SEEN if isinstance(item, FetchItem) else not isinstance(item, FetchBinarySize) and not item.peek


def require_items(turn: Turn, command: Fetch, message: Message, told: Told) -> None:
    """Each item with its value (RFC 9051 §7.5.2)."""
    items = told.items(message.uid)
    asked = [*command.items, *([FetchItem.UID] if command.uid else [])]
    if command.changed_since is not None:
        asked.append(FetchItem.MODSEQ)  # RFC 7162 §3.1.4.1
    for attribute in asked:
        found = [item for values in items.values() for item in values if answers(item, attribute, message)]
        require(bool(found), "RFC 9051 §6.4.5: every item asked for, with its value", attribute, items, message.uid)


ITEM_TYPES: dict[FetchItem, type] = {
    FetchItem.ENVELOPE: EnvelopeItem,
    FetchItem.FLAGS: Flags,
    FetchItem.BODY: BodyItem,
    FetchItem.BODYSTRUCTURE: BodyItem,
}
"""Items whose value is judged elsewhere: FLAGS when replayed, the parsed ones by comparing stores and the mail tests."""

RFC822_SECTIONS = {
    FetchItem.RFC822: (Rfc822Item.RFC822, Section()),
    FetchItem.RFC822_HEADER: (Rfc822Item.HEADER, Section(text=SectionText.HEADER)),
    FetchItem.RFC822_TEXT: (Rfc822Item.TEXT, Section(text=SectionText.TEXT)),
}
"""The three old names of sections (RFC 3501 §6.4.5)."""


def answers(item: FetchDatum, attribute: FetchAttribute, message: Message) -> bool:
    """Say whether this datum is what the attribute asked of the message (RFC 9051 §7.5.2)."""
    match attribute:
        case FetchItem.UID:
            return item == Uid(message.uid)
        case FetchItem.INTERNALDATE:
            return item == InternalDate(message.internal_date.replace(microsecond=0))
        case FetchItem.RFC822_SIZE:
            return item == Size(len(message.content))
        case FetchItem.MODSEQ:
            return item == ModSequence(message.modseq)
        case FetchItem.RFC822 | FetchItem.RFC822_HEADER | FetchItem.RFC822_TEXT:
            name, section = RFC822_SECTIONS[attribute]
            return item == Rfc822(name, octets_of(message.content, section, None))
        case FetchItem():
            return isinstance(item, ITEM_TYPES[attribute])
        case FetchBody(section, partial):
            return isinstance(item, BodySection) and is_section(item, section, partial, message.content)
        case FetchBinary(part):
            return isinstance(item, BinarySection) and item.part == part
        case FetchBinarySize(part):
            return isinstance(item, BinarySize) and item.part == part


def is_section(item: BodySection, section: Section, partial: Partial | None, content: bytes) -> bool:
    """The right octets, for the sections that need no parsing (RFC 9051 §6.4.5)."""
    if item.section != section or item.origin != (partial.offset if partial else None):
        return False
    return section.part != () or section.fields != () or item.octets == octets_of(content, section, partial)


def octets_of(content: bytes, section: Section, partial: Partial | None) -> bytes:
    """The whole message, its header with the empty line, or what follows (RFC 9051 §6.4.5)."""
    end = 2 if content.startswith(b"\r\n") else content.index(b"\r\n\r\n") + 4
    octets = {None: content, SectionText.HEADER: content[:end], SectionText.TEXT: content[end:]}[section.text]
    return octets if partial is None else octets[partial.offset : partial.offset + partial.octets_max]


def require_nothing_else(told: Told, wanted: list[int]) -> None:
    """Of other messages nothing but news of their flags (RFC 9051 §7.5.2)."""
    for uid in told.fetched.keys() - set(wanted):
        unasked = told.items(uid).keys() - {Uid, Flags, ModSequence}
        require(not unasked, "RFC 9051 §6.4.5: a message that was not asked for", uid, unasked)


def require_vanished(turn: Turn, command: Fetch, told: Told, view: list[int]) -> None:
    """VANISHED (EARLIER) with the UIDs gone since then, when asked for (RFC 7162 §3.2.6).

    Those the client still numbers messages by may be left for VANISHED without EARLIER (RFC 7162 §3.2.10).
    """
    if not command.vanished or command.changed_since is None:
        require(not told.earlier, "RFC 7162 §3.2.10.1: nobody asked for VANISHED (EARLIER)", told.earlier)
        return
    named, widest = (command.numbers.resolve(largest) for largest in (max([1, *view]), 2**32 - 1))
    gone = {uid for uid, modseq in turn.mailbox.expunged.items() if modseq > command.changed_since and uid in named} - set(view)
    within = command.numbers.saved or all(uid in widest for uid in told.earlier)
    require(gone <= set(told.earlier) and within, "RFC 7162 §3.2.6: VANISHED (EARLIER)", told.earlier, gone)
