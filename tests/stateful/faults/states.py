"""Faults of the states: commands where they are not valid, transitions, logging in and out (RFC 9051 §3, §6.1, §6.2)."""

from angarium.engine.imap.asks import Asking, Outcome, bad, no, ok
from angarium.engine.imap.commands import auth, select
from angarium.engine.imap.state import Session, State
from angarium.engine.imap.tables import ANY, AUTHENTICATED_OR_SELECTED, NOT_AUTHENTICATED, ONLY_SELECTED
from angarium.engine.operations import StoreError, UserName
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import CapabilityData, Condition, Enabled, IdData, NamespaceData
from stateful.faults.changes import altered, answers, both, row, transition, unsaid
from stateful.faults.fault import fault

AUTHENTICATED = (State.AUTHENTICATED,)
OK, NO = Condition.OK, Condition.NO


def log_in_anybody(session: Session, command: c.Login) -> Outcome:
    return auth.logged_in(session, UserName(command.userid.decode()))


def enable_nothing(session: Session, command: c.Enable) -> Asking[Outcome]:
    yield Enabled(tuple(name for name in command.capabilities if name.upper() in auth.SPELLINGS))
    return ok("ENABLE completed")


def keep_what_was_selected(session: Session, command: c.Select) -> Asking[Outcome]:
    before = session.selected
    try:
        return (yield from select.select(session, command))
    except StoreError:
        session.selected = before
        raise


def refuse(outcome: Outcome) -> Outcome:
    return no("not today")


def misspell(outcome: Outcome) -> Outcome:
    return bad("what?")


FAULTS = (
    fault("STATUS is answered before LOGIN", "rfc9051-3-1", row(c.Status, valid_in=ANY)),
    fault("LIST is answered before LOGIN", "rfc9051-3-1 rfc9051-11.5-1", row(c.List, valid_in=ANY)),
    fault("APPEND is answered before LOGIN", "rfc9051-3-1", row(c.Append, valid_in=ANY)),
    fault("SELECT is answered before LOGIN", "rfc9051-3-1", row(c.Select, valid_in=ANY)),
    fault("LOGIN is possible again after LOGIN", "rfc9051-6.2-1", row(c.Login, valid_in=ANY)),
    fault(
        "CHECK is answered where nothing is selected",
        "rfc9051-3-1",
        row(c.Check, valid_in=AUTHENTICATED_OR_SELECTED, rights=()),
    ),
    fault("UNSELECT is answered where nothing is selected", "rfc3691-2-3", row(c.Unselect, valid_in=AUTHENTICATED_OR_SELECTED)),
    fault("NOOP is refused before LOGIN", "rfc9051-6.1.2-1", row(c.Noop, valid_in=AUTHENTICATED_OR_SELECTED)),
    fault("CAPABILITY is refused after LOGIN", "rfc9051-6.1.1-1", row(c.Capability, valid_in=NOT_AUTHENTICATED)),
    fault("LOGOUT is refused before LOGIN", "rfc9051-3.4-1", row(c.Logout, valid_in=AUTHENTICATED_OR_SELECTED)),
    fault("ID is refused where a mailbox is selected", "rfc2971-3.1-1", row(c.Id, valid_in=(*NOT_AUTHENTICATED, *AUTHENTICATED))),
    fault("STATUS is refused where a mailbox is selected", "rfc9051-6.3.11-4", row(c.Status, valid_in=AUTHENTICATED)),
    fault("IDLE is refused where nothing is selected", "rfc2177-3-2", row(c.Idle, valid_in=ONLY_SELECTED)),
    fault("LOGIN leads nowhere", "rfc9051-6.2.3-2", transition(State.NOT_AUTHENTICATED, c.Login, OK, State.NOT_AUTHENTICATED)),
    fault("SELECT leads nowhere", "rfc9051-6.3.2-1", transition(State.AUTHENTICATED, c.Select, OK, State.AUTHENTICATED)),
    fault(
        "a failed SELECT stays in the selected state",
        "rfc9051-6.3.2-7",
        both(row(c.Select, handler=keep_what_was_selected), transition(State.SELECTED, c.Select, NO, State.SELECTED)),
    ),
    fault("CLOSE leaves the mailbox selected", "rfc9051-6.4.1-1", transition(State.SELECTED, c.Close, OK, State.SELECTED)),
    fault("UNSELECT leaves the mailbox selected", "rfc9051-6.4.2-1", transition(State.SELECTED, c.Unselect, OK, State.SELECTED)),
    fault("UNSELECT logs out of the account", "rfc3691-2-1", transition(State.SELECTED, c.Unselect, OK, State.NOT_AUTHENTICATED)),
    fault(
        "LOGOUT before LOGIN does not close",
        "rfc9051-6.1.3-2",
        transition(State.NOT_AUTHENTICATED, c.Logout, OK, State.NOT_AUTHENTICATED),
    ),
    fault(
        "LOGOUT after LOGIN does not close", "rfc9051-6.1.3-2", transition(State.AUTHENTICATED, c.Logout, OK, State.AUTHENTICATED)
    ),
    fault(
        "LOGOUT from a mailbox only leaves it", "rfc9051-6.1.3-2", transition(State.SELECTED, c.Logout, OK, State.AUTHENTICATED)
    ),
    fault("LOGOUT says no BYE", "rfc9051-6.1.3-1", row(c.Logout, handler=lambda session, command: ok("LOGOUT completed"))),
    fault("any password will do", "rfc9051-6.2.3-2", row(c.Login, handler=log_in_anybody)),
    fault("the right password is refused", "rfc9051-6.2.3-2", answers(c.Login, refuse)),
    fault("a wrong password is BAD", "rfc9051-6.2.3-2", row(c.Login, handler=lambda session, command: bad("try again"))),
    fault("ENABLED is told, and nothing enabled", "rfc9051-6.3.1-3 rfc7162-3.2.3-3", row(c.Enable, handler=enable_nothing)),
    fault("ENABLE is answered without ENABLED", "rfc9051-6.3.1-4", unsaid(Enabled)),
    fault(
        "ENABLED names what nobody knows",
        "rfc9051-7.2.1-1",
        altered(Enabled, lambda data: Enabled((*data.capabilities, b"X-ALL"))),
    ),
    fault("ENABLE fails for a name that is not known", "rfc9051-6.3.1-1", answers(c.Enable, refuse)),
    fault("CAPABILITY is answered without CAPABILITY", "rfc9051-6.1.1-1", unsaid(CapabilityData)),
    fault(
        "no revision of IMAP is among the capabilities",
        "rfc9051-7.2.2-1",
        altered(CapabilityData, lambda data: CapabilityData((b"IDLE",))),
    ),
    fault("ID is answered without ID", "rfc2971-3.2-1", unsaid(IdData)),
    fault(
        "NAMESPACE tells of no personal namespace", "rfc9051-5.1.2-1", altered(NamespaceData, lambda data: NamespaceData(None))
    ),
    fault("NOOP is BAD", "rfc9051-6.1.2-1", answers(c.Noop, misspell)),
)
