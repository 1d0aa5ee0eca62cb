import pytest

from angarium.engine.namespaces import Namespaces, Place, may_match, place_of, prefix_of
from angarium.engine.operations import UserName

ANN, BOB, COMMON = UserName("ann"), UserName("bob"), UserName("common")
BOTH = Namespaces(COMMON)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("INBOX", Place(ANN, "INBOX")),
        ("Sharedness/x", Place(ANN, "Sharedness/x")),
        ("Other Users2", Place(ANN, "Other Users2")),
        ("shared/x", Place(ANN, "shared/x")),
        ("a/Shared/x", Place(ANN, "a/Shared/x")),
        ("Shared/a/b", Place(COMMON, "a/b", "Shared/")),
        ("Shared", Place(COMMON, "", "Shared/")),
        ("Other Users/bob/a/b", Place(BOB, "a/b", "Other Users/bob/")),
        ("Other Users/ann/a", Place(ANN, "a", "Other Users/ann/")),
        ("Other Users/bob", Place(BOB, "", "Other Users/bob/")),
        ("Other Users", Place(UserName(""), "", "Other Users//")),
    ],
)
def test_where_a_name_leads(name: str, place: Place) -> None:
    assert place_of(name, ANN, BOTH) == place
    assert place_of(name, ANN, None) == Place(ANN, name)
    if place.name:
        assert place.full(place.name) == name
        assert place.is_foreign == (name != place.name)


def test_prefixes() -> None:
    assert prefix_of(COMMON, BOTH) == "Shared/"
    assert prefix_of(BOB, BOTH) == "Other Users/bob/"


@pytest.mark.parametrize("pattern", ["*", "%", "", "O*", "Other Users/%", "Other Users/bob/x", "Shared/*", "Sh%red", "*x"])
def test_patterns_that_may_match(pattern: str) -> None:
    assert may_match(pattern)


@pytest.mark.parametrize("pattern", ["INBOX", "Sent*", "Other-*", "a/*", "shared/*", "Shared2%"])
def test_patterns_that_cannot(pattern: str) -> None:
    assert not may_match(pattern)
