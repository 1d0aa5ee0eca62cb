"""Mailboxes as a whole: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4-§6.3.8)."""

from contextlib import suppress
from typing import Final

from angarium.engine.imap.asks import Asking, Outcome, Refused, no, ok
from angarium.engine.imap.list_selection import list_data
from angarium.engine.imap.state import Session, State
from angarium.engine.imap.visible import visible
from angarium.engine.operations import (
    SEPARATOR,
    CreatedMailbox,
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    MailboxStatus,
    RenameMailbox,
    SetSubscription,
    StoreError,
)
from angarium.grammar.imap.commands import Create, Delete, Rename, Subscribe, Unsubscribe
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged

SPECIAL_USES: Final = {use.lower(): use for use in (rb"\Archive", rb"\Drafts", rb"\Important", rb"\Junk", rb"\Sent", rb"\Trash")}
"""What a client may say a new mailbox is for (RFC 6154 §2, RFC 8457 §3).

\\All and \\Flagged would have to hold what is elsewhere; \\Important need not, it holds what its owner puts there."""


def tell_old_name(session: Session, old: str, name: str) -> Asking[None]:
    """Tell which name stands for the one that was not normalized, where the client knows OLDNAME (RFC 9051 §6.3.9.7).

    The command has been carried out by now, so a store too busy to list mailboxes must not make it fail.
    """
    if session.revision2:
        with suppress(StoreError):
            yield list_data((yield from visible(session, (name,) if session.place(name).is_foreign else ())), name, old_name=old)


def create(session: Session, command: Create) -> Asking[Outcome]:
    """Make a mailbox and missing parents; a trailing separator only declares an intention (RFC 9051 §6.3.4).

    The answer tells the MAILBOXID (RFC 8474 §4.1). A special use that cannot be given is refused first (RFC 6154 §3).
    """
    asked = command.mailbox.removesuffix(SEPARATOR)
    place, uses = session.place(asked), special_uses(command.special_use or ())
    if place.is_foreign and uses:
        return no("what a mailbox is for its owner says", Code.USEATTR)
    created: CreatedMailbox = yield CreateMailbox(place.owner, place.name, uses)
    name = place.full(place.name)
    if name != asked:
        yield from tell_old_name(session, asked, name)
    return ok("CREATE completed", Code.MAILBOXID, created.object_id) if created.object_id else ok("CREATE completed")


def special_uses(asked: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The special uses as they will be listed; of one that no mailbox can have USEATTR tells (RFC 6154 §3)."""
    unknown = [use for use in asked if use.lower() not in SPECIAL_USES]
    if unknown:
        raise Refused(no(f"no mailbox can have the use {unknown[0].decode('ascii')}", Code.USEATTR))
    return tuple(dict.fromkeys(SPECIAL_USES[use.lower()] for use in asked))


def delete(session: Session, command: Delete) -> Asking[Outcome]:
    """Remove a mailbox (RFC 9051 §6.3.5). A client that deletes the one it has selected has nothing selected afterwards."""
    place = session.place(command.mailbox)
    name, doomed_is_selected = place.full(place.name), False
    if session.selected is not None:
        found: tuple[MailboxStatus | None, ...] = yield FetchStatus(place.owner, (place.name,), frozenset())
        doomed_is_selected = found[0] is not None and found[0].id == session.selected.id
    yield DeleteMailbox(place.owner, place.name)
    if doomed_is_selected:
        session.selected = None
        session.state = State.AUTHENTICATED
        yield Untagged(Condition.OK, "the selected mailbox has been deleted", ResponseCode(Code.CLOSED))
    if name != command.mailbox:
        yield from tell_old_name(session, command.mailbox, name)
    return ok("DELETE completed")


def rename(session: Session, command: Rename) -> Asking[Outcome]:
    """Rename a mailbox and those below it; of INBOX the messages move (RFC 9051 §6.3.6)."""
    asked = command.new_name.removesuffix(SEPARATOR)
    old, new = session.place(command.mailbox), session.place(asked)
    if old.owner != new.owner:
        return no("a mailbox stays with its owner", Code.CANNOT)
    if old.is_foreign and old.name == "INBOX":
        return no("another user's INBOX cannot be renamed", Code.CANNOT)
    yield RenameMailbox(old.owner, old.name, new.name)
    if (old.full(old.name), new.full(new.name)) != (command.mailbox, asked):
        yield from tell_old_name(session, command.mailbox, new.full(new.name))
    return ok("RENAME completed")


def subscribe(session: Session, command: Subscribe) -> Asking[Outcome]:
    """Add a name to the subscribed ones (RFC 9051 §6.3.7)."""
    place = session.place(command.mailbox)
    yield SetSubscription(session.user, place.full(place.name), subscribed=True)
    return ok("SUBSCRIBE completed")


def unsubscribe(session: Session, command: Unsubscribe) -> Asking[Outcome]:
    """Take a name from the subscribed ones (RFC 9051 §6.3.8)."""
    place = session.place(command.mailbox)
    yield SetSubscription(session.user, place.full(place.name), subscribed=False)
    return ok("UNSUBSCRIBE completed")
