"""LIST-EXTENDED (RFC 5258), CHILDREN (RFC 3348), LIST-STATUS (RFC 5819), SPECIAL-USE (RFC 6154)."""

from typing import Any

import pytest

from angarium.engine.operations import DeleteMailbox, FetchStatus, ListMailboxes, StoreBusy
from conformance.dialogue import Dialogue

SPECIAL_USES = {rb"\All", rb"\Archive", rb"\Drafts", rb"\Flagged", rb"\Important", rb"\Junk", rb"\Sent", rb"\Trash"}


@pytest.fixture
def tree(tim: Dialogue) -> Dialogue:
    """``a/b/c`` and ``d`` exist; ``a/b/c``, ``d`` and ``gone``, which does not exist, are subscribed."""
    for command in ("CREATE a/b/c", "CREATE d", "SUBSCRIBE a/b/c", "SUBSCRIBE d", "SUBSCRIBE gone"):
        assert tim.command(f"t {command}")[-1].startswith(b"t OK")
    return tim


def listed(connection: Dialogue, arguments: str) -> list[tuple[set[bytes], str, bool]]:
    """What LIST answers: attributes, name, and whether CHILDINFO comes with it."""
    lines = connection.command(f"l LIST {arguments}")
    assert lines[-1] == b"l OK LIST completed", lines
    result = []
    for line in lines[:-1]:
        attributes, _, rest = line.removeprefix(b"* LIST (").partition(b') "/" ')
        result.append((set(attributes.split()), rest.split(b" ")[0].decode(), b"CHILDINFO" in rest))
    return result


def names(connection: Dialogue, arguments: str) -> list[str]:
    return [name for _, name, _ in listed(connection, arguments)]


@pytest.mark.parametrize("arguments", ['() "" ""', '"" ("")', '"" "" RETURN (CHILDREN)', '(SUBSCRIBED) "" ("" "")'])
def test_an_empty_name_is_nothing_special_in_extended_list(tree: Dialogue, arguments: str) -> None:
    assert names(tree, '"" ""') == ['""']
    assert names(tree, arguments) == []


def test_an_empty_pattern_beside_others_is_passed_over(tree: Dialogue) -> None:
    assert names(tree, '"" ("" d)') == ["d"]


def test_a_name_that_matches_several_patterns_is_listed_once(tree: Dialogue) -> None:
    assert names(tree, '"" (a* a/% *b a)') == ["a", "a/b", "a/b/c"]


def test_every_selection_option_has_to_be_satisfied(tree: Dialogue) -> None:
    assert "Sent" in names(tree, '(SPECIAL-USE) "" *')
    assert "Sent" not in names(tree, '(SUBSCRIBED) "" *')
    assert names(tree, '(SPECIAL-USE SUBSCRIBED) "" *') == []
    tree.command("s SUBSCRIBE Sent")
    assert names(tree, '(SPECIAL-USE SUBSCRIBED) "" *') == ["Sent"]


@pytest.mark.parametrize(
    "returns", ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS (MESSAGES)", "SUBSCRIBED CHILDREN SPECIAL-USE"]
)
def test_return_options_add_no_names(tree: Dialogue, returns: str) -> None:
    lines = tree.command(f'r LIST "" * RETURN ({returns})')
    assert sum(line.startswith(b"* LIST") for line in lines) == len(names(tree, '"" *'))
    assert not any(b"gone" in line for line in lines)


@pytest.mark.parametrize("arguments", ['(NONSENSE) "" *', '"" * RETURN (NONSENSE)', '(SUBSCRIBED NONSENSE) "" *'])
def test_unknown_options_are_bad(tree: Dialogue, arguments: str) -> None:
    (answer,) = tree.command(f"u LIST {arguments}")
    assert answer.startswith(b"u BAD")


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        ('(SUBSCRIBED) "" *', '(SUBSCRIBED SUBSCRIBED) "" *'),
        ('(SUBSCRIBED RECURSIVEMATCH) "" %', '(RECURSIVEMATCH SUBSCRIBED RECURSIVEMATCH) "" %'),
        ('"" * RETURN (SUBSCRIBED)', '"" * RETURN (SUBSCRIBED SUBSCRIBED)'),
        ('"" * RETURN (CHILDREN SUBSCRIBED)', '"" * RETURN (SUBSCRIBED CHILDREN CHILDREN)'),
    ],
)
def test_an_option_given_twice_counts_once(tree: Dialogue, once: str, twice: str) -> None:
    assert listed(tree, once) == listed(tree, twice) != []


def test_extended_data_comes_only_to_those_who_asked(tree: Dialogue) -> None:
    for arguments in ('"" *', '"" "%"', '(SUBSCRIBED) "" *', '"" (a d)', '"" * RETURN (CHILDREN)'):
        assert not any(childinfo for _, _, childinfo in listed(tree, arguments))
    assert [name for _, name, childinfo in listed(tree, '(SUBSCRIBED RECURSIVEMATCH) "" %') if childinfo] == ["a"]


