"""Strategies for the commands of the rule machine: small values, so that commands meet each other."""

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import TypeVar

from attrs import evolve
from hypothesis import strategies as st

from angarium.engine.mail.object_ids import email_id, new_thread_id
from angarium.grammar.imap import commands as c
from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, PartialRange, SequenceSet
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm

Searching = TypeVar("Searching", c.Search, c.Sort)

MESSAGES = (
    b"From: Xerxes <xerxes@example.org>\r\nSubject: road\r\nDate: Mon, 2 Jan 2023 10:00:00 +0100\r\n"
    b"Message-ID: <a@x>\r\n\r\nThe royal road.\r\n",
    b"From: darius@example.org\r\nTo: xerxes@example.org\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n\r\nA post every day.\r\n",
    b"Subject: two parts\r\nIn-Reply-To: <a@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\n\r\nfirst\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>second</p>\r\n--b--\r\n",
    b"\r\nno header\r\n",
)
THREADED = (
    b"Message-ID: <a@x>\r\n\r\nroad\r\n",
    b"Message-ID: <b@x>\r\nReferences: <0@x> <a@x>\r\n\r\nroad\r\n",
    b"Message-ID: <c@x>\r\nIn-Reply-To: <b@x>\r\n\r\nroad\r\n",
)
"""In whatever order they come, they are of one thread (RFC 8474 §5.2)."""
BINARY = (
    b"Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\1\2",
    b"Subject: two\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\r\n\0second\r\n--b--\r\n",
    b"Subject: \0\r\n\r\nno\r\n",
)
"""Messages with NUL: one part, one of two parts, and where it cannot be stored (RFC 3516 §4.4)."""
DATES = tuple(
    datetime(2023, month, 28, 23, 30, 5, tzinfo=timezone(timedelta(hours=zone)))
    for month, zone in [(1, 0), (2, -8), (3, 5), (3, 0)]
)
NOW = datetime(2023, 3, 10, 12, 0, 5, tzinfo=UTC)
"""What the clocks of all stores say."""
NAMES = ("a", "a/b", "INBOX", "a/b/c", "é & x", "Trash")
NEVER = 4_000_000_001
"""A UIDVALIDITY no store has given."""
SYSTEM_FLAGS = (b"\\Seen", b"\\Deleted", b"\\Flagged", b"\\Answered", b"\\Draft")
KEYWORDS = (b"$Road", b"$road", b"Post")

names = st.sampled_from(NAMES)
mostly_inbox = st.just("INBOX") | st.just("INBOX") | names
flags = st.lists(st.sampled_from(SYSTEM_FLAGS + KEYWORDS), unique=True, max_size=3).map(tuple)
numbers = st.sampled_from((1, 2, 3, 4, 1, 2, 7, STAR))
mod_sequences = st.integers(1, 12)
ranges = st.lists(st.tuples(numbers, numbers) | numbers.map(lambda n: (n, n)), min_size=1, max_size=2).map(tuple)
sequence_sets = st.one_of(
    st.just(SequenceSet(((1, STAR),))),
    numbers.map(lambda n: SequenceSet(((n, n),))),
    ranges.map(SequenceSet),
    st.sampled_from((SequenceSet(((1, 1),)), SequenceSet(((2, 3),)), SequenceSet(saved=True))),
)
status_items = st.lists(st.sampled_from(c.StatusItem), unique=True, min_size=1).map(tuple)

