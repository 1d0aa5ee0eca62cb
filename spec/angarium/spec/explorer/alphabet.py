"""Every command family of IMAP, with the arguments that mean something in a given state (RFC 9051 §6).

One function for each group of families. Message numbers are tried singly, all together, and one too high; UIDs likewise, with
one that is not there; names are those of the small world and one that is never there.
"""

from collections.abc import Iterator

from attrs import evolve

from angarium.grammar.imap import commands as c
from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm
from angarium.spec.explorer.bounds import INBOX, Bounds
from angarium.spec.explorer.edge import Connect, Done, Move, Wake
from angarium.spec.explorer.thaw import CONTENT, DATE, LOOKED, ROOM, uids_of
from angarium.spec.explorer.values import NO_BOX, Held
from angarium.spec.protocol.session import State

NOWHERE = "nowhere"
"""A name that no mailbox of the small world has."""
SEEN, QRESYNC = rb"\Seen", b"QRESYNC"
ALL = SequenceSet(((1, STAR),))
FIRST, FIRST_UID = SequenceSet(((1, 1),)), SequenceSet(((ROOM, ROOM),))
KNOWN = SequenceSet(((1, ROOM * ROOM),))
RESULT = SequenceSet(saved=True)
RESULTS = frozenset({c.SearchReturn.MIN, c.SearchReturn.MAX, c.SearchReturn.ALL, c.SearchReturn.COUNT})
COUNTS = (c.StatusItem.MESSAGES, c.StatusItem.UIDNEXT, c.StatusItem.UIDVALIDITY, c.StatusItem.UNSEEN, c.StatusItem.DELETED)


def moves(bounds: Bounds, held: Held) -> tuple[Move, ...]:
    """All that the session can do here. In states where nothing is selected the same commands come with made-up numbers."""
    if held.state == State.LOGOUT.value:
        return (Connect(),)
    if held.idling:
        return (Done(), Wake()) if held.box != NO_BOX else (Done(),)
    commands = (*any_state(), *not_authenticated(), *authenticated(bounds, held), *selected(bounds, held))
    return tuple(dict.fromkeys(commands))


def any_state() -> Iterator[c.Command]:
    """RFC 9051 §6.1, RFC 2971."""
    yield from (c.Capability(), c.Noop(), c.Logout(), c.Id(None))


def not_authenticated() -> Iterator[c.Command]:
    """RFC 9051 §6.2."""
    yield c.Login(b"mira", b"secret")
    yield c.Login(b"noor", b"guess")
    yield c.Authenticate(b"PLAIN", b"\0mira\0secret")
    yield c.Authenticate(b"PLAIN", b"\0noor\0guess")


def authenticated(bounds: Bounds, held: Held) -> Iterator[c.Command]:
    """RFC 9051 §6.3; RFC 7162 §3.1.8, §3.2.5."""
    yield from (c.Enable((name,)) for name in bounds.enable)
    names = (INBOX, *bounds.names)
    for name in (*names, NOWHERE):
        yield from opening(bounds, held, name)
        yield c.Status(name, COUNTS)
        yield c.Delete(name)
        yield c.Append(name, CONTENT, (), DATE)
    yield c.Append(bounds.names[0], CONTENT, bounds.flags, DATE)
    yield from appending(bounds)
    for name in names:
        yield c.Create(name)
        yield from (c.Rename(name, new_name) for new_name in names)
        yield from (c.Subscribe(name), c.Unsubscribe(name))
    yield c.Rename(NOWHERE, bounds.names[0])
    yield from listing()
    yield from (c.Namespace(), c.Idle(), c.Unauthenticate(), c.Status(INBOX, (c.StatusItem.MAILBOXID,)))
    if bounds.mod_sequences:
        yield c.Status(INBOX, (c.StatusItem.HIGHESTMODSEQ,))


def appending(bounds: Bounds) -> Iterator[c.Command]:
    """Two messages at once, where there is room; one of no octets, which cancels them all; and in parts (RFC 3502, RFC 4469)."""
    if bounds.messages > 1:
        yield c.Append(INBOX, CONTENT, (), DATE, more=(c.AppendMessage(CONTENT, bounds.flags, DATE),))
    yield c.Append(INBOX, CONTENT, (), DATE, more=(c.AppendMessage(b"", (), DATE),))
    half = len(CONTENT) // 2
    yield c.Append(INBOX, c.Catenation((CONTENT[:half], CONTENT[half:])), (), DATE)
    yield c.Append(INBOX, c.Catenation((CONTENT, c.Url(b"/INBOX/;UID=4294967295"))), (), DATE)


def opening(bounds: Bounds, held: Held, name: str) -> Iterator[c.Command]:
    """SELECT and EXAMINE, with QRESYNC whether enabled or not (RFC 9051 §6.3.2, §6.3.3; RFC 7162 §3.2.5)."""
    yield c.Select(name)
    if bounds.examine:
        yield c.Select(name, read_only=True)
    if bounds.mod_sequences:
        yield c.Select(name, condstore=True)
    if bounds.mod_sequences or QRESYNC in held.enabled:
        uidvalidity = 1 if name == INBOX else 2
        yield c.Select(name, qresync=c.Qresync(uidvalidity, LOOKED - 1))
        yield c.Select(name, qresync=c.Qresync(uidvalidity, LOOKED - 1, KNOWN, (FIRST, FIRST_UID)))
        yield c.Select(name, read_only=True, qresync=c.Qresync(uidvalidity + 100, LOOKED - 1))


def listing() -> Iterator[c.Command]:
    """LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5819)."""
    yield c.List("", ("*",))
    yield c.List("", ("",))
    subscribed = frozenset({c.ListSelect.SUBSCRIBED})
    yield c.List("", ("*",), select=subscribed, returns=frozenset({c.ListReturn.CHILDREN}), status=COUNTS, extended=True)
    yield c.Lsub("", "*")


