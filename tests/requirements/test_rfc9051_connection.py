"""RFC 9051 §2.2, §4.3, §5.2, §5.4, §5.5: commands, literals, news, silence and the order of it all."""

import re
from collections.abc import Callable

import pytest

from angarium.engine.imap.connection import ImapServer
from angarium.engine.imap.limits import Limits
from angarium.engine.steps import Received
from angarium.server.config import Config, ConfigError, load
from angarium.spec.model_store import ModelStore
from angarium.transports.memory import World
from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
BINARY = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n"


def test_the_usual_ports() -> None:
    listening = load(None, {}).listening()
    assert [address.port for address in listening.imap] == [143]
    assert [address.port for address in listening.imaps] == [993]


def test_a_tag_may_be_used_again(inbox: Dialogue) -> None:
    for line in ("NOOP", "NOOP", "FETCH 1 UID", "NONSENSE", "SELECT INBOX", "NOOP"):
        assert re.match(rb"a (OK|BAD) ", inbox.command(f"a {line}")[-1])
    assert [line[:4] for line in inbox.say(b"a NOOP\r\na NOOP\r\n")] == [b"a OK", b"a OK"]


@pytest.mark.parametrize(
    "line",
    [
        "a  NOOP",
        " a NOOP",
        "a NOOP ",
        "a NOOP x",
        "a SELECT",
        "a SELECT  INBOX",
        "a SELECT INBOX ",
        "a SELECT INBOX Sent",
        'a LIST ""',
        'a LIST "" * *',
        "a STATUS INBOX MESSAGES",
        "a STATUS INBOX ()",
        "a STATUS INBOX ( MESSAGES)",
        "a FETCH 1 (FLAGS  UID)",
        "a FETCH 1  FLAGS",
        "a FETCH FLAGS",
        "a STORE 1 FLAGS",
        "a STORE 1 +FLAGS (\\Seen",
        "a UID NOOP",
        "a COPY 1",
        "a SEARCH",
        "a SEARCH  ALL",
        "a CREATE a b",
        "a RENAME a",
        "a EXPUNGE 1",
        "a LOGOUT now",
        "a ENABLE",
        "a\tNOOP",
    ],
)
def test_errors_of_syntax_are_bad(inbox: Dialogue, line: str) -> None:
    (answer,) = inbox.command(line)
    assert re.match(rb"(a|\*) BAD ", answer)
    assert inbox.command("b FETCH 1 UID")[-1].startswith(b"b OK")


def test_literals_to_the_client_are_plain(tim: Dialogue) -> None:
    tim.append(b'Subject: "quoted \\ and \xff 8-bit"\r\nFrom: "\xff" <x@example.org>\r\n\r\nhello\r\n')
    tim.command("a SELECT INBOX")
    tim.begin(Received(b"b FETCH 1 (ENVELOPE BODY[] BODY[HEADER] BODY[TEXT] BINARY[1])\r\n"))
    announced = re.findall(rb"\{\d+(\+?)\}\r\n", b"".join(tim.sent))
    assert len(announced) >= 4
    assert set(announced) == {b""}


def test_synchronizing_literals_are_asked_for(inbox: Dialogue) -> None:
    assert inbox.command("a LIST {0}") == [b"+ go ahead"]
    assert inbox.command(" {5}") == [b"+ go ahead"]
    assert inbox.command("INBOX")[-1].startswith(b"a OK")
    assert [line[:5] for line in inbox.command("b LIST {0+}\r\n {5+}\r\nINBOX")] == [b"* LIS", b"b OK "]


def test_quoted_strings_may_be_utf8(tim: Dialogue) -> None:
    tim.command("a ENABLE IMAP4rev2")
    assert tim.command('b CREATE "\u00fcber"')[-1].startswith(b"b OK")
    tim.append("Subject: \u00fcber\r\n\r\nalles\r\n".encode())
    tim.command("c SELECT INBOX")
    assert b"ALL 1" in tim.command('d SEARCH SUBJECT "\u00dcBER"')[0]
    assert tim.say(b'e CREATE "a\0b"\r\n')[-1].startswith(b"e BAD")


