"""Commands of any state, LOGIN and ENABLE (RFC 9051 §6.1, §6.2.3, §6.3.1; RFC 2971; RFC 3501 §6.4.1)."""

from angarium.engine.operations import StoreError, UserName, VerifyPassword
from angarium.grammar.imap.commands import Capability, Check, Enable, Id, Login, Logout, Noop
from angarium.grammar.imap.responses import CapabilityData, Code, Condition, Enabled, IdData, Untagged
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_modseq, require_only_updates, require_synchronized
from angarium.spec.protocol.session import State
from angarium.spec.protocol.turn import Turn

ENABLES = {
    b"IMAP4REV2": {b"IMAP4REV2"},
    b"CONDSTORE": {b"CONDSTORE"},
    b"QRESYNC": {b"QRESYNC", b"CONDSTORE"},
    b"UIDONLY": {b"UIDONLY"},
}
"""What ENABLE turns on; QRESYNC brings CONDSTORE (RFC 7162 §3.2.3)."""


def capability(turn: Turn, command: Capability, outcome: None) -> None:
    """One CAPABILITY response that names a revision (RFC 9051 §6.1.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.1.1: CAPABILITY is OK in any state")
    told = turn.replay()
    listed = [each for each in told.data if isinstance(each, CapabilityData)]
    require(len(listed) == 1, "RFC 9051 §6.1.1: one untagged CAPABILITY", told.data)
    names = {name.upper() for name in listed[0].capabilities}
    require(bool({b"IMAP4REV1", b"IMAP4REV2"} & names), "RFC 9051 §7.2.2: the revisions are listed", names)


def noop(turn: Turn, command: Noop | Check, outcome: None) -> None:
    """NOOP is the poll: after it the client knows all (RFC 9051 §6.1.2; CHECK likewise, RFC 3501 §6.4.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.1.2: NOOP is OK")
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    require_synchronized(turn.moments, turn.session, "RFC 9051 §6.1.2: NOOP tells what is new", flags=turn.exact)


def logout(turn: Turn, command: Logout, outcome: None) -> None:
    """BYE, then OK (RFC 9051 §6.1.3)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.1.3: LOGOUT is OK in any state")
    byes = [each for each in turn.answer.untagged if isinstance(each, Untagged) and each.condition is Condition.BYE]
    require(len(byes) == 1, "RFC 9051 §6.1.3: BYE before the tagged OK", turn.answer.untagged)
    turn.session.deselect()
    turn.session.state = State.LOGOUT


def id_(turn: Turn, command: Id, outcome: None) -> None:
    """One ID response (RFC 2971 §3.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 2971 §3.1: ID is OK")
    told = turn.replay()
    require(sum(isinstance(each, IdData) for each in told.data) == 1, "RFC 2971 §3.2: one untagged ID", told.data)


def login(turn: Turn, command: Login, outcome: None) -> None:
    """The password decides (RFC 9051 §6.2.3)."""
    name, password = command.userid.decode("utf-8", "replace"), command.password.decode("utf-8", "replace")
    user = turn.attempt(VerifyPassword(name, password))
    if turn.answer.code is Code.PRIVACYREQUIRED:
        turn.answer.expect(Condition.NO, rule="RFC 5530 §3: PRIVACYREQUIRED goes with NO")
        return
    if isinstance(user, StoreError):
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.2.3: a wrong password is NO")
        silent = turn.answer.codes_optional and turn.answer.code is None
        failed = turn.answer.code is Code.AUTHENTICATIONFAILED
        require(failed or silent, "RFC 5530 §3: AUTHENTICATIONFAILED", turn.answer.tagged)
        return
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.2.3: the right password is OK")
    turn.session.state, turn.session.user = State.AUTHENTICATED, UserName(user)


def enable(turn: Turn, command: Enable, outcome: None) -> None:
    """Turns on what is known, tells what was turned on (RFC 9051 §6.3.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.1: ENABLE is OK")
    known = [name.upper() for name in command.capabilities if name.upper() in ENABLES and turn.session.offers(name.upper())]
    turn.session.enabled |= set().union(*(ENABLES[name] for name in known))
    told = turn.replay()
    listed = [each for each in told.data if isinstance(each, Enabled)]
    require(len(listed) == 1, "RFC 9051 §6.3.1: one untagged ENABLED", told.data)
    names = {name.upper() for name in listed[0].capabilities}
    if not turn.exact:  # it may turn on what we do not know, and name what QRESYNC brings
        known += [brought for name in known for brought in ENABLES[name]]
        known += [name for name in map(bytes.upper, command.capabilities) if name not in ENABLES and turn.session.offers(name)]
    require(names <= set(known), "RFC 9051 §7.2.1: ENABLED names what this command turned on", names, known)