def selected(bounds: Bounds, held: Held) -> Iterator[c.Command]:
    """RFC 9051 §6.4."""
    yield from (c.Check(), c.Close(), c.Unselect(), c.Expunge())
    uids = uids_of(held.entries)
    numbers = [*(SequenceSet(((number, number),)) for number in range(1, len(uids) + 2)), ALL]
    named = [*(SequenceSet(((uid, uid),)) for uid in uids), ALL]
    if bounds.saved:
        numbers.append(RESULT)
    yield from (c.Expunge(each) for each in named)
    yield from (c.Expunge(FIRST), c.Store(FIRST, c.StoreMode.ADD, bounds.flags, uid=True))  # a UID that is not there
    yield from storing(bounds, numbers, named)
    yield from searching(bounds)
    yield from fetching(bounds, held, numbers, named)
    yield from copying(bounds, numbers, named)
    yield from replacing(bounds, uids)


def copying(bounds: Bounds, numbers: list[SequenceSet], named: list[SequenceSet]) -> Iterator[c.Command]:
    """COPY and MOVE (RFC 9051 §6.4.7, §6.4.8)."""
    for target in (INBOX, *bounds.names):
        yield from (c.Copy(each, target) for each in numbers)
        yield from (c.Move(each, target) for each in numbers)
        yield c.Copy(ALL, target, uid=True)
        yield c.Move(named[0], target, uid=True)
    yield from (c.Copy(ALL, NOWHERE), c.Move(ALL, NOWHERE, uid=True))


def replacing(bounds: Bounds, uids: tuple[int, ...]) -> Iterator[c.Command]:
    """REPLACE: one message goes, another comes, into this mailbox or another (RFC 8508 §3.2)."""
    letter = c.AppendMessage(CONTENT, (), DATE)
    for number in range(1, len(uids) + 2):
        yield from (c.Replace(SequenceSet(((number, number),)), target, letter) for target in (INBOX, *bounds.names))
    for uid in uids:
        yield c.Replace(SequenceSet(((uid, uid),)), INBOX, evolve(letter, flags=bounds.flags), uid=True)
    yield from (c.Replace(FIRST, NOWHERE, letter), c.Replace(FIRST, INBOX, letter, uid=True))


def storing(bounds: Bounds, numbers: list[SequenceSet], named: list[SequenceSet]) -> Iterator[c.Command]:
    """STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""
    for flag in bounds.flags:
        for each in numbers:
            yield c.Store(each, c.StoreMode.ADD, (flag,))
            yield c.Store(each, c.StoreMode.REMOVE, (flag,), silent=True)
        for each in named:
            yield c.Store(each, c.StoreMode.ADD, (flag,), silent=True, uid=True)
            yield c.Store(each, c.StoreMode.REMOVE, (flag,), uid=True)
        if bounds.mod_sequences:
            yield c.Store(ALL, c.StoreMode.ADD, (flag,), unchanged_since=LOOKED)
            yield c.Store(ALL, c.StoreMode.REMOVE, (flag,), silent=True, uid=True, unchanged_since=LOOKED - 1)
    yield c.Store(ALL, c.StoreMode.REPLACE, ())


def searching(bounds: Bounds) -> Iterator[c.Command]:
    """SEARCH (RFC 9051 §6.4.4, RFC 7162 §3.1.5), SORT and THREAD (RFC 5256 §3)."""
    wanted = k.HasFlag(bounds.flags[0])
    first = k.SequenceIs(FIRST)
    yield from (c.Search(k.All()), c.Search(wanted, uid=True), c.Search(k.And((first, k.Not(wanted))), uid=True))
    yield c.Search(wanted, returns=RESULTS)
    yield c.Search(k.All(), returns=frozenset({c.SearchReturn.MIN, c.SearchReturn.SAVE}))
    yield c.Search(wanted, returns=frozenset({c.SearchReturn.SAVE}), uid=True)
    yield c.Sort((SortCriterion(SortKey.SUBJECT, True),), wanted, b"UTF-8", uid=True)
    yield c.Thread(ThreadAlgorithm.REFERENCES, k.All(), b"UTF-8")
    if bounds.saved:
        yield c.Search(k.SequenceIs(RESULT))
    if bounds.mod_sequences:
        yield c.Search(k.ModSequenceSince(LOOKED + 1))


def fetching(bounds: Bounds, held: Held, numbers: list[SequenceSet], named: list[SequenceSet]) -> Iterator[c.Command]:
    r"""FETCH; of a body where \Seen is among the flags of the world (RFC 9051 §6.4.5, RFC 7162 §3.1.4, §3.2.6)."""
    flags = (c.FetchItem.FLAGS,)
    yield from (c.Fetch(each, flags) for each in numbers)
    yield from (c.Fetch(each, flags, uid=True) for each in named)
    yield c.Fetch(ALL, (c.FetchItem.ENVELOPE, c.FetchItem.INTERNALDATE, c.FetchItem.RFC822_SIZE, c.FetchItem.UID))
    if SEEN in bounds.flags:
        yield from (c.Fetch(each, (c.FetchItem.RFC822_TEXT,)) for each in numbers)
        yield c.Fetch(ALL, (c.FetchItem.RFC822,), uid=True)
    if bounds.mod_sequences:
        yield c.Fetch(ALL, (c.FetchItem.MODSEQ,))
        yield c.Fetch(ALL, flags, changed_since=LOOKED)
        yield c.Fetch(ALL, flags, uid=True, changed_since=LOOKED - 1)
    if QRESYNC in held.enabled:
        yield c.Fetch(ALL, flags, uid=True, changed_since=LOOKED - 1, vanished=True)