def test_nul_is_only_sent_where_binary_was_asked_for(tim: Dialogue) -> None:
    tim.append(BINARY)
    tim.command("a SELECT INBOX")
    (whole, _) = tim.command("b FETCH 1 (BODY[] BODY[1] BODYSTRUCTURE ENVELOPE)")
    assert b"\0" not in whole
    assert b"AAEC/w==" in whole
    assert tim.command("c FETCH 1 BINARY[1]")[0] == b"* 1 FETCH (BINARY[1] ~{4}\r\n\0\1\2\xff)"


@pytest.mark.parametrize(
    "line",
    [
        "NOOP",
        "CAPABILITY",
        "FETCH 1 UID",
        r"STORE 1 +FLAGS (\Seen)",
        "SEARCH ALL",
        "UID SEARCH ALL",
        "COPY 1 Sent",
        "CHECK",
        "STATUS Sent (MESSAGES)",
        'LIST "" INBOX',
        "CREATE x",
        "SUBSCRIBE x",
        "NAMESPACE",
        "ENABLE X",
        "EXPUNGE",
        "ID NIL",
    ],
)
def test_a_new_size_is_told_with_any_command(inbox: Dialogue, log_in: Callable[[], Dialogue], line: str) -> None:
    log_in().append(MESSAGE)
    assert b"* 4 EXISTS" in inbox.command(f"a {line}")


def test_silence_is_borne_for_half_an_hour(store: ModelStore) -> None:
    world = World()
    link = world.connect(ImapServer, store)
    link.send(b"a LOGIN tim secret\r\n")
    world.run()
    for command in (b"NOOP", b"NONSENSE", b"SELECT INBOX", b"NOOP"):
        world.pass_time(30 * 60 - 1)
        assert not link.finished
        link.take()
        link.send(b"b " + command + b"\r\n")
        world.run()
        assert b"b " in link.take()
    world.pass_time(Limits().idle_seconds_max + 1)
    assert link.take().startswith(b"* BYE ")


def test_no_shorter_patience_can_be_configured() -> None:
    assert Config().autologout_seconds >= 30 * 60
    assert load(None, {}, {"imap.autologout_seconds": str(30 * 60)}).autologout_seconds == 30 * 60
    with pytest.raises(ConfigError):
        load(None, {}, {"imap.autologout_seconds": str(30 * 60 - 1)})


def test_continuations_come_in_their_turn(tim: Dialogue) -> None:
    lines = tim.say(b"a NOOP\r\nb CREATE {3}\r\n")
    assert lines == [b"a OK NOOP completed", b"+ go ahead"]
    created, idling = tim.say(b"one\r\nc IDLE\r\n")
    assert (created[:5], idling) == (b"b OK ", b"+ idling")
    assert tim.say(b"DONE\r\nd NOOP\r\n") == [b"c OK IDLE completed", b"d OK NOOP completed"]


@pytest.mark.parametrize(
    "line",
    [
        "SELECT",
        "NONSENSE",
        "LOGIN tim secret",
        "FETCH 9 UID",
        "CLOSE x",
        "LOGOUT x",
        "SELECT a b",
        "STORE 1 FLAGS (",
        "STARTTLS",
        "STATUS nowhere (MESSAGES)",
        "COPY 1 nowhere",
        "DELETE INBOX",
        "CREATE Sent",
        "RENAME nowhere x",
        "MOVE 1 nowhere",
    ],
)
def test_what_fails_leaves_the_state_alone(inbox: Dialogue, log_in: Callable[[], Dialogue], line: str) -> None:
    assert re.match(rb"a (BAD|NO) ", inbox.command(f"a {line}")[-1])
    assert inbox.command("b FETCH 1:* UID")[:-1] == [b"* %d FETCH (UID %d)" % (number, number) for number in (1, 2, 3)]
    unselected = log_in()
    assert re.match(rb"a (BAD|NO) ", unselected.command(f"a {line}")[-1])
    assert unselected.command("b CLOSE")[-1].startswith(b"b BAD")
    assert unselected.command("c STATUS INBOX (MESSAGES)")[-1].startswith(b"c OK")
