"""The one place where rights are checked (RFC 4314 §4, §6): before a command runs, by what its row in ``tables`` needs.

Mailboxes of the session's own user are never asked about: an owner has every right (``angarium.engine.acl``), and a name tells
whose mailbox it is (``angarium.engine.namespaces``). For every other mailbox the store is asked at each command, so a right that
has been taken away counts from the next command on.

A mailbox that is not there and one whose existence is not to be known come to the same question with the same answer, no rights,
before anything else is done; so what the client hears is the same, octet by octet.
"""

from enum import Enum
from typing import Any, Final

from attrs import frozen

from angarium.engine.acl import settable
from angarium.engine.imap.asks import Asking
from angarium.engine.imap.list_selection import ancestors
from angarium.engine.imap.state import SYSTEM_FLAGS, Selected, Session
from angarium.engine.namespaces import Place
from angarium.engine.operations import SEPARATOR, MailboxNotFound, PermissionDenied, ReadRights
from angarium.grammar.imap.commands import Select
from angarium.grammar.imap.responses import Code, Condition, FlagsData, ResponseCode, Untagged

FLAG_RIGHTS: Final = "swt"
WRITING: Final = "ie" + FLAG_RIGHTS
"""With none of these a mailbox is read-only; all flags are shared here (RFC 4314 §5.2)."""


class On(Enum):
    """Which mailbox a right is needed on."""

    MAILBOX = "mailbox"
    ABOVE = "above mailbox"
    NEW_ABOVE = "above new_name"
    SELECTED = "selected"


@frozen
class Need:
    """Rights that a command needs on a mailbox: all of ``rights``, or one of them where ``any`` says so."""

    on: On
    rights: str
    any: bool = False

    def is_met(self, rights: str) -> bool:
        """Whether somebody with ``rights`` has what is needed."""
        return (any if self.any else all)(right in rights for right in self.rights)


UNKNOWN: Final = Need(On.MAILBOX, "", any=True)
"""Never met."""


def check(session: Session, needs: tuple[Need, ...] | None, command: Any) -> Asking[None]:
    """Let a command go on, or raise what its client hears (RFC 4314 §4). What is granted stays for the handler to see.

    A row that does not say what it needs gets nothing that is not the user's own.
    """
    session.granted = None
    for need in (UNKNOWN,) if needs is None and hasattr(command, "mailbox") else needs or ():
        if need.on is On.SELECTED:
            yield from _check_selected(session, need)
        elif need.on is On.MAILBOX:
            yield from _check_mailbox(session, need, command)
        else:
            name: str = command.new_name if need.on is On.NEW_ABOVE else command.mailbox
            place = session.place(name.removesuffix(SEPARATOR))
            if place.is_foreign and not need.is_met((yield _question(session, place, tuple(ancestors(place.name))))):
                raise PermissionDenied


def _question(session: Session, place: Place, names: tuple[str, ...]) -> ReadRights:
    return ReadRights(session.user, place.owner, names)


def _check_mailbox(session: Session, need: Need, command: Any) -> Asking[None]:
    place = session.place(command.mailbox)
    if not place.is_foreign:
        return
    rights: str = yield _question(session, place, (place.name,))
    if need.is_met(rights):
        session.granted = rights
        return
    if isinstance(command, Select) and session.selected is not None:
        yield from leave(session)
    raise PermissionDenied if "l" in rights else MailboxNotFound


def readable(session: Session, name: str) -> Asking[Place]:
    """Where a mailbox is that a command reads besides those its row tells of; MailboxNotFound without the right (RFC 4314 §4)."""
    place = session.place(name)
    if place.is_foreign and "r" not in (yield _question(session, place, (place.name,))):
        raise MailboxNotFound
    return place


def leave(session: Session) -> Asking[None]:
    """Close what is selected, as every SELECT does, and say so (RFC 9051 §6.3.2)."""
    session.selected = None
    yield Untagged(Condition.OK, "previous mailbox closed", ResponseCode(Code.CLOSED))


def _check_selected(session: Session, need: Need) -> Asking[None]:
    selected = session.mailbox
    if selected.rights is not None:
        yield from renew(session)
        if not need.is_met(selected.rights):
            raise PermissionDenied


def renew(session: Session) -> Asking[None]:
    """Look again at the rights on the selected mailbox of another user, and tell what flags can be changed (RFC 4314 §5.1.1).

    Without the right to read it the mailbox is gone for this session: MailboxNotFound.
    """
    selected = session.mailbox
    rights: str = yield ReadRights(session.user, selected.id.owner, (selected.id,))
    if "r" not in rights:
        raise MailboxNotFound
    if rights != selected.rights:
        selected.rights = rights
        yield FlagsData(SYSTEM_FLAGS + selected.keywords)
        yield Untagged(Condition.OK, "flags that can be changed", ResponseCode(Code.PERMANENTFLAGS, permanent_flags(selected)))


def still_may(session: Session, rights: str) -> Asking[bool]:
    """Whether the user has all of ``rights`` on the selected mailbox now; changed ones are not told of (RFC 4314 §5.1.1)."""
    selected = session.mailbox
    if selected.rights is None:
        return True
    current: str = yield ReadRights(session.user, selected.id.owner, (selected.id,))
    return all(right in current for right in rights)


def only_reads(rights: str | None) -> bool:
    """Whether somebody with ``rights`` changes nothing in a mailbox; None: the owner (RFC 4314 §5.2)."""
    return rights is not None and not set(WRITING).intersection(rights)


def may_know_uids(session: Session) -> bool:
    """Whether APPENDUID and COPYUID may tell of the target: not to those who cannot open it (RFC 9051 §6.3.12, §6.4.7)."""
    return session.granted is None or "r" in session.granted


def flag_rights(rights: str) -> str:
    """Those rights that flags ask for."""
    return "".join(right for right in FLAG_RIGHTS if right in rights)


def permanent_flags(selected: Selected) -> tuple[bytes, ...]:
    r"""Flags that this session can change for good; ``\*``: new keywords too (RFC 9051 §7.1, RFC 4314 §5.1.1)."""
    if selected.read_only:
        return ()
    flags = SYSTEM_FLAGS + selected.keywords
    if not selected.keywords_full:
        flags += (rb"\*",)
    return flags if selected.rights is None else settable(flags, selected.rights)
