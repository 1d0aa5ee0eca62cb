"""Clauses of RFC 9051 §9 on the grammar, and of its appendix A on the names of IMAP4rev1."""

import pytest

from angarium.engine.imap.client import ImapClient
from angarium.engine.operations import AppendMessages, NewMessage, UserName
from angarium.grammar.imap.commands import Select
from conformance.dialogue import Dialogue


@pytest.mark.parametrize(
    ("command", "flags"),
    [("+FLAGS (\\seen \\SEEN \\Seen)", b"\\Seen"), ("+FLAGS (\\dElEtEd Work)", b"\\Deleted Work"), ("FLAGS \\draft", b"\\Draft")],
)
def test_the_earlier_rule_counts(inbox: Dialogue, command: str, flags: bytes) -> None:
    lines = inbox.command(f"a STORE 1 {command}")
    assert lines[-2] == b"* 1 FETCH (FLAGS (" + flags + b" \\Recent))"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("fEtCh 1 (uId rFc822.sIzE)", b"* 1 FETCH (UID 1 RFC822.SIZE 25)"),
        ("uid fetch 1 body.peek[header.fields (SUBJECT)]<0.3>", b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)]<0> {3}\r\nSub)"),
        ("search return (min Max) not deleted since 1-jan-1990", b'* ESEARCH (TAG "a") MIN 1 MAX 3'),
        ("status INBOX (messages)", b"* STATUS INBOX (MESSAGES 3)"),
        ('list (subscribed) "" none return (children)', b"a OK LIST completed"),
        ("enable imap4REV2", b"* ENABLED IMAP4rev2"),
        ("uNsElEcT", b"a OK UNSELECT completed"),
    ],
)
def test_words_in_any_case(inbox: Dialogue, command: str, answer: bytes) -> None:
    assert inbox.command(f"a {command}")[0] == answer


@pytest.mark.parametrize(
    "line",
    [
        "a  NOOP",
        "a NOOP ",
        "a\tNOOP",
        " a NOOP",
        "a FETCH  1 UID",
        "a FETCH 1\tUID",
        "a FETCH 1 ( UID)",
        "a FETCH 1 (UID  FLAGS)",
    ],
)
def test_a_space_is_one_space(inbox: Dialogue, line: str) -> None:
    (answer,) = inbox.command(line)
    assert answer.split()[1] == b"BAD"


@pytest.mark.parametrize("items", ["BODY.PEEK[]", "BODY.PEEK[HEADER]", "ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[1]", "RFC822"])
def test_nul_is_never_sent(tim: Dialogue, items: str) -> None:
    message = b"Subject: a\0b\r\nContent-Type: text/plain; x=\0\r\n\r\nc\0d\r\n"
    tim.execute(AppendMessages(UserName("tim"), "INBOX", (NewMessage(message),)))
    tim.command("a SELECT INBOX")
    (data, answer) = tim.command(f"b FETCH 1 {items}")
    assert answer.startswith(b"b OK ")
    assert b"\0" not in data
    assert b"~{5}\r\nc\0d\r\n" in tim.command("c FETCH 1 BINARY.PEEK[1]")[0]


def test_a_client_accepts_unknown_flags() -> None:
    client = ImapClient()
    client.receive(b"* PREAUTH ready\r\n")
    tag = client.send(Select("INBOX"))
    client.receive(b"* 1 EXISTS\r\n* FLAGS (\\New $x)\r\n* 1 FETCH (FLAGS (\\New \\Seen))\r\n" + tag + b" OK done\r\n")
    assert client.view is not None
    assert client.view.flags == (b"\\New", b"$x")


@pytest.mark.parametrize("command", ["STORE 1 +FLAGS (\\New \\Seen)", "STORE 1 FLAGS (\\Seen \\*x)", "STORE 1 +FLAGS (\\New)"])
def test_no_flags_are_invented(inbox: Dialogue, command: str) -> None:
    inbox.command(f"a {command}")
    (line, _) = inbox.command("b FETCH 1 FLAGS")
    assert line in (b"* 1 FETCH (FLAGS (\\Seen \\Recent))", b"* 1 FETCH (FLAGS (\\Recent))")


