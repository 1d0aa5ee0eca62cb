"""FETCH and UID FETCH (RFC 9051 §6.4.5, §7.5.2; RFC 7162 §3.1.4, §3.2.6)."""

from attrs import evolve, frozen

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
    EmailId,
    EnvelopeItem,
    FetchDatum,
    Flags,
    InternalDate,
    ModSequence,
    Preview,
    Rfc822,
    Rfc822Item,
    SaveDate,
    Size,
    ThreadId,
    Uid,
)
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.replay import Told
from angarium.spec.protocol.rules import ghosts
from angarium.spec.protocol.rules.dates import dated, is_servers_date
from angarium.spec.protocol.rules.partial import is_misplaced, refused
from angarium.spec.protocol.rules.partial import named as named_by
from angarium.spec.protocol.rules.rendering import shows_section
from angarium.spec.protocol.targets import is_named
from angarium.spec.protocol.turn import Turn

PREVIEW_CHARACTERS_MAX = 256
"""RFC 8970 §3.3."""

SETS_SEEN = frozenset({FetchItem.RFC822, FetchItem.RFC822_TEXT})
r"""Items that set ``\Seen`` besides BODY[] and BINARY[] (RFC 3501 §6.4.5)."""


@frozen
class Looked:
    r"""Which messages are meant, those that got ``\Seen``, and what the client numbered messages by."""

    named: list[int]
    seen: list[int]
    view: list[int]


def look(turn: Turn, command: Fetch) -> Looked:
    r"""Reading a body sets ``\Seen`` (RFC 9051 §6.4.5)."""
    if is_misplaced(command):
        return Looked([], [], list(turn.session.view))
    named, mailbox = named_by(turn, command), turn.mailbox
    unseen = [uid for uid in named if uid in mailbox.messages and not mailbox.messages[uid].has(b"\\Seen")]
    seen = []
    if any(map(reads_body, command.items)) and not turn.session.read_only:
        seen = [uid for uid in unseen if newer(turn, command, mailbox.messages[uid]) and sets_seen(turn, uid)]
        turn.attempt(SetFlags(mailbox.id, NumberSet.from_numbers(seen), StoreMode.ADD, (b"\\Seen",)))
    return Looked(named, seen, list(turn.session.view))


def newer(turn: Turn, command: Fetch, message: Message) -> bool:
    """Say whether CHANGEDSINCE lets the message through (RFC 7162 §3.1.4.1)."""
    since = command.changed_since
    return since is None or turn.choices.pick(turn.numbering.may_exceed(message.uid, message.modseq, since))


def sets_seen(turn: Turn, uid: int) -> bool:
    r"""FETCH is not atomic: a message that lost its ``\Seen`` meanwhile may have been looked at before (RFC 9051 §6.4.5)."""
    had_it = any(uid in each.messages and each.messages[uid].has(b"\\Seen") for each in turn.mailboxes)
    return turn.choices.pick((True, False)) if had_it else True


def fetch(turn: Turn, command: Fetch, looked: Looked) -> None:
    r"""Every item of every message that was asked for, as it was at some moment of the command (RFC 9051 §6.4.5)."""
    if is_misplaced(command):
        refused(turn)
        return
    if command.changed_since is not None or FetchItem.MODSEQ in command.items:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    told = turn.replay(expunges=command.uid)
    states = {uid: [box.messages.get(uid) for box in turn.mailboxes] for uid in looked.named}
    gone = any(None in each or not each for each in states.values())
    conditions = (Condition.OK, Condition.NO) if gone else (Condition.OK,)
    turn.answer.expect(*conditions, rule="RFC 9051 §6.4.5: FETCH is OK")
    possible = [uid for uid in turn.ghosts if uid in looked.named]
    for uid, messages in states.items():
        there = [message for message in messages if message is not None]
        matching = [message for message in there if newer(turn, command, message)]
        possible += [uid] if matching else []
        if there and len(matching) == len(messages):
            require_items(turn, command, there[-1], told)
    ghosts.require_true(turn, told)
    for uid in looked.seen:
        now = None in states[uid] or Flags in told.items(uid) or not turn.exact  # it should be
        require(now, "RFC 9051 §6.4.5: \\Seen that was set is told", told.items(uid))
    require_nothing_else(told, possible)
    require_vanished(turn, command, told, looked.view)


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
        found = [item for values in items.values() for item in values if answers(item, attribute, message, turn.exact)]
        if attribute is FetchItem.INTERNALDATE and is_servers_date(turn, message):
            found = [each for each in items.get(InternalDate, []) if each == dated(turn, message, each)]
        require(bool(found), "RFC 9051 §6.4.5: every item asked for, with its value", attribute, items, message.uid)


ITEM_TYPES: dict[FetchItem, type] = {
    FetchItem.EMAILID: EmailId,
    FetchItem.THREADID: ThreadId,
    FetchItem.SAVEDATE: SaveDate,
    FetchItem.ENVELOPE: EnvelopeItem,
    FetchItem.FLAGS: Flags,
    FetchItem.BODY: BodyItem,
    FetchItem.BODYSTRUCTURE: BodyItem,
}
"""Items judged elsewhere: UID, MODSEQ, FLAGS, ids and save dates when replayed, ENVELOPE and structures in ``ghosts``."""