noop = st.sampled_from((c.Noop(), c.Noop(), c.Check(), c.Capability(), c.Id(None), c.Namespace()))
select = st.builds(c.Select, mostly_inbox, read_only=st.booleans(), condstore=st.booleans())
uses = st.sampled_from(
    (None, None, (), (b"\\Sent",), (b"\\junk", b"\\Trash"), (b"\\All",), (b"\\important",), (b"\\X-None", b"\\Sent"))
)
create = st.builds(c.Create, names | st.just("a/b/"), uses)
delete = st.builds(c.Delete, names)
rename = st.builds(c.Rename, names, names)
subscribe = st.builds(c.Subscribe, names)
unsubscribe = st.builds(c.Unsubscribe, names)
status = st.builds(c.Status, names, status_items)
append_message = st.one_of(
    st.builds(c.AppendMessage, st.sampled_from((*MESSAGES, b"")), flags, st.sampled_from(DATES), st.just(False)),
    st.builds(c.AppendMessage, st.sampled_from((*MESSAGES, *BINARY)), flags, st.sampled_from(DATES), st.just(True)),
)
references = st.sampled_from(
    (
        b"/INBOX/;UID=1",
        b"/INBOX/;UID=2",
        b"/a/;UID=1",
        b"/Trash/;UID=1",
        b"/%C3%A9%20&%20x/;UID=1",
        b"/INBOX/;UID=3",
    )
)
wanted_parts = st.sampled_from(
    (b"", b"/;SECTION=HEADER", b"/;SECTION=TEXT", b"/;SECTION=1", b"/;SECTION=2.MIME", b"/;PARTIAL=5.20")
)
wrong_references = st.sampled_from(
    (b"/INBOX;UIDVALIDITY=%d/;UID=1" % NEVER, b"/INBOX/;UID=77", b";UID=1", b"imap://example.org/a")
)
urls = st.builds(bytes.__add__, references, wanted_parts)
cat_part = st.sampled_from((*MESSAGES, b"x")) | urls.map(c.Url) | urls.map(c.Url) | (urls | wrong_references).map(c.Url)
catenations = st.lists(cat_part, min_size=1, max_size=3).map(tuple).map(c.Catenation)
append_message |= st.builds(c.AppendMessage, catenations, flags, st.sampled_from(DATES))
further_messages = st.lists(append_message, max_size=2).map(tuple)
append = st.builds(
    c.Append,
    mostly_inbox,
    st.sampled_from(MESSAGES + THREADED),
    flags,
    st.sampled_from(DATES),
    more=st.just(()) | further_messages,
)
append |= st.builds(c.Append, mostly_inbox, catenations, flags, st.sampled_from(DATES), more=st.just(()) | further_messages)
expunge = st.builds(c.Expunge, st.none() | sequence_sets)
targets = st.sampled_from(("Trash", "INBOX", "a", "é & x"))
copy = st.builds(c.Copy, sequence_sets, targets, st.booleans())
move = st.builds(c.Move, sequence_sets, targets, st.booleans())
replace = st.builds(
    c.Replace, numbers.map(lambda n: SequenceSet(((n, n),))), targets | mostly_inbox, append_message, st.booleans()
)
fetch_flags = st.builds(c.Fetch, sequence_sets, st.just((c.FetchItem.FLAGS, c.FetchItem.UID)), st.booleans())
identifiers = st.sampled_from((b"xerxes", b"Xerxes")) | st.sampled_from(
    (b"anyone", b"-xerxes", b"group:x", "dar\xecus".encode(), b"")
)
rights = st.sampled_from((b"lr", b"+te", b"-l", b"cd", b"+lrswipkxtea", b"", b"lQ", b"+n"))
acl = st.one_of(
    st.builds(c.SetAcl, st.just("INBOX"), st.just(b"xerxes"), rights),
    st.just(c.GetAcl("INBOX")),
    st.builds(c.SetAcl, mostly_inbox, identifiers, rights),
    st.builds(c.DeleteAcl, mostly_inbox, identifiers),
    st.builds(c.GetAcl, mostly_inbox),
    st.builds(c.ListRights, mostly_inbox, identifiers),
    st.builds(c.MyRights, mostly_inbox),
)
lsub = st.builds(c.Lsub, st.just(""), st.sampled_from(("*", "%", "a/%")))
enable = st.sampled_from(
    ((b"IMAP4rev2",), (b"CONDSTORE",), (b"QRESYNC",), (b"IMAP4rev2", b"QRESYNC"), (b"X-NONE",), (b"UIDONLY",))
).map(c.Enable)
login = st.builds(c.Login, st.sampled_from((b"mira", b"nobody")), st.sampled_from((b"secret", b"wrong")))


@st.composite
def select_qresync(draw: st.DrawFn) -> c.Select:
    known = draw(st.none() | st.just(SequenceSet(((1, 4),))))
    match = (SequenceSet(((1, 2),)), SequenceSet(((1, 2),)))
    qresync = c.Qresync(
        draw(st.sampled_from((1, 1, 1, NEVER))),
        draw(mod_sequences),
        known,
        draw(st.sampled_from((None, match))) if known else None,
    )
    return c.Select(draw(mostly_inbox), draw(st.booleans()), qresync=qresync)


@st.composite
def store(draw: st.DrawFn) -> c.Store:
    return c.Store(
        draw(sequence_sets),
        draw(st.sampled_from(c.StoreMode)),
        draw(flags),
        silent=draw(st.booleans()),
        uid=draw(st.booleans()),
        unchanged_since=draw(st.none() | st.none() | mod_sequences),
    )


PATTERNS = ("*", "%", "a/%", "%/%", "INBOX", "in*", "a", "*b", "")


@st.composite
def list_(draw: st.DrawFn) -> c.List:
    if draw(st.booleans()):
        return c.List(draw(st.sampled_from(("", "a/"))), (draw(st.sampled_from(PATTERNS)),))
    select = draw(st.frozensets(st.sampled_from(c.ListSelect)))
    if c.ListSelect.RECURSIVEMATCH in select:
        select |= {c.ListSelect.SUBSCRIBED}  # never alone (RFC 9051 §6.3.9.1)
    returns = draw(st.frozensets(st.sampled_from(c.ListReturn)))
    patterns = tuple(draw(st.lists(st.sampled_from(PATTERNS[:-1]), min_size=1, max_size=2, unique=True)))
    wanted = draw(st.none() | status_items)
    extended = bool(select or returns or wanted or len(patterns) > 1)
    return c.List("", patterns, select, returns, wanted, extended)


