"""From values to things that act: a model store, what a server remembers, and a session of the protocol model.

Numbers are made up on the way, the same for the same value: letter n of a mailbox gets a UID with room before it for those
that are forgotten; a mod-sequence is ``LOOKED`` or, of what has changed since the session looked, ``CHANGED``.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Final

from angarium.engine.operations import MailboxId, UserName
from angarium.spec.explorer.memory import Memory, Selection
from angarium.spec.explorer.values import LOST_BOX, NO_BOX, Box, Entry, Held, Letter, Store
from angarium.spec.model.state import Account, Mailbox, Message
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.session import Session, State
from angarium.spec.protocol_model import ProtocolModel

USER: Final = UserName("mira")
STRANGER: Final = UserName("noor")
PASSWORDS: Final[dict[str, str]] = {USER: "secret", STRANGER: "hidden"}
SECRET: Final = b"nobody else may see this"
"""In the mail of another user: it must never be told to this one."""

ROOM: Final = 16
"""Between two letters; more than a session can number."""
LOOKED: Final = 2
CHANGED: Final = 3
LOST: Final = MailboxId(USER, 9)
"""A mailbox that was deleted; the numbers of new ones are higher."""
NEW_NUMBERS: Final = 10
CONTENT: Final = b"From: mira@example.org\r\nSubject: road\r\n\r\nA post every day.\r\n"
DATE: Final = datetime(2023, 1, 28, 23, 30, 5, tzinfo=UTC)


def uid_of(entry: Entry, earlier: Iterable[Entry]) -> int:
    """The UID of an entry, which those before it in the view may push up when they lie in the same room."""
    if not entry.forgotten:
        return ROOM * (entry.place + 1)
    return ROOM * entry.place + 1 + sum(other.forgotten and other.place == entry.place for other in earlier)


def uids_of(entries: tuple[Entry, ...]) -> tuple[int, ...]:
    """The UIDs of a view, ascending as the view is (RFC 9051 §2.3.1.2)."""
    return tuple(uid_of(entry, entries[:number]) for number, entry in enumerate(entries))


def mailbox_id(index: int) -> MailboxId:
    """The id of a mailbox by its index in ``Store.boxes``."""
    return LOST if index == LOST_BOX else MailboxId(USER, index + 1)


def thaw_mailbox(index: int, box: Box, changed: frozenset[int], stale: bool) -> Mailbox:
    """A mailbox of the model; ``changed`` and ``stale`` as the session that has it selected sees it."""
    uids = [ROOM * place for place in range(1, len(box.letters) + 2)]
    mailbox = Mailbox(mailbox_id(index), box.name, uidvalidity=index + 1, uidnext=uids[-1])
    mailbox.highest_modseq = mailbox.stamp = CHANGED if stale else LOOKED
    mailbox.recent_from = uids[len(box.letters) - box.unclaimed]
    for place, letter in enumerate(box.letters):
        modseq = CHANGED if place in changed else LOOKED
        if letter.alive:
            mailbox.messages[uids[place]] = Message(uids[place], letter.flags, modseq, DATE, CONTENT)
        else:
            mailbox.expunged[uids[place]] = modseq
    return mailbox


def thaw_store(store: Store, held: Held) -> ModelStore:
    """A store with these mailboxes, as the session ``held`` finds it."""
    model = ModelStore(dict(PASSWORDS), now=lambda: DATE, uidvalidities=count(NEW_NUMBERS + 1))
    account = Account(USER, subscriptions=set(store.subscribed), last_number=NEW_NUMBERS)
    for index, box in enumerate(store.boxes):
        mine = index == held.box
        mailbox = thaw_mailbox(index, box, frozenset(held.changed if mine else ()), mine and held.stale)
        account.mailboxes[index + 1] = mailbox
    model.world.accounts[USER] = account
    return model


def inhabited(store: ModelStore) -> ModelStore:
    """The store with the mail of another user in it, too: for the server, which must leave it alone."""
    store.world.accounts[STRANGER] = strange_account()
    return store


def strange_account() -> Account:
    """Mail of another user, none of whose names, messages and numbers ours may hear of."""
    inbox = thaw_mailbox(0, Box("INBOX", (Letter(),)), frozenset(), stale=False)
    inbox.messages[ROOM] = Message(ROOM, (b"$Strange",), LOOKED, DATE, b"Subject: " + SECRET + b"\r\n\r\n")
    return Account(STRANGER, {1: inbox}, {"strange"}, NEW_NUMBERS)


def thaw_memory(held: Held) -> Memory:
    """What the server remembers of the session."""
    user = "" if held.state in (State.NOT_AUTHENTICATED.value, State.LOGOUT.value) else USER
    selection = None if held.box == NO_BOX else thaw_selection(held)
    return Memory(held.state, user, frozenset(held.enabled), held.idling, selection)


def thaw_selection(held: Held) -> Selection:
    """What the server remembers of the selected mailbox."""
    numbered = tuple(zip(uids_of(held.entries), held.entries, strict=True))
    return Selection(
        mailbox=mailbox_id(held.box),
        name=held.name,
        read_only=held.read_only,
        view=tuple(uid for uid, _ in numbered),
        present=tuple(uid for uid, entry in numbered if entry.present),
        mod_sequence=LOOKED,
        settled=LOOKED if held.settled else LOOKED - 1,
        stamp=LOOKED,
        keywords=held.keywords,
        recent=tuple(uid for uid, entry in numbered if entry.recent),
        saved=tuple(uid for uid, entry in numbered if entry.saved),
    )


def thaw_model(store: Store, held: Held) -> ProtocolModel:
    """The protocol model with this one session, on a store of its own."""
    model = ProtocolModel(thaw_store(store, held))
    for index, box in enumerate(store.boxes):
        model.uidvalidities.observe_named(box.name, mailbox_id(index), index + 1)
    fill(model.connect(0), held)
    return model


def fill(session: Session, held: Held) -> None:
    """What the model knows of the session."""
    session.state = State(held.state)
    session.enabled = set(held.enabled)
    session.idling = held.idling
    if session.state in (State.AUTHENTICATED, State.SELECTED):
        session.user = USER
    if held.box != NO_BOX:
        session.mailbox = mailbox_id(held.box)
        session.read_only = held.read_only
        session.view = list(uids_of(held.entries))
        session.last_uid = max([ROOM * held.told, *session.view])
        session.known = {uid: frozenset(each.known) for uid, each in zip(session.view, held.entries, strict=True)}
        session.recent = {uid: each.recent for uid, each in zip(session.view, held.entries, strict=True)}
        session.saved = tuple(uid for uid, each in zip(session.view, held.entries, strict=True) if each.saved)
        session.listed = set(held.listed)
