"""RFC 9051 §5.1: which names a mailbox can have, whichever way they are written."""

import re

import pytest

from angarium.engine.steps import Peer
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

COMPOSED = "\u00c5ngstr\u00f6m"
DECOMPOSED = "A\u030angstro\u0308m"
MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture
def modern(tim: Dialogue) -> Dialogue:
    """A connection with IMAP4rev2, where names are UTF-8."""
    assert tim.command("e ENABLE IMAP4rev2")[-1].startswith(b"e OK")
    return tim


@pytest.mark.parametrize("name", [b"\xff", b"a\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe4\xf6"])
def test_names_that_are_not_net_unicode_are_refused(modern: Dialogue, name: bytes) -> None:
    before = modern.command('l LIST "" *')
    for quoted in (b'"%b"' % name, b"{%d+}\r\n%b" % (len(name), name)):
        assert re.match(rb"a (BAD|NO) ", modern.say(b"a CREATE %b\r\n" % quoted)[-1])
        assert re.match(rb"a (BAD|NO) ", modern.say(b"a RENAME Sent %b\r\n" % quoted)[-1])
    assert modern.command('l LIST "" *') == before


@pytest.mark.parametrize("name", [b"a\tb", b"a\x7fb", b"\x1b[31m", b"a\xc2\x85b", b"a\xe2\x80\xa8b"])
def test_control_characters_are_refused(modern: Dialogue, name: bytes) -> None:
    assert re.match(rb"a (BAD|NO \[CANNOT\]) ", modern.say(b'a CREATE "%b"\r\n' % name)[-1])


@pytest.mark.parametrize(
    "command",
    [
        'SELECT "{}"',
        'EXAMINE "{}"',
        'STATUS "{}" (MESSAGES)',
        'SUBSCRIBE "{}"',
        'UNSUBSCRIBE "{}"',
        'LIST "" "{}"',
        'LIST "{}/" %',
        'LIST (SUBSCRIBED) "" ("{}")',
        'LSUB "" "{}"',
        'RENAME "{}" other',
        'DELETE "{}"',
        'COPY 1 "{}"',
        'MOVE 1 "{}"',
        'APPEND "{}" {{3+}}\r\nabc',
    ],
)
def test_a_name_not_normalized_works_in_every_command(command: str) -> None:
    """Whatever the command, it answers and does the same as with the normalized name, OLDNAME apart."""
    answers = []
    for name in (COMPOSED, DECOMPOSED):
        connection = Dialogue(ModelStore({"tim": "secret"}).execute)
        for line in ("in LOGIN tim secret", "in ENABLE IMAP4rev2", f'in CREATE "{COMPOSED}"', f'in SUBSCRIBE "{COMPOSED}"'):
            assert connection.command(line)[-1].startswith(b"in OK")
        connection.append(MESSAGE)
        connection.command("in SELECT INBOX")
        said = [re.sub(rb' \("OLDNAME" .*\)\Z', b"", line) for line in connection.command("a " + command.format(name))]
        assert said[-1].startswith(b"a OK")
        said = [line for line in said if not line.startswith(b"* LIST") or command.startswith(("LIST", "SELECT", "EXAMINE"))]
        answers.append((said, connection.command('z LIST "" * RETURN (SUBSCRIBED STATUS (MESSAGES))')))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", ["INBOX", "inbox", "iNbOx", '"inBOX"', "{5+}\r\nInbox"])
def test_inbox_in_any_case_is_one_mailbox(tim: Dialogue, name: str) -> None:
    tim.append(MESSAGE)
    assert tim.command(f"a STATUS {name} (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 1)"
    assert tim.command(f"b SELECT {name}")[-1].startswith(b"b OK")
    assert tim.command(f"c CREATE {name}")[-1].startswith(b"c NO [ALREADYEXISTS]")


@pytest.mark.parametrize("written", ["NIL", '"NIL"', "{3+}\r\nNIL"])
def test_nil_is_a_name_like_others(tim: Dialogue, written: str) -> None:
    assert tim.command(f"a CREATE {written}")[-1].startswith(b"a OK")
    tim.append(MESSAGE, mailbox="NIL")
    lines = tim.command(f'b LIST "" {written} RETURN (STATUS (MESSAGES))')
    assert re.fullmatch(rb'\* LIST \(\\HasNoChildren\) "/" ("NIL"|NIL)', lines[0])
    assert re.fullmatch(rb'\* STATUS ("NIL"|NIL) \(MESSAGES 1\)', lines[1])
    assert tim.command(f"c SELECT {written}")[-1].startswith(b"c OK")


def test_levels_run_from_left_to_right(tim: Dialogue) -> None:
    tim.command("a CREATE one/two/three")
    listed = {level: tim.command(f'b LIST "" {"/".join("%" * level)}')[:-1] for level in (1, 2, 3)}
    assert rb'* LIST (\HasChildren) "/" one' in listed[1]
    assert listed[2] == [rb'* LIST (\HasChildren) "/" one/two']
    assert listed[3] == [rb'* LIST (\HasNoChildren) "/" one/two/three']
    assert len({re.search(rb'\) ("."|NIL) ', line)[1] for lines in listed.values() for line in lines}) == 1  # type: ignore[index]


def test_inbox_is_in_the_personal_namespace(tim: Dialogue) -> None:
    assert tim.command("a NAMESPACE")[0] == b'* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL'
    assert tim.command('b LIST "" INBOX')[0] == rb'* LIST (\HasNoChildren) "/" INBOX'


def test_mailboxes_of_others_are_out_of_reach() -> None:
    store = ModelStore({"tim": "secret", "fred": "foo"})
    tim, fred = (Dialogue(store.execute, Peer("x", local=True)) for _ in range(2))
    tim.command("in LOGIN tim secret")
    fred.command("in LOGIN fred foo")
    tim.command("a CREATE private")
    tim.append(MESSAGE)
    assert fred.command("b STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"
    assert not [line for line in fred.command('c LIST "" *') if b"private" in line]
    for line in ("SELECT private", "STATUS private (MESSAGES)", "DELETE private", "SELECT tim/INBOX", "SELECT user/tim"):
        assert fred.command(f"d {line}")[-1].startswith(b"d NO [NONEXISTENT]")
