"""Clauses of RFC 9051 §7.3.1 on LIST responses: attributes, names, extended data."""

import re

import pytest

from angarium.engine.imap.client import ImapClient
from angarium.engine.steps import Received
from angarium.grammar.imap.commands import Noop
from angarium.grammar.imap.responses import ListData
from conformance.dialogue import Dialogue

COMMANDS = [
    'LIST "" "*"',
    'LIST "" "%"',
    'LIST (SUBSCRIBED) "" "*"',
    'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"',
    'LIST "" "*" RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)',
]
TAGS = {"CHILDINFO", "OLDNAME"}


@pytest.fixture
def many(tim: Dialogue) -> Dialogue:
    """Mailboxes at several levels, one of which lost its parent; subscriptions to some, and to one that never was."""
    for name in ("work", "work/old", "work/old/1999", "play/chess", '"a b"', "&AOk-"):
        tim.command(f"a CREATE {name}")
    tim.command("b DELETE play")
    for name in ("work/old", "gone", "gone/too"):
        tim.command(f"c SUBSCRIBE {name}")
    return tim


def listed(connection: Dialogue, command: str) -> list[ListData]:
    """The LIST responses to a command, read by the grammar of responses."""
    connection.begin(Received(f"a {command}\r\n".encode()))
    *data, (answer, _) = connection.responses()
    assert answer.startswith(b"a OK ")
    return [each for _, each in data if isinstance(each, ListData)]


@pytest.mark.parametrize("command", COMMANDS)
def test_attributes_do_not_contradict(many: Dialogue, command: str) -> None:
    names = {each.mailbox for each in listed(many, 'LIST "" "*"')}
    found = listed(many, command)
    assert found
    for each in found:
        attributes = {attribute.lower() for attribute in each.attributes}
        assert len(attributes) == len(each.attributes)
        assert attributes.isdisjoint({b"\\marked", b"\\unmarked"})
        parent = any(name.startswith(f"{each.mailbox}/") for name in names)
        assert (b"\\haschildren" in attributes, b"\\hasnochildren" in attributes) == (parent, not parent)


def test_one_selectability_attribute(many: Dialogue) -> None:
    many.command("a ENABLE IMAP4rev2")
    attributes = [{each.lower() for each in data.attributes} for data in listed(many, 'LIST (SUBSCRIBED) "" "*"')]
    assert {b"\\nonexistent", b"\\subscribed", b"\\hasnochildren"} in attributes
    assert all(len(each & {b"\\nonexistent", b"\\noselect", b"\\marked", b"\\unmarked"}) <= 1 for each in attributes)


def test_special_uses_are_told(many: Dialogue) -> None:
    uses = {each.mailbox: each.attributes for each in listed(many, 'LIST "" "*" RETURN (SPECIAL-USE)')}
    assert rb"\Sent" in uses["Sent"]
    assert not any(use in uses["work"] for use in (rb"\Sent", rb"\Trash", rb"\Junk", rb"\Drafts", rb"\Archive", rb"\All"))


@pytest.mark.parametrize("command", [*COMMANDS, 'LIST "" ""', "LIST work %", "LIST gone/ %"])
def test_one_separator(many: Dialogue, command: str) -> None:
    assert {each.separator for each in listed(many, command)} <= {"/"}


@pytest.mark.parametrize("revision", ["", "IMAP4rev2"])
def test_names_can_be_used(many: Dialogue, revision: str) -> None:
    if revision:
        many.command(f"a ENABLE {revision}")
    many.begin(Received(b'b LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"\r\nc LIST "" "*"\r\n'))
    lines = [line for line, data in many.responses() if isinstance(data, ListData)]
    assert len(lines) > 10
    for line in lines:
        attributes, name = re.fullmatch(rb'\* LIST \(([^)]*)\) "/" ("[^"]*"|[^ ]+).*', line).groups()
        assert many.say(b"d LIST " + name + b" %\r\n")[-1].startswith(b"d OK ")
        selectable = b"NonExistent" not in attributes and b"Noselect" not in attributes
        assert many.say(b"e EXAMINE " + name + b"\r\n")[-1].startswith(b"e OK " if selectable else b"e NO ")


@pytest.mark.parametrize("command", ['LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"', 'CREATE "A\u030a"'])
def test_tags_of_extended_data(many: Dialogue, command: str) -> None:
    many.command("a ENABLE IMAP4rev2")
    lines = [line for line in many.command(f"b {command}") if line.startswith(b"* LIST")]
    tags = {tag.decode().strip('"') for line in lines for tag in re.findall(rb'[( ]("?[A-Z][A-Z-]*"?) \(', line[8:])}
    assert tags
    assert tags <= TAGS


def test_a_client_reads_unknown_extended_data() -> None:
    client = ImapClient()
    client.receive(b"* PREAUTH ready\r\n")
    tag = client.send(Noop())
    lines = (
        b'* LIST () "/" a (tablecloth (("edge" "lacy") ("color" "red")) Sample ("text" "more text"))\r\n' + tag + b" OK done\r\n"
    )
    data, _ = client.receive(lines)
    assert isinstance(data, ListData)
    assert data.mailbox == "a"
    assert not client.pending(tag)