def test_names_that_do_not_exist_are_told_as_such(tree: Dialogue) -> None:
    attributes = {name: attributes for attributes, name, _ in listed(tree, '(SUBSCRIBED) "" *')}
    assert {name for name, told in attributes.items() if rb"\NonExistent" in told} == {"gone"}
    assert names(tree, '"" gone') == []
    tree.command("g CREATE gone")
    assert not any(rb"\NonExistent" in told for told, _, _ in listed(tree, '(SUBSCRIBED) "" *'))


def test_subscribed_selects_exactly_what_matches_and_is_subscribed(tree: Dialogue) -> None:
    assert names(tree, '(SUBSCRIBED) "" *') == ["a/b/c", "d", "gone"]
    assert names(tree, '(SUBSCRIBED) "" %') == ["d", "gone"]
    tree.command("u UNSUBSCRIBE d")
    assert names(tree, '(SUBSCRIBED) "" *') == ["a/b/c", "gone"]


@pytest.mark.parametrize("arguments", ['(SUBSCRIBED) "" *', '"" * RETURN (SUBSCRIBED)'])
def test_subscribed_is_told_and_the_other_attributes_are_as_without(tree: Dialogue, arguments: str) -> None:
    plain = {name: attributes for attributes, name, _ in listed(tree, '"" *')}
    asked = {name: attributes for attributes, name, _ in listed(tree, arguments)}
    assert {name for name, told in asked.items() if rb"\Subscribed" in told} == {"a/b/c", "d", "gone"} & asked.keys()
    for name in plain.keys() & asked.keys():
        assert asked[name] - {rb"\Subscribed"} == plain[name]


def test_no_mailbox_is_remote(tree: Dialogue) -> None:
    assert listed(tree, '(REMOTE) "" *') == listed(tree, '"" *')
    assert not any(rb"\Remote" in told for told, _, _ in listed(tree, '(REMOTE) "" *'))


@pytest.mark.parametrize("options", ["RECURSIVEMATCH", "RECURSIVEMATCH REMOTE", "REMOTE RECURSIVEMATCH"])
def test_recursivematch_needs_something_to_match(tree: Dialogue, options: str) -> None:
    (answer,) = tree.command(f'r LIST ({options}) "" *')
    assert answer.startswith(b"r BAD")


def test_childinfo_is_left_out_where_a_child_is_listed(tree: Dialogue) -> None:
    assert listed(tree, '(SUBSCRIBED RECURSIVEMATCH) "" a') == [({rb"\HasChildren"}, "a", True)]
    assert [(name, childinfo) for _, name, childinfo in listed(tree, '(SUBSCRIBED RECURSIVEMATCH) "" a*')] == [("a/b/c", False)]


def test_childinfo_names_the_options_that_selected(tree: Dialogue) -> None:
    tree.command("c CREATE Sent/a")
    tree.command("s SUBSCRIBE Sent/a")
    assert b'* LIST (\\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))' in tree.command('r LIST (SUBSCRIBED RECURSIVEMATCH) "" %')
    assert not any(b"CHILDINFO" in line for line in tree.command('r LIST (SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" %'))


def test_a_parent_of_subscribed_names_is_not_told_as_noselect(tree: Dialogue) -> None:
    (told,) = (attributes for attributes, name, _ in listed(tree, '(SUBSCRIBED RECURSIVEMATCH) "" %') if name == "a")
    assert rb"\Noselect" not in told


@pytest.mark.parametrize(
    "arguments", ['"" *', '"" * RETURN (CHILDREN)', '"" % RETURN (CHILDREN)', '(SUBSCRIBED) "" * RETURN (CHILDREN)']
)
def test_each_name_has_children_or_has_none(tree: Dialogue, arguments: str) -> None:
    for attributes, name, _ in listed(tree, arguments):
        assert attributes & {rb"\HasChildren", rb"\HasNoChildren"} == {
            rb"\HasChildren" if name in ("a", "a/b") else rb"\HasNoChildren"
        }


def test_a_parent_that_does_not_exist_is_told_as_such(tree: Dialogue) -> None:
    execute = tree.execute

    def without_parents(operation: Any) -> Any:
        result = execute(operation)
        return tuple(entry for entry in result if entry.name != "a/b") if isinstance(operation, ListMailboxes) else result

    tree.execute = without_parents
    assert listed(tree, '"" a/%') == [({rb"\NonExistent", rb"\Noselect", rb"\HasChildren"}, "a/b", False)]


def test_status_follows_each_selectable_name(tree: Dialogue) -> None:
    lines = tree.command('s LIST (SUBSCRIBED) "" * RETURN (STATUS (MESSAGES))')
    kinds = [(line.split()[1], line.split()[-1] if b"LIST" in line else line.split()[2]) for line in lines[:-1]]
    assert kinds == [(b"LIST", b"a/b/c"), (b"STATUS", b"a/b/c"), (b"LIST", b"d"), (b"STATUS", b"d"), (b"LIST", b"gone")]


