"""The commands of IMAP and the states they lead to, as data: read beside RFC 9051 §3 and §6.

``connection.py`` looks here before it lets a handler run, so a handler never asks for the state. What a table cannot say is
listed at the top of ``state.py``. ``angarium.spec.print_tables`` prints this page as ``docs/protocol/imap.md``.
"""

from collections.abc import Callable
from enum import Flag, auto
from typing import Any, Final

from attrs import frozen

from angarium.engine.acl import ANY_OF
from angarium.engine.imap.asks import Asking, Outcome
from angarium.engine.imap.commands.acl import delete_acl, get_acl, list_rights, my_rights, set_acl
from angarium.engine.imap.commands.any import capability, check, identify, logout, noop
from angarium.engine.imap.commands.append import append
from angarium.engine.imap.commands.auth import authenticate, enable, login, start_tls
from angarium.engine.imap.commands.cancelupdate import cancelupdate
from angarium.engine.imap.commands.compress import compress
from angarium.engine.imap.commands.copy import copy, move
from angarium.engine.imap.commands.expunge import expunge
from angarium.engine.imap.commands.fetch import fetch
from angarium.engine.imap.commands.idle import idle
from angarium.engine.imap.commands.list import list_names, lsub, namespace, status
from angarium.engine.imap.commands.mailboxes import create, delete, rename, subscribe, unsubscribe
from angarium.engine.imap.commands.replace import replace
from angarium.engine.imap.commands.search import search
from angarium.engine.imap.commands.select import close, select, unselect
from angarium.engine.imap.commands.sort import sort, thread
from angarium.engine.imap.commands.store import store
from angarium.engine.imap.commands.unauthenticate import unauthenticate
from angarium.engine.imap.rights import Need, On
from angarium.engine.imap.state import State
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Condition


class Seqs(Flag):
    """What a command has to do with message sequence numbers (RFC 9051 §5.5, §7.5.1)."""

    NONE = 0
    USES = auto()
    """it may name messages by number, so it must not be pipelined behind one that BREAKS"""
    BREAKS = auto()
    """EXPUNGE or VANISHED may be among its answers, so numbers may have moved after it"""
    BREAKS_AS_UID = auto()
    """so only in its UID form (see ``state.may_expunge``)"""


# Tuples: they are asked for every command, and a member is found in one without hashing.
ANY: Final = (State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED)
NOT_AUTHENTICATED: Final = (State.NOT_AUTHENTICATED,)
AUTHENTICATED_OR_SELECTED: Final = (State.AUTHENTICATED, State.SELECTED)
ONLY_SELECTED: Final = (State.SELECTED,)


@frozen
class Command:
    """A row of ``COMMANDS``: the value a line becomes, who answers it, and in which states it is valid.

    ``needs`` is the capability that stands for it where it is no part of IMAP4rev1; ``rights`` what the user must be allowed on
    which mailbox, where it is somebody else's (RFC 4314 §4, ``rights.check``); ``polls`` whether the session is told of changes
    to its mailbox before the tagged response.
    """

    name: str
    value: type
    handler: Callable[..., Asking[Outcome] | Outcome]
    valid_in: tuple[State, ...]
    seqs: Seqs
    needs: str | None
    source: str
    rights: tuple[Need, ...] | None = None
    polls: bool = True


_SAFE: Final = Seqs.BREAKS
_FETCH: Final = Seqs.USES | Seqs.BREAKS_AS_UID
_BOTH: Final = Seqs.USES | Seqs.BREAKS

# Rights, by RFC 4314 §4. What LIST, LSUB and NAMESPACE show is filtered; a subscription is the subscriber's own.
FREE: Final[tuple[Need, ...]] = ()
_READ: Final = (Need(On.MAILBOX, "r"),)
_MAKE: Final = (Need(On.ABOVE, "k"),)
_UNMAKE: Final = (Need(On.MAILBOX, "x"),)
_MOVE_BOX: Final = (Need(On.MAILBOX, "x"), Need(On.NEW_ABOVE, "k"))
_ADMINISTER: Final = (Need(On.MAILBOX, "a"),)
_ASK: Final = (Need(On.MAILBOX, ANY_OF, any=True),)
_INSERT: Final = (Need(On.MAILBOX, "i"),)
_LOOK: Final = (Need(On.SELECTED, "r"),)  # which flags STORE and FETCH may change is asked for by them
_EXPUNGE: Final = (Need(On.SELECTED, "e"),)
_COPY: Final = (*_LOOK, *_INSERT)
_MOVE: Final = (Need(On.SELECTED, "rte"), *_INSERT)  # RFC 6851 §4.2, RFC 8508 §4.1

