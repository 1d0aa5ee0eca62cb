"""What clients type: commands drawn from a random generator, on few mailboxes and messages, so that they meet each other."""

from collections.abc import Callable
from random import Random

from angarium.grammar.imap import commands as c
from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, PartialRange, SequenceSet
from stateful.imap_commands import DATES, KEYWORDS, MESSAGES, SYSTEM_FLAGS

LOGIN = c.Login(b"mira", b"secret")
NAMES = ("INBOX", "INBOX", "INBOX", "a", "a/b", "Trash")
ITEMS = (c.FetchItem.FLAGS, c.FetchItem.UID, c.FetchItem.MODSEQ, c.FetchItem.RFC822_SIZE, c.FetchItem.INTERNALDATE)
COUNTS = (
    c.StatusItem.MESSAGES, c.StatusItem.UIDNEXT, c.StatusItem.UIDVALIDITY, c.StatusItem.UNSEEN, c.StatusItem.DELETED,
    c.StatusItem.SIZE, c.StatusItem.HIGHESTMODSEQ, c.StatusItem.RECENT,
)  # fmt: skip
BODIES = (c.FetchBody(Section()), c.FetchBody(Section(text=SectionText.TEXT)), c.FetchBody(Section(), peek=True))


def numbers(random: Random) -> SequenceSet:
    """A few messages, or all, or what was saved."""
    low, high = random.choice((1, 1, 2, 3)), random.choice((STAR, 1, 2, 3, 4))
    return random.choice(
        (SequenceSet(((1, STAR),)), SequenceSet(((low, low),)), SequenceSet(((low, high),)), SequenceSet(saved=True))
    )


def some_flags(random: Random) -> tuple[bytes, ...]:
    """Up to two flags; messages with \\Deleted are wanted."""
    return tuple(random.sample((*SYSTEM_FLAGS, b"\\Deleted", *KEYWORDS[::2]), random.choice((1, 1, 2))))


def append(random: Random) -> c.Append:
    flags = some_flags(random) if random.random() < 0.5 else ()
    message = random.choice(MESSAGES) if random.random() < 0.8 else catenation(random)
    return c.Append(random.choice(NAMES), message, tuple(dict.fromkeys(flags)), random.choice(DATES))


def catenation(random: Random) -> c.Catenation:
    """Some text and a message that may be there."""
    part = random.choice((b"", b"/;SECTION=TEXT", b"/;SECTION=1", b"/;PARTIAL=5.20"))
    return c.Catenation((b"X-New: 1\r\n", c.Url(b"/%b/;UID=%d%b" % (random.choice(NAMES).encode(), random.randint(1, 4), part))))


def store(random: Random) -> c.Store:
    return c.Store(
        numbers(random),
        random.choice(list(c.StoreMode)),
        tuple(dict.fromkeys(some_flags(random))),
        silent=random.random() < 0.4,
        uid=random.random() < 0.5,
        unchanged_since=random.choice((None, None, random.randint(1, 12))),
    )


def fetch(random: Random) -> c.Fetch:
    items: list[c.FetchAttribute] = random.sample(ITEMS, random.choice((1, 2)))
    if random.random() < 0.3:
        items.append(random.choice(BODIES))
    return c.Fetch(numbers(random), tuple(items), random.random() < 0.5, random.choice((None, None, random.randint(1, 12))))


def search(random: Random) -> c.Search:
    keys: tuple[k.SearchKey, ...] = (k.All(), k.HasFlag(random.choice(SYSTEM_FLAGS)), k.UidIs(numbers(random)))
    key = random.choice((*keys, k.ModSequenceSince(4)))
    if random.random() < 0.4:
        key = k.Not(key)
    returns = random.choice((None, frozenset(random.sample(list(c.SearchReturn), 2))))
    partial = random.choice((None, PartialRange(1, 2), PartialRange(-1, -2)))
    if returns is None or c.SearchReturn.ALL in returns:
        partial = None  # RFC 9394 §3.1
    return c.Search(key, returns=returns, uid=random.random() < 0.5, partial=partial)


def status(random: Random) -> c.Status:
    return c.Status(random.choice(NAMES), tuple(random.sample(COUNTS, 3)))


def list_(random: Random) -> c.List:
    if random.random() < 0.5:
        return c.List("", (random.choice(("*", "%", "a*")),))
    items = (c.StatusItem.MESSAGES, c.StatusItem.UIDNEXT)
    return c.List("", ("*",), returns=frozenset((c.ListReturn.SUBSCRIBED,)), status=items, extended=True)


def select(random: Random) -> c.Select:
    return c.Select(random.choice(NAMES), read_only=random.random() < 0.2, condstore=random.random() < 0.2)


def name_change(random: Random) -> c.Command:
    """One of the commands on names."""
    first, second = random.choice(NAMES[3:]), random.choice(("a", "a/b", "b"))
    return random.choice(
        (c.Create(first), c.Create(second), c.Delete(first), c.Rename(first, second), c.Subscribe(first), c.Unsubscribe(first))
    )


def copy(random: Random) -> c.Command:
    return random.choice((c.Copy, c.Move))(numbers(random), random.choice(NAMES), random.random() < 0.5)


def expunge(random: Random) -> c.Expunge:
    return c.Expunge(random.choice((None, numbers(random))))


Draw = Callable[[Random], c.Command]

ANYWHERE: tuple[Draw, ...] = (
    lambda random: c.Noop(), append, append, status, list_, select, name_change, lambda random: c.Lsub("", "*"),
)  # fmt: skip
SELECTED: tuple[Draw, ...] = (
    lambda random: c.Noop(), lambda random: c.Idle(), append, store, store, store, fetch, fetch, search, copy, expunge, expunge,
    lambda random: random.choice((c.Close(), c.Unselect())),
)  # fmt: skip
ENABLES = ((b"QRESYNC",), (b"CONDSTORE",), (b"IMAP4rev2",), (b"UIDONLY",))


def next_command(random: Random, logged_in: bool, selected: bool, qresync: bool) -> c.Command:
    """What a client does next, more often something that makes sense."""
    chance = random.random()
    if not logged_in and chance < 0.95:
        return LOGIN if chance < 0.8 else c.Authenticate(b"PLAIN", None if chance < 0.9 else b"\0mira\0secret")
    if chance < 0.03:
        return random.choice(
            (
                c.Capability(),
                c.Enable(random.choice(ENABLES)),
                c.Login(b"mira", b"wrong"),
                c.Check(),
                c.Unauthenticate(),
                c.Compress(),
                c.Compress(),
            )
        )
    if not selected and chance < 0.7:
        return c.Select("INBOX") if chance < 0.5 else select(random)
    if qresync and chance < 0.08:
        return c.Select("INBOX", qresync=c.Qresync(1, random.randint(1, 9)))
    return random.choice(SELECTED if selected and chance < 0.9 else ANYWHERE)(random)