@pytest.mark.parametrize("name", [b"inbox", b"iNbOx", b'"InBox"', b"{5+}\r\nINBOx"])
def test_inbox_in_any_case(inbox: Dialogue, name: bytes) -> None:
    assert inbox.say(b"a STATUS " + name + b" (MESSAGES)\r\n")[0] == b"* STATUS INBOX (MESSAGES 3)"
    assert inbox.say(b"b SELECT " + name + b"\r\n")[-1].startswith(b"b OK ")
    assert inbox.say(b"c CREATE " + name + b"\r\n")[-1].startswith(b"c NO ")


@pytest.mark.parametrize("numbers", ["4", "3:4", "4:*", "1,2,9", "4294967295"])
@pytest.mark.parametrize("command", ["FETCH {} UID", "STORE {} +FLAGS (\\Seen)", "COPY {} Sent", "MOVE {} Sent", "SEARCH {}"])
def test_numbers_that_are_not_there(inbox: Dialogue, numbers: str, command: str) -> None:
    (answer,) = inbox.command("a " + command.format(numbers))
    assert answer.startswith(b"a BAD ")
    assert inbox.command("b SELECT Sent")[-1].startswith(b"b OK ")
    assert inbox.command("c FETCH * UID")[0].startswith(b"c BAD ")


@pytest.mark.parametrize("numbers", ["1:3", "3:1", "*:1", "1,2:3,2", "3,1,2,1:2", "2:*,1"])
def test_sets_in_any_order(inbox: Dialogue, numbers: str) -> None:
    lines = inbox.command(f"a FETCH {numbers} UID")
    assert sorted(lines[:-1]) == [b"* %d FETCH (UID %d)" % (number, number) for number in (1, 2, 3)]


@pytest.fixture
def named(tim: Dialogue) -> Dialogue:
    """A mailbox and a message whose names are not ASCII."""
    assert tim.command("a CREATE Entw&APw-rfe")[-1].startswith(b"a OK ")
    tim.append("Subject: Grüße\r\nFrom: Jürgen <j@x>\r\nContent-Type: a/b; name=ü\r\n\r\nx\r\n".encode(), mailbox="Entw&APw-rfe")
    tim.command("b SUBSCRIBE Entw&APw-rfe")
    return tim


def quoted_octets(line: bytes) -> bytes:
    """What of a response is in no literal."""
    while (start := line.find(b"}\r\n")) >= 0:
        length = int(line[line.rindex(b"{", 0, start) + 1 : start])
        line = line[:start] + line[start + 3 + length :]
    return line


def test_no_utf8_in_quoted_strings_before_enable(named: Dialogue) -> None:
    commands = ['LIST "" *', 'LSUB "" *', "STATUS Entw&APw-rfe (MESSAGES)", "SELECT Entw&APw-rfe"]
    commands.append("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER])")
    lines = [line for command in commands for line in named.command(f"c {command}")]
    assert any("Grüße".encode() in line for line in lines)
    assert all(quoted_octets(line).isascii() for line in lines)


def test_names_before_and_after_enable(named: Dialogue) -> None:
    assert b'* LIST (\\HasNoChildren) "/" Entw&APw-rfe' in named.command('c LIST "" *')
    assert named.command("d STATUS Entw&APw-rfe (MESSAGES)")[0] == b"* STATUS Entw&APw-rfe (MESSAGES 1)"
    named.command("e ENABLE IMAP4rev2")
    assert '* LIST (\\HasNoChildren) "/" "Entwürfe"'.encode() in named.command('f LIST "" *')
    assert named.command('g STATUS "Entwürfe" (MESSAGES)')[0] == '* STATUS "Entwürfe" (MESSAGES 1)'.encode()
    assert named.command("h STATUS Entw&APw-rfe (MESSAGES)")[0].startswith(b"h NO ")


@pytest.mark.parametrize("name", ["&U,BTFw-", "&ZeVnLIqe-", "a&AOk-b"])
def test_encoded_names_keep_their_form(tim: Dialogue, name: str) -> None:
    tim.command(f"a CREATE {name}")
    assert f'* LIST (\\HasNoChildren) "/" {name}'.encode() in tim.command('b LIST "" *')
    assert tim.command(f"c STATUS {name.swapcase()} (MESSAGES)")[0].split()[1] in (b"NO", b"BAD")


@pytest.mark.parametrize("name", ["&Jjo!", "&U,BTFw-&ZeVnLIqe-", "&AEE-", "a&", "&Jjo", "R&D"])
def test_create_refuses_wrong_encodings(tim: Dialogue, name: str) -> None:
    (answer,) = tim.command(f"a CREATE {name}")
    assert answer.split()[1] in (b"NO", b"BAD")