SECTIONS = (
    Section(),
    Section(text=SectionText.HEADER),
    Section(text=SectionText.TEXT),
    Section((1,)),
    Section((2,), SectionText.MIME),
    Section(text=SectionText.HEADER_FIELDS, fields=(b"SUBJECT", b"X-None")),
)
bodies = st.builds(
    c.FetchBody, st.sampled_from(SECTIONS), st.none() | st.builds(Partial, st.integers(0, 60), st.integers(1, 40)), st.booleans()
)
binaries = st.builds(c.FetchBinary, st.sampled_from(((), (1,))), st.none(), st.booleans()) | st.just(c.FetchBinarySize((1,)))
fetch_items = st.one_of(st.sampled_from(c.FetchItem), st.sampled_from((c.FetchItem.FLAGS, c.FetchItem.UID)), bodies, binaries)

places = st.none() | st.sampled_from([PartialRange(*ends) for ends in ((1, 2), (2, 9), (-1, -1), (-3, -2), (9, 7))])


@st.composite
def fetch(draw: st.DrawFn, qresync: bool) -> c.Fetch:
    items = tuple(draw(st.lists(fetch_items, min_size=1, max_size=3, unique=True)))
    uid, since = draw(st.booleans()), draw(st.none() | st.none() | mod_sequences)
    vanished = qresync and uid and since is not None and draw(st.booleans())
    return c.Fetch(draw(sequence_sets), items, uid, since, vanished, draw(places) if uid else None)


texts = st.sampled_from((b"road", b"ROAD", b"xerxes", "Grüße".encode(), b"second", b"x"))
days = st.sampled_from((date(2023, 1, 2), date(2023, 1, 28), date(2023, 3, 28), NOW.date()))
object_ids = st.sampled_from(
    (*(email_id(sha256(each).digest()) for each in (*MESSAGES[:2], *THREADED)),
     *(new_thread_id((), each, b"").encode() for each in ("0@x", "a@x", "b@x", "c@x")))
)  # fmt: skip
ages = st.sampled_from((1, 86_400, 4_000_000, *(int((NOW - date).total_seconds()) for date in DATES if date < NOW)))
leaf_keys = st.one_of(
    st.just(k.All()),
    st.sampled_from(SYSTEM_FLAGS + KEYWORDS).map(k.HasFlag),
    st.builds(k.HeaderContains, st.sampled_from((b"SUBJECT", b"FROM", b"TO", b"Date", b"X-None")), texts | st.just(b"")),
    texts.map(k.BodyContains),
    texts.map(k.TextContains),
    st.builds(k.DateIs, st.sampled_from(k.DateField), st.sampled_from(k.DateTest), days),
    st.integers(0, 300).map(k.Larger),
    st.integers(0, 300).map(k.Smaller),
    sequence_sets.map(k.SequenceIs),
    sequence_sets.map(k.UidIs),
    mod_sequences.map(k.ModSequenceSince),
    object_ids.map(k.EmailIdIs),
    object_ids.map(k.ThreadIdIs),
    ages.map(k.Older),
    ages.map(k.Younger),
    st.just(k.SaveDateSupported()),
)
search_keys: st.SearchStrategy[k.SearchKey] = st.recursive(
    leaf_keys,
    lambda inner: st.one_of(
        inner.map(k.Not), st.builds(k.Or, inner, inner), st.lists(inner, min_size=2, max_size=3).map(tuple).map(k.And)
    ),
    max_leaves=4,
)
returns = st.none() | st.frozensets(st.sampled_from(c.SearchReturn))


def returning(command: Searching, returns: frozenset[c.SearchReturn] | None, partial: PartialRange | None) -> Searching:
    """The command with RETURN; PARTIAL does not stand beside ALL (RFC 9394 §3.1)."""
    if returns is None or partial is None:
        return evolve(command, returns=returns)
    return evolve(command, returns=returns - {c.SearchReturn.ALL}, partial=partial)


search = st.builds(returning, st.builds(c.Search, search_keys, st.just(b"UTF-8"), uid=st.booleans()), returns, places)
cancel_update = st.lists(st.integers(1, 60), min_size=1, max_size=3).map(
    lambda tags: c.CancelUpdate(tuple(b"t%d" % n for n in tags))
)
layers = st.sampled_from((c.Compress(), c.Unauthenticate()))
criteria = st.lists(st.builds(SortCriterion, st.sampled_from(SortKey), st.booleans()), min_size=1, max_size=2).map(tuple)
sort = st.builds(returning, st.builds(c.Sort, criteria, search_keys, st.just(b"UTF-8"), st.booleans()), returns, places)
thread = st.builds(c.Thread, st.sampled_from(ThreadAlgorithm), st.just(k.All()) | search_keys, st.just(b"UTF-8"), st.booleans())
any_command: st.SearchStrategy[c.Command] = st.one_of(
    noop, select, create, delete, rename, subscribe, status, append, expunge, copy, move, list_(), store(), search, fetch(False),
    sort, thread, replace, cancel_update, acl,
    st.just(c.Close()), st.just(c.Unselect()), lsub, enable, login,
    layers,
)  # fmt: skip
