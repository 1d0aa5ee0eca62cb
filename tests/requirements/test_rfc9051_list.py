"""RFC 9051 §6.3.9: how LIST reads its arguments, and that it stays quick."""

import re
from typing import Any

import pytest

from angarium.engine.operations import ListMailboxes, MailboxEntry
from conformance.dialogue import Dialogue


def names(connection: Dialogue, arguments: str) -> list[bytes]:
    """The names that LIST gives, as they are written."""
    lines = connection.command(f"n LIST {arguments}")
    assert lines[-1].startswith(b"n OK")
    return [line.rpartition(b' "/" ')[2] for line in lines[:-1]]


@pytest.fixture
def tree(tim: Dialogue) -> Dialogue:
    for name in ("foo/bar/baz", "food", "zap"):
        tim.command(f"c CREATE {name}")
    return tim


@pytest.mark.parametrize("size", [1, 300])
def test_list_asks_the_store_once(tim: Dialogue, size: int) -> None:
    """The costs are one question to the store, however many names there are and whatever is asked of them."""
    for number in range(size):
        tim.command(f"c CREATE box/{number}")
    tim.operations.clear()
    assert len(names(tim, '"" box/% RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)')) == size
    assert [type(operation) for operation in tim.operations] == [ListMailboxes]


def test_an_empty_reference_means_names_as_select_takes_them(tree: Dialogue) -> None:
    for name in names(tree, '"" *'):
        assert names(tree, f'"" {name.decode()}') == [name]
        assert tree.command(f"s SELECT {name.decode()}")[-1].startswith(b"s OK")


@pytest.mark.parametrize("reference", ["foo/", "foo/bar/", "fo", "f"])
@pytest.mark.parametrize("pattern", ["*", "%", "b*", "o/%"])
def test_the_reference_stands_before_the_names_as_it_was_given(tree: Dialogue, reference: str, pattern: str) -> None:
    listed = names(tree, f"{reference} {pattern}")
    assert listed == names(tree, f'"" {reference}{pattern}')
    assert all(name.startswith(reference.encode()) for name in listed)


def test_wildcards(tree: Dialogue) -> None:
    assert names(tree, '"" foo*') == [b"foo", b"foo/bar", b"foo/bar/baz", b"food"]
    assert names(tree, '"" foo%') == [b"foo", b"food"]
    assert names(tree, '"" %/%') == [b"foo/bar"]
    assert names(tree, '"" *ba%') == [b"foo/bar", b"foo/bar/baz"]
    assert names(tree, '"" "%a%"') == [b"Drafts", b"Trash", b"zap"]


@pytest.mark.parametrize(
    "pattern",
    ["a//b", "//*", "/", "../*", "~/*", "#news.*", "&Jjo!", '"\\\\"', '"\\"%"', "x" * 5000, "%" * 5000 + "y", '"INBOX "'],
)
def test_patterns_that_fit_nothing_are_passed_over(tree: Dialogue, pattern: str) -> None:
    assert names(tree, f'"" {pattern}') == []
    assert names(tree, f'"" ({pattern} zap)') == [b"zap"]


def test_a_parent_that_does_not_exist_is_told_as_such(tim: Dialogue) -> None:
    """Stores may have mailboxes whose parents do not exist."""
    execute = tim.execute

    def with_orphan(operation: Any) -> Any:
        result = execute(operation)
        if isinstance(operation, ListMailboxes):
            return (MailboxEntry("Customers/ABC", result[0].id), *result)
        return result

    tim.execute = with_orphan
    (line, _) = tim.command('a LIST "" Cust%')
    found = re.fullmatch(rb'\* LIST \((.*)\) "/" Customers', line)
    assert found
    assert {rb"\NonExistent", rb"\HasChildren"} <= set(found[1].split())


def test_options_of_the_rfc_are_known(tree: Dialogue) -> None:
    tree.command("s SUBSCRIBE foo/bar/baz")
    assert names(tree, '(SUBSCRIBED) "" *') == [b"foo/bar/baz"]
    assert names(tree, '(REMOTE SUBSCRIBED RECURSIVEMATCH) "" foo%') == [b'foo ("CHILDINFO" ("SUBSCRIBED"))']
    lines = tree.command('a LIST "" foo/bar/% RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT))')
    assert lines[0] == rb'* LIST (\Subscribed \HasNoChildren) "/" foo/bar/baz'
    assert lines[1] == b"* STATUS foo/bar/baz (MESSAGES 0 UIDNEXT 1)"
