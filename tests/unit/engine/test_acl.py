import pytest

from angarium.engine.acl import RIGHTS, granted, identifier, ordered, rights, settable, shown, spared
from angarium.engine.operations import UserName

ANN, BOB = UserName("ann"), UserName("bob")


@pytest.mark.parametrize(
    ("octets", "kept"),
    [(b"Bob", "bob"), (b"-BOB", "-bob"), (b"anyone", "anyone"), (b"Group:Staff", "group:staff"), ("ﬁsh".encode(), "fish")],
)
def test_identifiers_are_prepared(octets: bytes, kept: str) -> None:
    assert identifier(octets) == kept


@pytest.mark.parametrize("octets", [b"", b"-", b"\xff", b"a\x07", "­".encode(), b"x" * 513])
def test_what_is_no_identifier(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"identifier|decode|prohibited"):
        identifier(octets)


@pytest.mark.parametrize(
    ("text", "meant"), [(b"", ""), (b"rl", "lr"), (b"cd", "kxte"), (b"dtd", "te"), (b"aetxkpiwsrl", RIGHTS), (b"ck", "kx")]
)
def test_rights_are_written_out_in_order(text: bytes, meant: str) -> None:
    assert rights(text) == meant


@pytest.mark.parametrize("text", [b"L", b"q", b"0", b" ", b"l-", b"\xc3\xa4"])
def test_an_unknown_right_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"not supported|decode"):
        rights(text)


@pytest.mark.parametrize(
    ("given", "told"), [("", b""), ("lr", b"lr"), ("k", b"kc"), ("x", b"xc"), ("e", b"ed"), (RIGHTS, b"lrswipkxteacd")]
)
def test_obsolete_rights_are_shown_beside(given: str, told: bytes) -> None:
    assert shown(given) == told


def test_what_is_granted() -> None:
    entries = {"anyone": "lr", "bob": "sw", "group:staff": "i", "-group:board": "r", "-bob": "w", "-anyone": "p", "carol": "a"}
    assert granted(entries, ANN, BOB, ["Staff"]) == "lrsi"
    assert granted(entries, ANN, BOB, ["board"]) == "ls"
    assert granted(entries, ANN, UserName("dan"), []) == "lr"
    assert granted({}, ANN, BOB, []) == ""
    assert granted({"-ann": RIGHTS}, ANN, ANN, []) == RIGHTS


def test_flags_and_their_rights() -> None:
    flags = (rb"\SEEN", rb"\Deleted", rb"\Draft", b"$Work")
    assert settable(flags, "s") == (rb"\SEEN",)
    assert spared(flags, "s") == (rb"\Deleted", rb"\Draft", b"$Work")
    assert settable(flags, "wt") == (rb"\Deleted", rb"\Draft", b"$Work")
    assert ordered("tls") == "lst"
