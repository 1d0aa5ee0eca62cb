"""From things back to values, and what a change of the store means to the sessions that did not make it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from attrs import evolve

from angarium.engine.operations import MailboxId
from angarium.spec.explorer.bounds import INBOX, Bounds
from angarium.spec.explorer.memory import Memory, Selection
from angarium.spec.explorer.thaw import ROOM, mailbox_id
from angarium.spec.explorer.values import LOST_BOX, NO_BOX, Box, Effect, Entry, Held, Letter, Moved, Store
from angarium.spec.model.state import Account, Mailbox
from angarium.spec.protocol.session import Session

Numbering = Sequence[int]
"""The UIDs of the letters of a mailbox, ascending."""


def ordered(account: Account) -> list[Mailbox]:
    """The mailboxes, INBOX first."""
    return sorted(account.mailboxes.values(), key=lambda mailbox: (mailbox.name != INBOX, mailbox.name))


def numbering(mailbox: Mailbox, bounds: Bounds) -> list[int]:
    """The UIDs of the messages, and of the removals that are remembered: the latest ones."""
    latest = sorted(mailbox.expunged, key=lambda uid: (mailbox.expunged[uid], uid))
    return sorted([*mailbox.messages, *latest[len(latest) - bounds.remembered :]])


def freeze_store(account: Account, bounds: Bounds) -> Store:
    """The mailboxes as a value."""
    boxes = tuple(freeze_box(mailbox, bounds) for mailbox in ordered(account))
    return Store(boxes, tuple(sorted(account.subscriptions)) if bounds.subscribe else ())


def freeze_box(mailbox: Mailbox, bounds: Bounds) -> Box:
    """A mailbox as a value."""
    uids = numbering(mailbox, bounds)
    letters = tuple(Letter(mailbox.messages[uid].flags) if uid in mailbox.messages else Letter(alive=False) for uid in uids)
    unclaimed = len(uids) - bisect_left(uids, mailbox.recent_from) if bounds.recent else 0
    return Box(mailbox.name, letters, unclaimed)


def freeze_held(account: Account, memory: Memory, session: Session, bounds: Bounds) -> Held:
    """What a session knows as a value; server and model agree in all that both know (``invariants.py``)."""
    held = Held(memory.state, tuple(sorted(memory.enabled)), memory.idling)
    selection = memory.selection
    if selection is None:
        return held
    held = evolve(
        held,
        name=selection.name,
        read_only=selection.read_only,
        keywords=tuple(sorted(selection.keywords)),
        listed=tuple(sorted(session.listed)),
    )
    mailbox = account.mailboxes.get(selection.mailbox.number)
    if mailbox is None:
        return lost(evolve(held, entries=tuple(Entry(0) for _ in selection.view)))
    uids = numbering(mailbox, bounds)
    return evolve(
        held,
        box=ordered(account).index(mailbox),
        entries=tuple(freeze_entry(uid, uids, mailbox, selection, session, bounds) for uid in selection.view),
        told=bisect_right(uids, session.last_uid),
        changed=tuple(place for place, uid in enumerate(uids) if modseq_of(mailbox, uid) > selection.mod_sequence),
        stale=mailbox.highest_modseq > selection.mod_sequence,
        settled=selection.settled == selection.mod_sequence,
    )


def freeze_entry(uid: int, uids: Numbering, mailbox: Mailbox, selection: Selection, session: Session, bounds: Bounds) -> Entry:
    """One message of the view as a value."""
    entry = Entry(
        place=bisect_left(uids, uid),
        forgotten=uid not in uids,
        present=uid in selection.present,
        recent=bounds.recent and uid in selection.recent,
        saved=bounds.saved and uid in session.saved,
    )
    return evolve(entry, known=tuple(sorted(session.known[uid]))) if uid in mailbox.messages else entry


def modseq_of(mailbox: Mailbox, uid: int) -> int:
    """The mod-sequence of a message, or of its removal."""
    return mailbox.messages[uid].modseq if uid in mailbox.messages else mailbox.expunged[uid]


def lost(held: Held) -> Held:
    """A session whose mailbox has been deleted: what it believes of the messages can no longer matter (RFC 2180 §3)."""
    entries = tuple(Entry(0, forgotten=True) for _ in held.entries)
    return evolve(held, box=LOST_BOX, entries=entries, told=0, changed=(), stale=False, settled=True)


def effect_of(before: Store, account: Account, bounds: Bounds, highest: Mapping[MailboxId, int]) -> Effect:
    """What was done to the mailboxes of ``before``, whose highest mod-sequences were ``highest``."""
    after = ordered(account)
    moved: list[Moved | None] = []
    for index, box in enumerate(before.boxes):
        mailbox = account.mailboxes.get(mailbox_id(index).number)
        if mailbox is None:
            moved.append(None)
            continue
        uids, limit = numbering(mailbox, bounds), highest[mailbox.id]
        letters = tuple(where(uids, ROOM * place) for place in range(1, len(box.letters) + 1))
        changed = tuple(place for place, uid in enumerate(uids) if modseq_of(mailbox, uid) > limit)
        moved.append(Moved(after.index(mailbox), letters, changed, mailbox.highest_modseq > limit))
    return tuple(moved)


def where(uids: Numbering, uid: int) -> int:
    """The place of a UID, ``~place`` when it is forgotten and lies before that place."""
    place = bisect_left(uids, uid)
    return place if place < len(uids) and uids[place] == uid else ~place


def carried_over(held: Held, effect: Effect, after: Store) -> Held:
    """What a session holds after another one did this: it has not looked yet."""
    if held.box in (NO_BOX, LOST_BOX):
        return held
    moved = effect[held.box]
    if moved is None:
        return lost(held)
    letters = after.boxes[moved.box].letters
    return evolve(
        held,
        box=moved.box,
        entries=tuple(carried_entry(entry, moved, letters) for entry in held.entries),
        told=remaining(moved, held.told),
        changed=tuple(sorted({*moved.changed, *(place for c in held.changed if (place := moved.letters[c]) >= 0)})),
        stale=held.stale or moved.touched,
    )


def carried_entry(entry: Entry, moved: Moved, letters: tuple[Letter, ...]) -> Entry:
    """A message of the view after the change; of one that is gone the flags no longer matter."""
    if entry.forgotten:
        return evolve(entry, place=remaining(moved, entry.place))
    place = moved.letters[entry.place]
    if place < 0:
        return evolve(entry, place=~place, forgotten=True, known=())
    return evolve(entry, place=place, known=entry.known if letters[place].alive else ())


def remaining(moved: Moved, count: int) -> int:
    """How many of the first ``count`` letters are not forgotten."""
    return sum(place >= 0 for place in moved.letters[:count])