RFC822_SECTIONS = {
    FetchItem.RFC822: (Rfc822Item.RFC822, Section()),
    FetchItem.RFC822_HEADER: (Rfc822Item.HEADER, Section(text=SectionText.HEADER)),
    FetchItem.RFC822_TEXT: (Rfc822Item.TEXT, Section(text=SectionText.TEXT)),
}
"""The three old names of sections (RFC 3501 §6.4.5)."""


def answers(item: FetchDatum, attribute: FetchAttribute, message: Message, exact: bool) -> bool:
    """Say whether this datum is what the attribute asked of the message (RFC 9051 §7.5.2)."""
    match attribute:
        case FetchItem.UID:
            return isinstance(item, Uid)
        case FetchItem.INTERNALDATE:
            return item == InternalDate(message.internal_date.replace(microsecond=0))
        case FetchItem.RFC822_SIZE:
            return item == Size(len(message.content))
        case FetchItem.MODSEQ:
            return isinstance(item, ModSequence)
        case FetchItem.RFC822 | FetchItem.RFC822_HEADER | FetchItem.RFC822_TEXT:
            name, section = RFC822_SECTIONS[attribute]
            return item == Rfc822(name, octets_of(message.content, section, None))
        case FetchItem.PREVIEW | FetchItem.PREVIEW_LAZY:
            return isinstance(item, Preview) and is_preview(item, lazy=attribute is FetchItem.PREVIEW_LAZY)
        case FetchItem():
            return isinstance(item, ITEM_TYPES[attribute])
        case FetchBody():
            return isinstance(item, BodySection) and is_section(item, attribute, message.content, exact)
        case FetchBinary(part):
            return isinstance(item, BinarySection) and item.part == part
        case FetchBinarySize(part):
            return isinstance(item, BinarySize) and item.part == part


def is_preview(item: Preview, lazy: bool) -> bool:
    """UTF-8 of not too many characters; NIL only for one who is in a hurry (RFC 8970 §3.2, §3.3)."""
    if item.text is None:
        return lazy
    try:
        return len(item.text.decode("utf-8")) <= PREVIEW_CHARACTERS_MAX
    except UnicodeDecodeError:
        return False


def is_section(item: BodySection, wanted: FetchBody, content: bytes, exact: bool) -> bool:
    """The right octets (RFC 9051 §6.4.5); of sections that need no parsing it is plain which these are."""
    section, partial = wanted.section, wanted.partial
    spelled = section if exact else folded(section)
    if (item.section if exact else folded(item.section)) != spelled or item.origin != (partial.offset if partial else None):
        return False
    if section.part or section.fields:
        return shows_section(item, section, partial, content, exact)
    return item.octets == octets_of(content, section, partial)


def folded(section: Section) -> Section:
    """The section with field names in one case, which says nothing (RFC 9051 §6.4.5.1)."""
    return evolve(section, fields=tuple(field.upper() for field in section.fields))


def octets_of(content: bytes, section: Section, partial: Partial | None) -> bytes:
    """The whole message, its header with the empty line, or what follows, if there is one (RFC 9051 §6.4.5, RFC 5322 §2.1)."""
    end = 2 if content.startswith(b"\r\n") else len(b"".join(content.partition(b"\r\n\r\n")[:2]))
    octets = {None: content, SectionText.HEADER: content[:end], SectionText.TEXT: content[end:]}[section.text]
    return octets if partial is None else octets[partial.offset : partial.offset + partial.octets_max]


def require_nothing_else(told: Told, wanted: list[int]) -> None:
    """Of other messages nothing but news of their flags (RFC 9051 §7.5.2)."""
    for uid in told.fetched.keys() - set(wanted):
        unasked = told.items(uid).keys() - {Uid, Flags, ModSequence}
        require(not unasked, "RFC 9051 §6.4.5: a message that was not asked for", uid, unasked)


def require_vanished(turn: Turn, command: Fetch, told: Told, view: list[int]) -> None:
    """VANISHED (EARLIER) with the UIDs gone since then, when asked for (RFC 7162 §3.2.6).

    Those the client still numbers messages by may be left for VANISHED without EARLIER (RFC 7162 §3.2.10). ``*`` is the last
    message that is there, and to us the end of all UIDs, since the last ones may be gone: what both mean has to be told.
    """
    if not command.vanished or command.changed_since is None:
        require(not told.earlier, "RFC 7162 §3.2.10.1: nobody asked for VANISHED (EARLIER)", told.earlier)
        return
    numbering, last = turn.numbering, max([1, *view])
    widest = command.numbers.resolve(2**32 - 1)
    anywhere = command.numbers.saved or not numbering.exact
    gone = {
        uid
        for uid, modseq in turn.mailbox.expunged.items()
        if numbering.may_exceed(uid, modseq, command.changed_since) == (True,)
        and is_named(uid, command.numbers, last, numbering, Choices())
        and uid not in view
        and (anywhere or uid in widest)
    }
    within = anywhere or all(uid in widest for uid in told.earlier)
    require(gone <= set(told.earlier) and within, "RFC 7162 §3.2.6: VANISHED (EARLIER)", told.earlier, gone)
