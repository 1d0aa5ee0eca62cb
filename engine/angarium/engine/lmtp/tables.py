"""LMTP as two tables: which command is valid where, and where it leads (RFC 2033 §4, RFC 5321 §4.1.4, RFC 3030 §2)."""

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from angarium.engine.lmtp import commands as carry
from angarium.engine.lmtp.session import Outcome, State
from angarium.grammar.lmtp.commands import Bdat, Data, Expn, Greet, Help, Lhlo, Mail, Noop, Quit, Rcpt, Rset, Vrfy

CONNECTED, READY, SENDER, RECIPIENTS, CHUNKS = State
OK, OVER, NO = Outcome


@frozen
class Command:
    """A row: elsewhere than in ``valid_in`` the answer is 503 with ``out_of_place``."""

    name: str
    value: type
    carry_out: Callable[[Any, Any], carry.Carried]
    valid_in: frozenset[State]
    source: str
    out_of_place: str = "Bad sequence of commands"


ANY: Final = frozenset(State)
IN_TRANSACTION: Final = frozenset({SENDER, RECIPIENTS, CHUNKS})

COMMANDS: Final = (
    # name            value  function         valid in                       source                  elsewhere
    Command("LHLO", Lhlo, carry.lhlo, ANY, "RFC 2033 §4.1"),
    Command("HELO, EHLO", Greet, carry.greet, ANY, "RFC 2033 §4.1"),
    Command("MAIL", Mail, carry.mail, frozenset({READY}), "RFC 5321 §4.1.1.2", "LHLO first, one transaction at a time"),
    Command("RCPT", Rcpt, carry.rcpt, frozenset({SENDER, RECIPIENTS}), "RFC 5321 §4.1.1.3", "MAIL first"),
    Command("DATA", Data, carry.data, frozenset({RECIPIENTS}), "RFC 2033 §4.2", "No valid recipients"),
    Command("BDAT", Bdat, carry.bdat, IN_TRANSACTION, "RFC 3030 §2", "No transaction"),
    Command("RSET", Rset, carry.rset, ANY, "RFC 5321 §4.1.1.5"),
    Command("VRFY", Vrfy, carry.vrfy, ANY, "RFC 5321 §4.1.1.6"),
    Command("EXPN", Expn, carry.expn, ANY, "RFC 5321 §4.1.1.7"),
    Command("HELP", Help, carry.show_help, ANY, "RFC 5321 §4.1.1.8"),
    Command("NOOP", Noop, carry.noop, ANY, "RFC 5321 §4.1.1.9"),
    Command("QUIT", Quit, carry.leave, ANY, "RFC 5321 §4.1.1.10"),
)

REPLIES_MAY_WAIT: Final = frozenset({Rset, Mail, Rcpt, Bdat})
"""Commands whose replies are held back for those of further commands at hand; all others are answered at once, so that a
client can use them to get in step (RFC 2920 §3.2, RFC 3030 §4.2)."""

TRANSITIONS: Final[dict[tuple[State, type, Outcome], State]] = {  # (state, command, outcome) that is not here: the state stays
    **{(state, Lhlo, OK): READY for state in State},  # RFC 2033 §4.1, RFC 5321 §4.1.4
    (READY, Mail, OK): SENDER,  # RFC 5321 §3.3
    (SENDER, Rcpt, OK): RECIPIENTS,  # RFC 5321 §3.3
    (RECIPIENTS, Data, OVER): READY,  # RFC 2033 §4.2
    (RECIPIENTS, Bdat, OK): CHUNKS,  # RFC 3030 §2: no DATA, no RCPT any more
    **{(state, Bdat, OVER): READY for state in IN_TRANSACTION},  # RFC 2033 §4.3
    **{(state, Rset, OVER): READY for state in IN_TRANSACTION},  # RFC 5321 §4.1.1.5
}