COMMANDS: Final = (
    # name          value            handler       valid in                   numbers     needs           source          rights
    Command("CAPABILITY", c.Capability, capability, ANY, _SAFE, None, "RFC 9051 §6.1.1", FREE),
    Command("NOOP", c.Noop, noop, ANY, _SAFE, None, "RFC 9051 §6.1.2", FREE),
    Command("LOGOUT", c.Logout, logout, ANY, Seqs.NONE, None, "RFC 9051 §6.1.3", FREE, polls=False),
    Command("ID", c.Id, identify, ANY, _SAFE, "ID", "RFC 2971 §3.1", FREE),
    Command("STARTTLS", c.StartTls, start_tls, NOT_AUTHENTICATED, Seqs.NONE, "STARTTLS", "RFC 9051 §6.2.1", FREE),
    Command("AUTHENTICATE", c.Authenticate, authenticate, NOT_AUTHENTICATED, Seqs.NONE, None, "RFC 9051 §6.2.2", FREE),
    Command("LOGIN", c.Login, login, NOT_AUTHENTICATED, Seqs.NONE, None, "RFC 9051 §6.2.3", FREE),
    Command("ENABLE", c.Enable, enable, AUTHENTICATED_OR_SELECTED, _SAFE, "ENABLE", "RFC 9051 §6.3.1", FREE),
    Command("SELECT", c.Select, select, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.2, §6.3.3", _READ, polls=False),
    Command("CREATE", c.Create, create, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.4", _MAKE),
    Command("DELETE", c.Delete, delete, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.5", _UNMAKE),
    Command("RENAME", c.Rename, rename, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.6", _MOVE_BOX),
    Command("SUBSCRIBE", c.Subscribe, subscribe, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.7", FREE),
    Command("UNSUBSCRIBE", c.Unsubscribe, unsubscribe, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.8", FREE),
    Command("LIST", c.List, list_names, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.9", FREE),
    Command("LSUB", c.Lsub, lsub, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 3501 §6.3.9", FREE),
    Command("NAMESPACE", c.Namespace, namespace, AUTHENTICATED_OR_SELECTED, _SAFE, "NAMESPACE", "RFC 9051 §6.3.10", FREE),
    Command("STATUS", c.Status, status, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.11", _READ),
    Command("APPEND", c.Append, append, AUTHENTICATED_OR_SELECTED, _SAFE, None, "RFC 9051 §6.3.12", _INSERT),
    Command("IDLE", c.Idle, idle, AUTHENTICATED_OR_SELECTED, _SAFE, "IDLE", "RFC 9051 §6.3.13", FREE),
    Command(
        "COMPRESS",
        c.Compress,
        compress,
        AUTHENTICATED_OR_SELECTED,
        Seqs.NONE,
        "COMPRESS=DEFLATE",
        "RFC 4978 §3",
        FREE,
        polls=False,
    ),
    Command(
        "UNAUTHENTICATE",
        c.Unauthenticate,
        unauthenticate,
        AUTHENTICATED_OR_SELECTED,
        Seqs.NONE,
        "UNAUTHENTICATE",
        "RFC 8437 §3",
        FREE,
        polls=False,
    ),
    Command("SETACL", c.SetAcl, set_acl, AUTHENTICATED_OR_SELECTED, _SAFE, "ACL", "RFC 4314 §3.1", _ADMINISTER),
    Command("DELETEACL", c.DeleteAcl, delete_acl, AUTHENTICATED_OR_SELECTED, _SAFE, "ACL", "RFC 4314 §3.2", _ADMINISTER),
    Command("GETACL", c.GetAcl, get_acl, AUTHENTICATED_OR_SELECTED, _SAFE, "ACL", "RFC 4314 §3.3", _ADMINISTER),
    Command("LISTRIGHTS", c.ListRights, list_rights, AUTHENTICATED_OR_SELECTED, _SAFE, "ACL", "RFC 4314 §3.4", _ADMINISTER),
    Command("MYRIGHTS", c.MyRights, my_rights, AUTHENTICATED_OR_SELECTED, _SAFE, "ACL", "RFC 4314 §3.5", _ASK),
    Command("CHECK", c.Check, check, ONLY_SELECTED, _SAFE, None, "RFC 3501 §6.4.1", _LOOK),
    Command("CLOSE", c.Close, close, ONLY_SELECTED, Seqs.NONE, None, "RFC 9051 §6.4.1", FREE, polls=False),
    Command("UNSELECT", c.Unselect, unselect, ONLY_SELECTED, Seqs.NONE, "UNSELECT", "RFC 9051 §6.4.2", FREE, polls=False),
    Command("EXPUNGE", c.Expunge, expunge, ONLY_SELECTED, _SAFE, None, "RFC 9051 §6.4.3, §6.4.9", _EXPUNGE),
    Command("SEARCH", c.Search, search, ONLY_SELECTED, _FETCH, None, "RFC 9051 §6.4.4", _LOOK),
    Command("SORT", c.Sort, sort, ONLY_SELECTED, _FETCH, "SORT", "RFC 5256 §3", _LOOK),
    Command("THREAD", c.Thread, thread, ONLY_SELECTED, _FETCH, "THREAD=REFERENCES", "RFC 5256 §3", _LOOK),
    Command("CANCELUPDATE", c.CancelUpdate, cancelupdate, ONLY_SELECTED, _SAFE, "CONTEXT=SEARCH", "RFC 5267 §4.3.5", FREE),
    Command("FETCH", c.Fetch, fetch, ONLY_SELECTED, _FETCH, None, "RFC 9051 §6.4.5", _LOOK),
    Command("STORE", c.Store, store, ONLY_SELECTED, _FETCH, None, "RFC 9051 §6.4.6", _LOOK),
    Command("COPY", c.Copy, copy, ONLY_SELECTED, _BOTH, None, "RFC 9051 §6.4.7", _COPY),
    Command("MOVE", c.Move, move, ONLY_SELECTED, _BOTH, "MOVE", "RFC 9051 §6.4.8", _MOVE),
    Command("REPLACE", c.Replace, replace, ONLY_SELECTED, _BOTH, "REPLACE", "RFC 8508 §3.2, §3.3", _MOVE),
)

COMMAND_OF: Final[dict[type[Any], Command]] = {row.value: row for row in COMMANDS}

TRANSITIONS: Final[dict[tuple[State, type[Any], Condition], State]] = {
    # (state, command, outcome) not listed here: the state stays
    (State.NOT_AUTHENTICATED, c.Authenticate, Condition.OK): State.AUTHENTICATED,  # RFC 9051 §6.2.2
    (State.NOT_AUTHENTICATED, c.Login, Condition.OK): State.AUTHENTICATED,  # RFC 9051 §6.2.3
    (State.AUTHENTICATED, c.Select, Condition.OK): State.SELECTED,  # RFC 9051 §6.3.2
    (State.SELECTED, c.Select, Condition.NO): State.AUTHENTICATED,  # RFC 9051 §6.3.2: a failed SELECT leaves nothing selected
    (State.SELECTED, c.Close, Condition.OK): State.AUTHENTICATED,  # RFC 9051 §6.4.1
    (State.SELECTED, c.Unselect, Condition.OK): State.AUTHENTICATED,  # RFC 9051 §6.4.2
    (State.AUTHENTICATED, c.Unauthenticate, Condition.OK): State.NOT_AUTHENTICATED,  # RFC 8437 §5
    (State.SELECTED, c.Unauthenticate, Condition.OK): State.NOT_AUTHENTICATED,
    (State.NOT_AUTHENTICATED, c.Logout, Condition.OK): State.LOGOUT,  # RFC 9051 §6.1.3
    (State.AUTHENTICATED, c.Logout, Condition.OK): State.LOGOUT,
    (State.SELECTED, c.Logout, Condition.OK): State.LOGOUT,
}

MOVES: Final = frozenset(value for _, value, _ in TRANSITIONS)
"""Commands that may change the state."""

ATTEMPTS: Final = (c.Authenticate, c.Login)
"""Commands that a client may fail only so often (``Limits.login_failures_max``)."""
