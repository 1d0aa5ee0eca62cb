from datetime import date

import pytest

from angarium.engine.imap.asks import Refused
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.search_resolve import asks_modseq, decoder, leaves, require_modest, resolve
from angarium.engine.imap.state import Selected
from angarium.engine.operations import MailboxId, OpenedMailbox, UidMap, UserName
from angarium.grammar.imap.responses import Code, ResponseCode
from angarium.grammar.imap.search_keys import (
    All,
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    HasFlag,
    HeaderContains,
    ModSequenceSince,
    Not,
    Or,
    SearchKey,
    SequenceIs,
    TextContains,
    UidIs,
)
from angarium.grammar.imap.sequence_set import SequenceSet

VIEW = Selected(
    OpenedMailbox(MailboxId(UserName("tim"), 1), "INBOX", 1, 10, 1, UidMap([3, 5, 9]), recent_from=5), read_only=False
)
DAY = DateIs(DateField.SENT, DateTest.ON, date(2024, 2, 29))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (All(), All()),
        (DAY, DAY),
        (HasFlag(rb"\Seen"), HasFlag(rb"\Seen")),
        (HasFlag(rb"\RECENT"), UidIs(SequenceSet(((5, 9),)))),
        (SequenceIs(SequenceSet(((2, 0),))), UidIs(SequenceSet(((5, 9),)))),
        (UidIs(SequenceSet(((4, 4000),))), UidIs(SequenceSet(((4, 9),)))),
        (Not(BodyContains(b"\xe9")), Not(BodyContains("é".encode()))),
        (Or(TextContains(b"a"), HeaderContains(b"To", b"\xe9")), Or(TextContains(b"a"), HeaderContains(b"To", "é".encode()))),
        (And((All(), SequenceIs(SequenceSet(((1, 1),))))), And((All(), UidIs(SequenceSet(((3, 3),)))))),
    ],
)
def test_resolves(key: SearchKey, expected: SearchKey) -> None:
    assert resolve(key, VIEW, decoder(b"ISO-8859-1")) == expected


@pytest.mark.parametrize(
    ("key", "asks"),
    [
        (All(), False),
        (ModSequenceSince(1), True),
        (Not(ModSequenceSince(1)), True),
        (Or(All(), ModSequenceSince(1)), True),
        (Or(ModSequenceSince(1), All()), True),
        (Or(All(), All()), False),
        (And((All(), ModSequenceSince(1))), True),
        (And((All(),)), False),
    ],
)
def test_modseq_is_found_anywhere(key: SearchKey, asks: bool) -> None:
    assert asks_modseq(key) is asks


@pytest.mark.parametrize(
    ("charset", "text", "expected"),
    [
        (None, "é", "é"),
        (b"utf-8", "é", "é"),
        (b"KOI8-R", "мать", "мать"),
        (b"UTF-16", "é", "é"),
        (b"UTF-32", "é", "é"),
        (b"us-ascii", "a", "a"),
    ],
)
def test_decodes(charset: bytes | None, text: str, expected: str) -> None:
    assert decoder(charset)(text.encode((charset or b"utf-8").decode())) == expected.encode()


@pytest.mark.parametrize("charset", [b"X-NONE", b"base64", b"rot13", b"UTF-7", b"punycode", b"unicode-escape", b"\xff", b"a\0b"])
def test_refuses_what_is_no_charset(charset: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decoder(charset)
    assert refusal.value.outcome.code is not None
    assert refusal.value.outcome.code.code is Code.BADCHARSET


def test_refuses_text_of_another_charset() -> None:
    with pytest.raises(Refused, match="not in this charset"):
        decoder(b"US-ASCII")(b"\xff")


def test_leaves() -> None:
    key = And((Not(Or(All(), DAY)), And(()), TextContains(b"a")))
    assert list(leaves(key)) == [All(), DAY, TextContains(b"a")]


@pytest.mark.parametrize("text_key", [TextContains(b"a"), BodyContains(b"a"), HeaderContains(b"To", b"a")])
def test_so_many_keys_and_no_more(text_key: SearchKey) -> None:
    limits = Limits(search_keys_max=5, search_text_keys_max=2)
    require_modest(And((text_key, Not(Or(text_key, All())), All(), All())), limits)
    for key, reason in ((And((All(),) * 6), "5 search keys"), (Or(Or(text_key, text_key), Not(text_key)), "2 search keys look")):
        with pytest.raises(Refused) as refused:
            require_modest(key, limits)
        assert refused.value.outcome.code == ResponseCode(Code.LIMIT)
        assert reason in refused.value.outcome.text
