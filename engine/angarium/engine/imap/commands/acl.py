"""Access control lists: SETACL, DELETEACL, GETACL, LISTRIGHTS, MYRIGHTS (RFC 4314 §3). Who may is in ``tables``."""

from angarium.engine.acl import RIGHTS, VIRTUAL, identifier, rights, shown
from angarium.engine.imap.asks import Asking, Outcome, Refused, bad, no, ok
from angarium.engine.imap.state import Session
from angarium.engine.namespaces import Place
from angarium.engine.operations import ChangeAcl, MailboxNotFound, ReadAcl, ReadRights
from angarium.grammar.imap.commands import DeleteAcl, GetAcl, ListRights, MyRights, SetAcl, StoreMode
from angarium.grammar.imap.responses import AclData, Code, ListRightsData, MyRightsData

MODES = {b"+": StoreMode.ADD, b"-": StoreMode.REMOVE}


def place_of(session: Session, mailbox: str) -> Place:
    """The mailbox meant; without namespaces there are no lists."""
    if session.namespaces is None:
        raise Refused(bad("ACL is not offered here"))
    return session.place(mailbox)


def set_acl(session: Session, command: SetAcl) -> Asking[Outcome]:
    """Change what an identifier may do (RFC 4314 §3.1)."""
    place = place_of(session, command.mailbox)
    mode = MODES.get(command.rights[:1], StoreMode.REPLACE)
    try:
        letters = rights(command.rights if mode is StoreMode.REPLACE else command.rights[1:])
    except ValueError:
        return bad("there is a right that is not supported")
    yield ChangeAcl(place.owner, place.name, _changeable(place, command.identifier), mode, letters)
    return ok("SETACL completed")


def delete_acl(session: Session, command: DeleteAcl) -> Asking[Outcome]:
    """Remove what is said of an identifier (RFC 4314 §3.2)."""
    place = place_of(session, command.mailbox)
    yield ChangeAcl(place.owner, place.name, _changeable(place, command.identifier), StoreMode.REPLACE, "")
    return ok("DELETEACL completed")


def _prepared(octets: bytes) -> str:
    try:
        return identifier(octets)
    except ValueError:
        raise Refused(bad("that is no identifier")) from None


def _changeable(place: Place, octets: bytes) -> str:
    """The identifier as it is kept; nothing can be given to or taken from the owner (RFC 4314 §2)."""
    name = _prepared(octets)
    if name.removeprefix("-") == place.owner:
        raise Refused(no("the owner of a mailbox has every right", Code.CANNOT))
    return name


def get_acl(session: Session, command: GetAcl) -> Asking[Outcome]:
    """Tell the list, the owner's rights first (RFC 4314 §3.3, §3.6)."""
    place = place_of(session, command.mailbox)
    entries: tuple[tuple[str, str], ...] = yield ReadAcl(place.owner, place.name)
    pairs = ((name.encode(), shown(letters)) for name, letters in ((place.owner, RIGHTS), *entries))
    yield AclData(place.full(place.name), tuple(pairs))
    return ok("GETACL completed")


def list_rights(session: Session, command: ListRights) -> Asking[Outcome]:
    """Tell what can be granted: to the owner nothing that is not there, to others each right by itself (RFC 4314 §3.4, §3.7).

    The identifier is repeated as it came.
    """
    place, name = place_of(session, command.mailbox), _prepared(command.identifier)
    yield ReadAcl(place.owner, place.name)
    owner = name == place.owner
    optional = () if owner or name == f"-{place.owner}" else tuple(letter.encode() for letter in (*RIGHTS, *VIRTUAL))
    yield ListRightsData(place.full(place.name), command.identifier, shown(RIGHTS) if owner else b"", optional)
    return ok("LISTRIGHTS completed")


def my_rights(session: Session, command: MyRights) -> Asking[Outcome]:
    """Tell what the user may do (RFC 4314 §3.5, §3.8)."""
    place = place_of(session, command.mailbox)
    letters = session.granted
    if letters is None:
        letters = yield ReadRights(session.user, place.owner, (place.name,))
        if not letters:
            raise MailboxNotFound
    yield MyRightsData(place.full(place.name), shown(letters))
    return ok("MYRIGHTS completed")
