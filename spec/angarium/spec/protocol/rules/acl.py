"""Access control lists (RFC 4314), and MYRIGHTS with LIST (RFC 8440). All names of a history are the user's own."""

from typing import Any, Final

from angarium.engine.acl import RIGHTS, VIRTUAL, identifier, rights, shown
from angarium.engine.operations import ChangeAcl, ReadAcl, ReadRights
from angarium.grammar.imap.commands import DeleteAcl, GetAcl, List, ListReturn, ListRights, MyRights, SetAcl, StoreMode
from angarium.grammar.imap.responses import AclData, Condition, ListData, ListRightsData, MyRightsData, Response
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import expect_outcome
from angarium.spec.protocol.replay import Told, require_only_updates
from angarium.spec.protocol.turn import Turn

MODES: Final = {b"+": StoreMode.ADD, b"-": StoreMode.REMOVE}


class Malformed:
    """The outcome of a command whose identifier or rights are none."""


def _parsed(octets: bytes) -> str | None:
    try:
        return identifier(octets)
    except ValueError:
        return None


def change(turn: Turn, command: SetAcl | DeleteAcl) -> Any:
    """Change the list, where the arguments mean something (RFC 4314 §3.1, §3.2)."""
    name, mode, letters = _parsed(command.identifier), StoreMode.REPLACE, b""
    if isinstance(command, SetAcl):
        mode = MODES.get(command.rights[:1], StoreMode.REPLACE)
        letters = command.rights if mode is StoreMode.REPLACE else command.rights[1:]
    try:
        wanted = rights(letters)
    except ValueError:
        return Malformed()
    if name is None:
        return Malformed()
    return turn.attempt(ChangeAcl(turn.session.user, command.mailbox, name, mode, wanted))


def changed(turn: Turn, command: SetAcl | DeleteAcl, outcome: Any) -> None:
    """Done, or refused as it has to be (RFC 4314 §3, §3.1)."""
    if isinstance(outcome, Malformed):
        may_know = not turn.exact and turn.answer.condition is Condition.OK  # rights of its own (RFC 4314 §2.2)
        conditions = {Condition.BAD, Condition.OK} if may_know else {Condition.BAD}
        turn.answer.expect(*conditions, rule="RFC 4314 §3.1: an unknown right or no identifier is BAD")
    else:
        expect_outcome(turn.answer, outcome)
    require_only_updates(turn.replay())


def look(turn: Turn, command: GetAcl | MyRights) -> Any:
    """The list there is (RFC 4314 §3.3)."""
    return turn.attempt(ReadAcl(turn.session.user, command.mailbox))


def getacl(turn: Turn, command: GetAcl, outcome: Any) -> None:
    """One ACL response, of this mailbox, with what has been granted (RFC 4314 §3.6)."""
    if not expect_outcome(turn.answer, outcome):
        require_only_updates(turn.replay())
        return
    told = _data(turn.replay(), AclData)
    require([each.mailbox for each in told] == [command.mailbox], "RFC 4314 §3.6: one ACL, of this mailbox", told)
    entries = dict(told[0].entries)
    for letters in entries.values():
        require_virtual(letters)
    if turn.exact:
        granted = {name.encode(): shown(letters) for name, letters in outcome}
        owner = turn.session.user.encode()
        require(entries == {owner: shown(RIGHTS)} | granted, "RFC 4314 §3.3: the list as it is", entries, granted)


def look_up(turn: Turn, command: ListRights) -> Any:
    """What the identifier is (RFC 4314 §3)."""
    return Malformed() if _parsed(command.identifier) is None else turn.attempt(ReadAcl(turn.session.user, command.mailbox))


def listrights(turn: Turn, command: ListRights, outcome: Any) -> None:
    """One LISTRIGHTS response, in which no right stands twice (RFC 4314 §3.4, §3.7)."""
    if isinstance(outcome, Malformed):
        turn.answer.expect(Condition.BAD, rule="RFC 4314 §3: LISTRIGHTS of what is no identifier is BAD")
        require_only_updates(turn.replay())
        return
    if not expect_outcome(turn.answer, outcome):
        require_only_updates(turn.replay())
        return
    told = _data(turn.replay(), ListRightsData)
    named = [(each.mailbox, each.identifier) for each in told]
    asked = [(command.mailbox, command.identifier)]
    require(named == asked, "RFC 4314 §3.4: one LISTRIGHTS, with the identifier as it was sent", told)
    letters = told[0].required + b"".join(told[0].optional)
    require(len(letters) == len(set(letters)), "RFC 4314 §3.7: no right is listed twice", told)
    require_virtual(letters)


def myrights(turn: Turn, command: MyRights, outcome: Any) -> None:
    """One MYRIGHTS response; an owner has every right (RFC 4314 §3.5, §3.8)."""
    if not expect_outcome(turn.answer, outcome):
        require_only_updates(turn.replay())
        return
    told = _data(turn.replay(), MyRightsData)
    require([each.mailbox for each in told] == [command.mailbox], "RFC 4314 §3.8: one MYRIGHTS, of this mailbox", told)
    require_rights(turn, told[0])


def require_rights(turn: Turn, told: MyRightsData) -> None:
    """The rights that the user has (RFC 4314 §3.8)."""
    require_virtual(told.rights)
    if turn.exact:
        granted = turn.attempt(ReadRights(turn.session.user, turn.session.user, (told.mailbox,)))
        require(told.rights == shown(granted), "RFC 4314 §3.5: the rights that the user has", told, granted)


def require_virtual(letters: bytes) -> None:
    """The obsolete rights stand beside those they are made of; ``x`` may belong to either (RFC 4314 §2.1.1)."""
    for name, members in VIRTUAL.items():
        made_of = set(members.replace("x", "")).intersection(letters.decode("ascii", "replace"))
        require(not made_of or name.encode() in letters, "RFC 4314 §2.1.1: c and d stand beside what they are made of", letters)


def check_list_rights(turn: Turn, command: List, selected: set[str], told: Told) -> None:
    """RETURN (MYRIGHTS) brings the rights on what was selected, after its LIST, and nothing else does (RFC 8440 §3)."""
    names = [each.mailbox for each in _data(told, MyRightsData)]
    asked = ListReturn.MYRIGHTS in command.returns
    allowed = selected if asked else set()
    require(set(names) <= allowed and len(names) == len(set(names)), "RFC 8440 §3: MYRIGHTS of what was listed", names, selected)
    require(not asked or not turn.exact or allowed == set(names), "RFC 8440 §3: MYRIGHTS where it was asked for", names, allowed)
    listed: set[str] = set()
    for each in told.data:
        if isinstance(each, ListData):
            listed.add(each.mailbox)
        elif isinstance(each, MyRightsData):
            require(each.mailbox in listed, "RFC 8440 §3: MYRIGHTS comes after LIST", each)
            require_rights(turn, each)


def _data(told: Told, kind: type[Any]) -> list[Any]:
    found: list[Response] = [each for each in told.data if isinstance(each, kind)]
    return found
