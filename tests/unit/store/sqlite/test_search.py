"""SEARCH finds what a look at every message finds, indexed or not (RFC 9051 §6.4.4)."""

import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.engine.operations import (
    AppendMessages,
    CreateMailbox,
    ExpungeMessages,
    MailboxId,
    NewMessage,
    OpenMailbox,
    SearchMessages,
    UserName,
)
from angarium.grammar.imap.search_keys import (
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    HasFlag,
    HeaderContains,
    Larger,
    Not,
    Or,
    SearchKey,
    Smaller,
    TextContains,
    UidIs,
)
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.spec.search import matches
from angarium.store.contracts.harness import EVERY_UID
from angarium.store.sqlite import search, search_text
from angarium.store.sqlite.index import match_all, open_index, tells_all, texts_of
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import user_folder

USER = UserName("ann")
FIELDS = (DateField.INTERNAL, DateField.SENT)
WORDS = (
    "needle",
    "Straße",
    "Äpfel",
    "ÄPFEL",
    "a",
    "ab",
    "xyz",
    "ﬁn",
    "e\u0301",
    "é",
    '"quoted"',
    "日本語",
    "ǆ",
    "x\x01y",
    "the",
    "fin",
)


@frozen
class Mail:
    uid: int
    flags: tuple[bytes, ...]
    internal_date: datetime
    content: bytes
    modseq: int = 1

    def has(self, flag: bytes) -> bool:
        return flag.lower() in {each.lower() for each in self.flags}


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    subject, body = draw(texts()), draw(texts())
    raw = draw(
        st.sampled_from(["", "X-Odd: a\rb =?utf-8?q?c?=\r\n", "X-Nul: a\0b\r\n", "Date: Mon, 1 Jan 2024 23:00:00 -0800\r\n"])
    )
    part = draw(st.sampled_from(["", "Content-Type: text/plain; charset=utf-8\r\n", "Content-Type: application/x\r\n"]))
    if draw(st.booleans()):
        return f"Subject: {subject}\r\n{raw}{part}\r\n{body}".encode()
    mixed = "Content-Type: multipart/mixed; boundary=b\r\n"
    return f"Subject: {subject}\r\n{raw}{mixed}\r\n--b\r\n{part}\r\n{body}\r\n--b\r\n\r\n{subject}\r\n--b--".encode()


def keys() -> st.SearchStrategy[SearchKey]:
    needles = st.one_of(texts(), st.text(max_size=4), st.just("")).map(
        lambda text: text.replace("\0", "").encode("utf-8", "replace")
    )
    leaves: st.SearchStrategy[SearchKey] = st.one_of(
        needles.map(BodyContains),
        needles.map(TextContains),
        st.builds(HeaderContains, st.sampled_from([b"Subject", b"x-odd", b"Content-Type", b"Date"]), needles),
        st.sampled_from([HasFlag(rb"\Seen"), HasFlag(b"$work"), Larger(80), UidIs(SequenceSet(((2, 3),)))]),
        st.builds(DateIs, st.sampled_from(FIELDS), st.sampled_from(DateTest), st.dates(date(2023, 12, 31), date(2024, 1, 3))),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(Not), st.builds(Or, inner, inner), st.lists(inner, max_size=3).map(lambda each: And(tuple(each)))
        ),
        max_leaves=5,
    )