def test_a_mailbox_that_goes_before_its_status_is_told_as_noselect(tree: Dialogue) -> None:
    execute = tree.execute

    def late(operation: Any) -> Any:
        if isinstance(operation, FetchStatus):
            execute(DeleteMailbox(operation.user, "d"))
        return execute(operation)

    tree.execute = late
    assert tree.command('s LIST "" d RETURN (STATUS (MESSAGES))') == [
        b'* LIST (\\Noselect \\HasNoChildren) "/" d',
        b"s OK LIST completed",
    ]


def test_list_is_refused_as_a_whole_where_the_store_is_busy(tree: Dialogue) -> None:
    execute = tree.execute

    def busy(operation: Any) -> Any:
        if isinstance(operation, FetchStatus):
            raise StoreBusy
        return execute(operation)

    tree.execute = busy
    assert tree.command('s LIST "" d RETURN (STATUS (MESSAGES))') == [b"s NO [INUSE] busy, try again"]


def test_special_use_selects_mailboxes_that_have_one(tree: Dialogue) -> None:
    selected = listed(tree, '(SPECIAL-USE) "" *')
    assert {name for _, name, _ in selected} == {"Archive", "Drafts", "Junk", "Sent", "Trash"}
    assert all(attributes & SPECIAL_USES for attributes, _, _ in selected)


def test_special_use_is_told_to_those_who_ask(tree: Dialogue) -> None:
    told = {name: attributes & SPECIAL_USES for attributes, name, _ in listed(tree, '"" * RETURN (SPECIAL-USE)')}
    assert told == {
        name: {b"\\" + name.encode()} if name in ("Archive", "Drafts", "Junk", "Sent", "Trash") else set() for name in told
    }


def test_only_registered_special_uses_are_told(tree: Dialogue) -> None:
    known = SPECIAL_USES | {rb"\HasChildren", rb"\HasNoChildren", rb"\Subscribed", rb"\NonExistent", rb"\Noselect"}
    for arguments in ('"" *', '(SPECIAL-USE) "" *', '(SUBSCRIBED) "" * RETURN (SPECIAL-USE)'):
        assert all(attributes <= known for attributes, _, _ in listed(tree, arguments))


@pytest.mark.parametrize("use", [r"\All", r"\Flagged", r"\Inbox", r"\X-Y", r"\Sent \All"])
def test_a_special_use_that_cannot_be_given_is_refused_and_nothing_is_created(tree: Dialogue, use: str) -> None:
    (answer,) = tree.command(f"c CREATE new/er (USE ({use}))")
    assert answer.startswith(b"c NO [USEATTR] ")
    assert names(tree, '"" new*') == []


def test_a_special_use_does_not_make_a_mailbox_anew(tree: Dialogue) -> None:
    (answer,) = tree.command(r"c CREATE d (USE (\Sent))")
    assert answer.startswith(b"c NO [ALREADYEXISTS] ")
    assert "d" not in names(tree, '(SPECIAL-USE) "" *')


@pytest.mark.parametrize(
    ("parameters", "uses"),
    [
        (r"(USE (\Sent))", {rb"\Sent"}),
        (r"(use (\sent \DRAFTS \Sent))", {rb"\Sent", rb"\Drafts"}),
        (r"(USE (\Junk) USE (\Trash))", {rb"\Junk", rb"\Trash"}),
        (r"(USE (\Archive))", {rb"\Archive"}),
        (r"(USE (\IMPORTANT \Sent))", {rb"\Important", rb"\Sent"}),
        ("(USE ())", set()),
    ],
)
def test_a_mailbox_is_created_for_its_uses(tree: Dialogue, parameters: str, uses: set[bytes]) -> None:
    assert tree.command(f"c CREATE new/er {parameters}")[-1].startswith(b"c OK [MAILBOXID ")
    ((attributes, _, _),) = listed(tree, '"" new/er RETURN (SPECIAL-USE)')
    assert attributes & SPECIAL_USES == uses
    ((attributes, _, _),) = listed(tree, '"" new RETURN (SPECIAL-USE)')
    assert not attributes & SPECIAL_USES


def test_several_mailboxes_may_have_one_use(tree: Dialogue) -> None:
    tree.command(r"c CREATE d/sent (USE (\Sent))")
    assert {"Sent", "d/sent"} <= set(names(tree, '(SPECIAL-USE) "" *'))
    tree.command("r RENAME d/sent posted")
    assert {"Sent", "posted"} <= set(names(tree, '(SPECIAL-USE) "" *'))


@pytest.mark.parametrize("parameters", ["()", "(USE)", "(USE \\Sent)", "(USE (Sent))", "(USE (\\Sent)", "(X-Y)", "(USE ( ))"])
def test_what_is_no_use_is_bad(tree: Dialogue, parameters: str) -> None:
    assert tree.command(f"c CREATE new {parameters}")[-1].startswith(b"c BAD")
    assert names(tree, '"" new') == []
