import pytest

from angarium.engine.imap.list_selection import ancestors, list_data, select_names, select_subscribed
from angarium.engine.operations import MailboxEntry, MailboxId, UserName
from angarium.grammar.imap.commands import List, ListReturn, ListSelect, Lsub
from angarium.grammar.imap.responses import ListData

MAILBOX = MailboxId(UserName("tim"), 1)
SUBSCRIBED = frozenset({ListSelect.SUBSCRIBED})
RECURSIVE = SUBSCRIBED | {ListSelect.RECURSIVEMATCH}


def there(name: str, *special_use: bytes, subscribed: bool = False) -> MailboxEntry:
    return MailboxEntry(name, MAILBOX, subscribed, special_use)


def gone(name: str) -> MailboxEntry:
    return MailboxEntry(name, None, subscribed=True)


# The mailboxes of RFC 9051 §6.3.9.8, examples 1 to 6.
FRUIT = (
    gone("Fruit/Peach"), there("Fruit/Apple"), there("Fruit/Banana", subscribed=True), there("INBOX", subscribed=True),
    there("Tofu"), there("Vegetable", subscribed=True), there("Vegetable/Broccoli", subscribed=True), there("Vegetable/Corn"),
)  # fmt: skip


def names(command: List, entries: tuple[MailboxEntry, ...] = FRUIT) -> list[str]:
    return [data.mailbox for data in select_names(command, entries)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (List("", ("*/*",)), ["Fruit/Apple", "Fruit/Banana", "Vegetable/Broccoli", "Vegetable/Corn"]),
        (List("", ("%",)), ["Fruit", "INBOX", "Tofu", "Vegetable"]),
        (List("", ("*",), SUBSCRIBED), ["Fruit/Banana", "Fruit/Peach", "INBOX", "Vegetable", "Vegetable/Broccoli"]),
        (List("", ("%",), SUBSCRIBED), ["INBOX", "Vegetable"]),
        (List("", ("%",), RECURSIVE), ["Fruit", "INBOX", "Vegetable"]),
        (List("", ("*",), RECURSIVE), ["Fruit/Banana", "Fruit/Peach", "INBOX", "Vegetable", "Vegetable/Broccoli"]),
        (List("", ("Tofu", "INBOX")), ["INBOX", "Tofu"]),
        (List("", ("*",), frozenset({ListSelect.SPECIAL_USE})), []),
        (List("", ("T*",), frozenset({ListSelect.REMOTE})), ["Tofu"]),
    ],
)
def test_names(command: List, expected: list[str]) -> None:
    assert names(command) == expected


def test_childinfo_and_attributes() -> None:
    by_name = {data.mailbox: data for data in select_names(List("", ("%",), RECURSIVE), FRUIT)}
    in_revision2 = {data.mailbox: data for data in select_names(List("", ("%",), RECURSIVE), FRUIT, revision2=True)}
    assert in_revision2["Fruit"].attributes == (rb"\NonExistent", rb"\HasChildren")
    assert by_name["Fruit"] == ListData((rb"\NonExistent", rb"\Noselect", rb"\HasChildren"), "/", "Fruit", (b"SUBSCRIBED",))
    assert by_name["INBOX"] == ListData((rb"\Subscribed", rb"\HasNoChildren"), "/", "INBOX")
    assert by_name["Vegetable"].child_info == (b"SUBSCRIBED",)


def test_childinfo_of_a_parent_nobody_else_knows_of() -> None:
    listed = list(select_names(List("", ("%",), RECURSIVE), (gone("a/b/c"),)))
    assert [(data.mailbox, data.child_info) for data in listed] == [("a", (b"SUBSCRIBED",))]


def test_subscribed_is_told_when_asked_for() -> None:
    asked = List("", ("Veg*",), returns=frozenset({ListReturn.SUBSCRIBED}))
    assert [rb"\Subscribed" in data.attributes for data in select_names(asked, FRUIT)] == [True, True, False]


def test_special_use() -> None:
    (data,) = select_names(List("", ("*",), frozenset({ListSelect.SPECIAL_USE})), (there("Sent", rb"\Sent"), there("a")))
    assert data.attributes == (rb"\HasNoChildren", rb"\Sent")


def test_one_mailbox() -> None:
    assert list_data(FRUIT, "Tofu", old_name="tofu") == ListData((rb"\HasNoChildren",), "/", "Tofu", old_name="tofu")
    assert list_data(FRUIT, "lost").attributes == (rb"\NonExistent", rb"\HasNoChildren")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", ["Fruit/Banana", "Fruit/Peach \\Noselect", "INBOX", "Vegetable", "Vegetable/Broccoli"]),
        ("%", ["Fruit \\Noselect", "INBOX", "Vegetable"]),
        ("Fruit/%", ["Fruit/Banana", "Fruit/Peach \\Noselect"]),
    ],
)
def test_lsub(pattern: str, expected: list[str]) -> None:
    listed = select_subscribed(Lsub("", pattern), FRUIT)
    assert [b" ".join((data.mailbox.encode(), *data.attributes)).decode() for data in listed] == expected


def test_ancestors() -> None:
    assert list(ancestors("a/b/c")) == ["a/b", "a"]
