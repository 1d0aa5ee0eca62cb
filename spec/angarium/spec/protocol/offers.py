"""What a server need not do: what it has not offered, and what it may refuse (RFC 9051 §7.1, §7.2.2; RFC 5530 §3)."""

from collections.abc import Iterable
from typing import Final

from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import CapabilityData, Code, Condition, Response, ResponseCode, Tagged, Untagged
from angarium.grammar.imap.sorting import SortKey
from angarium.spec.protocol.session import Session

MAY_REFUSE: Final = frozenset(
    (Code.CANNOT, Code.CONTACTADMIN, Code.INUSE, Code.LIMIT, Code.NOPERM, Code.OVERQUOTA, Code.SERVERBUG, Code.UNAVAILABLE)
)
"""Codes of a NO that depends on what the client cannot know (RFC 5530 §3, RFC 9051 §7.1)."""

NEVER_REFUSED: Final = (c.Capability, c.Noop, c.Logout, c.Check, c.Close, c.Unselect, c.Unauthenticate)
"""Commands whose result is OK or BAD (RFC 9051 §6.1, §6.4.1, §6.4.2)."""

COMMANDS: Final[dict[type, bytes]] = {
    c.Id: b"ID",  # RFC 2971 §3
    c.Enable: b"ENABLE",  # RFC 5161 §3.1
    c.Namespace: b"NAMESPACE",  # RFC 2342 §5
    c.Idle: b"IDLE",  # RFC 2177 §3
    c.Unselect: b"UNSELECT",  # RFC 3691 §2
    c.Replace: b"REPLACE",  # RFC 8508 §3.1
    c.Move: b"MOVE",  # RFC 6851 §3
    c.Sort: b"SORT",  # RFC 5256 §1
    c.Lsub: b"IMAP4REV1",  # RFC 3501 §6.3.9
    c.Check: b"IMAP4REV1",  # RFC 3501 §6.4.1
    c.CancelUpdate: b"CONTEXT=SEARCH",  # RFC 5267 §4.3.5
    c.Compress: b"COMPRESS=DEFLATE",  # RFC 4978 §1
    **dict.fromkeys((c.SetAcl, c.DeleteAcl, c.GetAcl, c.ListRights, c.MyRights), b"ACL"),  # RFC 4314 §2
    c.Unauthenticate: b"UNAUTHENTICATE",  # RFC 8437 §3
    c.StartTls: b"STARTTLS",  # RFC 9051 §6.2.1
}
"""Commands that come with a capability."""


CONTEXT: Final = frozenset({c.SearchReturn.CONTEXT, c.SearchReturn.UPDATE})
DISPLAYED: Final = (SortKey.DISPLAYFROM, SortKey.DISPLAYTO)


def is_refusal(command: c.Command, tagged: Tagged) -> bool:
    """Say whether this is a NO that a server may give at any time, and then nothing is done (RFC 5530 §3)."""
    code = tagged.code.code if tagged.code else None
    return tagged.condition is Condition.NO and code in MAY_REFUSE and not isinstance(command, NEVER_REFUSED)


def is_offered(session: Session, command: c.Command) -> bool:
    """Say whether the server has said that it knows all that the command uses (RFC 9051 §7.2.2)."""
    return all(session.offers(each) for each in needed(command))


def needed(command: c.Command) -> Iterable[bytes]:
    """The capabilities that a command, in this form, belongs to."""
    if type(command) in COMMANDS:
        yield COMMANDS[type(command)]
    if isinstance(command, c.Search | c.Fetch) and command.partial is not None:
        yield b"PARTIAL"  # RFC 9394 §3
    if isinstance(command, c.Search | c.Sort) and CONTEXT & (command.returns or frozenset()):
        yield b"CONTEXT=SORT" if isinstance(command, c.Sort) else b"CONTEXT=SEARCH"  # RFC 5267 §4.1
    match command:
        case c.Select(condstore=True) | c.Store(unchanged_since=int()) | c.Fetch(changed_since=int()):
            yield b"CONDSTORE"
        case c.Select(qresync=c.Qresync()):
            yield b"QRESYNC"
        case c.List(extended=True, returns=returns):
            yield b"LIST-EXTENDED"
            if c.ListReturn.MYRIGHTS in returns:
                yield b"LIST-MYRIGHTS"  # RFC 8440 §3
        case c.Expunge(uids=uids) if uids is not None:
            yield b"UIDPLUS"
        case c.Search(returns=returns) if returns is not None:
            yield b"ESEARCH"
        case c.Sort(returns=returns) if returns is not None:
            yield b"ESORT"  # RFC 5267 §3.1
        case c.Sort(criteria=criteria) if any(each.key in DISPLAYED for each in criteria):
            yield b"SORT=DISPLAY"  # RFC 5957 §1
        case c.Append(messages=messages):
            yield from _needed_to_append(messages)
        case c.Replace(message=message):
            yield from _needed_to_append((message,))
        case c.Thread(algorithm=algorithm):
            yield b"THREAD=" + algorithm.value  # RFC 5256 §1
        case c.Fetch(items=items) if any(isinstance(each, c.FetchBinary | c.FetchBinarySize) for each in items):
            yield b"BINARY"
        case c.Fetch(items=items) if {c.FetchItem.EMAILID, c.FetchItem.THREADID} & set(items):
            yield b"OBJECTID"
        case c.Create(special_use=uses) if uses is not None:
            yield b"CREATE-SPECIAL-USE"
        case c.Fetch(items=items) if c.FetchItem.SAVEDATE in items:
            yield b"SAVEDATE"
        case c.Fetch(items=items) if {c.FetchItem.PREVIEW, c.FetchItem.PREVIEW_LAZY} & set(items):
            yield b"PREVIEW"
        case c.Status(items=items) if c.StatusItem.MAILBOXID in items:
            yield b"OBJECTID"
        case c.Status(items=items) if c.StatusItem.APPENDLIMIT in items:
            yield b"APPENDLIMIT"
        case c.Status(items=items) if c.StatusItem.SIZE in items:
            yield b"STATUS=SIZE"


def _needed_to_append(messages: tuple[c.AppendMessage, ...]) -> Iterable[bytes]:
    if len(messages) > 1:
        yield b"MULTIAPPEND"  # RFC 3502
    if any(each.binary for each in messages):
        yield b"BINARY"  # RFC 3516 §4.4
    if any(isinstance(each.message, c.Catenation) for each in messages):
        yield b"CATENATE"  # RFC 4469 §2


def learn(session: Session, told: Iterable[Response]) -> None:
    """Take note of what the server says it can do (RFC 9051 §7.1 CAPABILITY, §7.2.2)."""
    for response in told:
        match response:
            case CapabilityData(names) | (
                Tagged(code=ResponseCode(Code.CAPABILITY, names)) | Untagged(code=ResponseCode(Code.CAPABILITY, names))
            ):
                session.capabilities = frozenset(name.upper() for name in names if isinstance(name, bytes))