class Searched:
    """One mailbox whose messages are replaced for every example."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder, upkeep=False)
        self.count = 0

    def fill(self, messages: list[Mail]) -> MailboxId:
        self.count += 1
        name = f"box{self.count}"
        self.store.execute(CreateMailbox(USER, name))
        new = tuple(NewMessage(each.content, each.flags, each.internal_date) for each in messages)
        self.store.execute(AppendMessages(USER, name, new))
        opened = self.store.execute(OpenMailbox(USER, name))
        mailbox: MailboxId = opened.id
        return mailbox


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    return Searched(tmp_path_factory.mktemp("mail"))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(contents(), st.sampled_from([(), (rb"\Seen",), (b"$Work", rb"\Seen")]), st.integers(0, 72)), max_size=6),
    st.lists(keys(), min_size=1, max_size=6),
)
def test_equal_to_a_look_at_every_message(
    searched: Searched, drawn: list[tuple[bytes, tuple[bytes, ...], int]], wanted: list[SearchKey]
) -> None:
    start = datetime(2023, 12, 31, tzinfo=UTC)
    messages = [Mail(uid, flags, start + timedelta(hours=hours), content) for uid, (content, flags, hours) in enumerate(drawn, 1)]
    mailbox = searched.fill(messages)

    def equal() -> None:
        for key in wanted:
            expected = [each.uid for each in messages if matches(key, each)]
            assert list(searched.store.execute(SearchMessages(mailbox, key, EVERY_UID)).uids) == expected

    equal()
    searched.store.catch_up(USER)
    equal()
    with pytest.MonkeyPatch.context() as patch:  # the ways of large mailboxes
        patch.setattr(search_text, "_MANY", 0)
        patch.setattr(search, "_LIST_MAX", 0)
        patch.setattr(search, "_RANGES_MAX", 0)
        equal()


def test_not_inside_not_beside_a_key_on_text(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        new = tuple(NewMessage(b"Subject: a\r\n\r\n" + b"x" * octets) for octets in (10, 500, 5000))
        mailbox = store.execute(AppendMessages(USER, "INBOX", new)).mailbox
        key = And((Not(BodyContains(b"zzz")), Not(Not(Smaller(300)))))
        assert list(store.execute(SearchMessages(mailbox, key, EVERY_UID)).uids) == [1]


def test_a_ligature_is_not_its_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_text, "_MANY", 0)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        new = NewMessage("Subject: final\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\ufb01n".encode())
        mailbox = store.execute(AppendMessages(USER, "INBOX", (new,))).mailbox
        store.catch_up(USER)
        assert list(store.execute(SearchMessages(mailbox, BodyContains(b"fin"), EVERY_UID)).uids) == []
        assert list(store.execute(SearchMessages(mailbox, TextContains(b"fin"), EVERY_UID)).uids) == [1]


def test_a_header_that_its_text_does_not_tell_all_of_is_scanned(tmp_path: Path) -> None:
    odd = b"Subject: \xe9\r\xc3\xa9nd\r\n\r\nbody"
    header, found = texts_of((odd[:-4], odd[-4:], b"", 0), None)  # type: ignore[arg-type]
    assert not tells_all(header, found)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(odd),))).mailbox
        store.catch_up(USER)
        for needle, expected in (("ã©ND".encode(), [1]), ("\ré".encode(), []), (b"", [1])):
            found_uids = store.execute(SearchMessages(mailbox, HeaderContains(b"subject", needle), EVERY_UID)).uids
            assert list(found_uids) == expected


def test_long_texts_are_scanned(tmp_path: Path) -> None:
    long = b"Subject: long\r\n\r\n" + b"0123456789abcdef " * 300_000 + b"end of it"
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(long),))).mailbox
        store.catch_up(USER)
        assert list(store.execute(SearchMessages(mailbox, BodyContains(b"END OF"), EVERY_UID)).uids) == [1]
        assert list(store.execute(SearchMessages(mailbox, HeaderContains(b"subject", b"LONG"), EVERY_UID)).uids) == [1]


def test_a_nul_does_not_end_what_is_indexed(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        message = NewMessage(b"Subject: x\r\n\r\nbefore\0behind")
        mailbox = store.execute(AppendMessages(USER, "INBOX", (message,))).mailbox
        store.catch_up(USER)
        assert list(store.execute(SearchMessages(mailbox, BodyContains(b"behind"), EVERY_UID)).uids) == [1]
    with closing(open_index(user_folder(tmp_path, USER) / "search.sqlite3")) as index:
        assert match_all(index, 1, "BEHIND")
        assert not match_all(index, 1, "ABSENT")
        assert match_all(index, 1, "")


def test_a_damaged_index_does_not_stop_searching(tmp_path: Path) -> None:
    index = user_folder(tmp_path, USER) / "search.sqlite3"
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: x\r\n\r\nneedle"),))).mailbox
        store.catch_up(USER)
    index.write_bytes(b"junk" * 10_000)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        for _ in range(2):
            assert list(store.execute(SearchMessages(mailbox, BodyContains(b"needle"), EVERY_UID)).uids) == [1]
            store.catch_up(USER)


def test_expunged_messages_leave_the_index(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        new = tuple(NewMessage(f"Subject: {n}\r\n\r\nneedle {n}".encode(), (rb"\Deleted",) if n else ()) for n in range(3))
        mailbox = store.execute(AppendMessages(USER, "INBOX", new)).mailbox
        store.catch_up(USER)
        store.execute(ExpungeMessages(mailbox, NumberSet(((1, 2),))))
        store.catch_up(USER)
        assert list(store.execute(SearchMessages(mailbox, BodyContains(b"needle"), EVERY_UID)).uids) == [1, 3]
    with closing(open_index(user_folder(tmp_path, USER) / "search.sqlite3")) as index:
        assert index.execute("SELECT content FROM text").fetchall() == [(1,), (3,)]
        assert index.execute("SELECT rowid FROM trigrams WHERE trigrams MATCH '\"NEE\"'").fetchall() == [(1,), (3,)]
        assert index.execute("SELECT rowid FROM words WHERE words MATCH 'NEEDLE'").fetchall() == [(1,), (3,)]


def test_upkeep_indexes_behind_delivery(tmp_path: Path) -> None:
    index_path = user_folder(tmp_path, USER) / "search.sqlite3"
    with closing(SqliteStore(tmp_path)) as store:
        store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: x\r\n\r\nneedle"),)))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _indexed(index_path):
            time.sleep(0.05)
        assert _indexed(index_path) == 1


def _indexed(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(open_index(path)) as index:
        count: int = index.execute("SELECT count(*) FROM text").fetchone()[0]
    return count


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        (And((TextContains(b"zq"),) * 5), 1),
        (And((TextContains(b"one"), TextContains(b"zq"), TextContains(b"one"), HasFlag(rb"\Answered"))), 0),
        (And((TextContains(b"one"), TextContains(b"zq"), TextContains(b"one"))), 2),
        (Or(And((BodyContains(b"zq"), BodyContains(b"zq"))), And((TextContains(b"zq"), HasFlag(rb"\Seen")))), 2),
        (Not(And((TextContains(b"zq"), TextContains(b"zq")))), 1),
        (Or(TextContains(b"zq"), TextContains(b"zq")), 2),
    ],
)
def test_text_is_not_looked_at_once_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: SearchKey, asked: int
) -> None:
    calls = []

    def counted(*arguments: object) -> list[int]:
        calls.append(arguments)
        return search_text.contents_with(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(search, "contents_with", counted)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: one\r\n\r\n"),))).mailbox
        found = store.execute(SearchMessages(mailbox, key, EVERY_UID)).uids
    assert list(found) == ([1] if isinstance(key, Not) else [])
    assert len(calls) == asked


def test_as_many_keys_as_the_engine_lets_through(tmp_path: Path) -> None:
    text_keys: tuple[SearchKey, ...] = tuple(TextContains(b"one") for _ in range(64))
    others: tuple[SearchKey, ...] = (UidIs(SequenceSet(tuple((number, number) for number in range(1, 31)))),) * 936
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(AppendMessages(USER, "INBOX", (NewMessage(b"Subject: one\r\n\r\n"),))).mailbox
        assert list(store.execute(SearchMessages(mailbox, And(text_keys + others), EVERY_UID)).uids) == [1]


def deep(levels: int) -> SearchKey:
    """AND in OR in NOT in AND ..., as deep as the grammar lets through."""
    key: SearchKey = TextContains(b"one")
    for level in range(levels):
        key = (And((HasFlag(b"$x"), key)), Or(HasFlag(rb"\Seen"), key), Not(key))[level % 3]
    return key


def chain(count: int) -> SearchKey:
    key: SearchKey = HeaderContains(b"Subject", b"one")
    for number in range(count):
        key = Or(HeaderContains(b"Subject", b"w%d" % number), key)
    return key


def alone(levels: int) -> SearchKey:
    key: SearchKey = HasFlag(b"$x")
    for _ in range(levels):
        key = And((key,))
    return key


def wide(count: int) -> SearchKey:
    flags = tuple(HasFlag(b"k%d" % number) for number in range(count))
    return Or(And((*flags, Not(And((*flags, chain(3)))))), And((alone(3), Not(Or(flags[0], And(flags))))))


def holds(key: SearchKey, flags: tuple[bytes, ...]) -> bool:
    """Whether a message of subject ``one`` with these flags is meant."""
    match key:
        case Not(inner):
            return not holds(inner, flags)
        case Or(left, right):
            return holds(left, flags) or holds(right, flags)
        case And(inner_keys):
            return all(holds(each, flags) for each in inner_keys)
        case HasFlag(flag):
            return flag in flags
    assert isinstance(key, TextContains | HeaderContains)
    return key.text == b"one"


@pytest.mark.parametrize("key", [*map(deep, (3, 6, 9, 40, 90)), chain(63), alone(90), Not(Not(alone(60))), wide(400)])
def test_no_shape_is_too_much_for_sqlite(tmp_path: Path, key: SearchKey) -> None:
    of_flags: list[tuple[bytes, ...]] = [(b"$x",), (rb"\Seen",), ()]
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        new = tuple(NewMessage(b"Subject: one\r\n\r\n", flags) for flags in of_flags)
        mailbox = store.execute(AppendMessages(USER, "INBOX", new)).mailbox
        found = list(store.execute(SearchMessages(mailbox, key, EVERY_UID)).uids)
    assert found == [uid for uid, flags in enumerate(of_flags, 1) if holds(key, flags)]
