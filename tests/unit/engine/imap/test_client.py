"""The client's side of a connection, told by transcripts: what it sends, what it makes of the answers."""

import pytest

from angarium.engine.imap.client import ConnectionState, ImapClient
from angarium.engine.imap.client_limits import ClientLimits
from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import (
    Append,
    AppendMessage,
    Capability,
    Close,
    Command,
    Create,
    Enable,
    Idle,
    Login,
    Logout,
    Noop,
    Replace,
    Select,
    StagedLiteral,
    StartTls,
    Unselect,
)
from angarium.grammar.imap.responses import Condition, Continuation, Exists, Response, Tagged, Untagged
from angarium.grammar.imap.sequence_set import SequenceSet

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"


def greeted(greeting: bytes = GREETING, limits: ClientLimits | None = None) -> ImapClient:
    client = ImapClient(limits)
    client.receive(greeting)
    return client


def selected() -> ImapClient:
    client = greeted(b"* PREAUTH ready\r\n")
    client.send(Select("INBOX"))
    client.receive(b"* 2 EXISTS\r\nA1 OK [READ-WRITE] done\r\n")
    client.outgoing()
    return client


def answered(client: ImapClient, command: Command, answer: bytes) -> list[Response]:
    client.send(command)
    client.outgoing()
    return client.receive(answer)


@pytest.mark.parametrize(
    ("greeting", "state"),
    [
        (b"* OK ready\r\n", ConnectionState.NOT_AUTHENTICATED),
        (b"* PREAUTH ready\r\n", ConnectionState.AUTHENTICATED),
        (b"* BYE too busy\r\n", ConnectionState.LOGOUT),
    ],
)
def test_the_greeting_says_the_state(greeting: bytes, state: ConnectionState) -> None:
    client = ImapClient()
    assert client.state is ConnectionState.GREETING
    (response,) = client.receive(greeting)
    assert client.greeting is response
    assert client.state is state


@pytest.mark.parametrize(
    "greeting", [b"* NO\r\n", b"* NO go away\r\n", b"* 1 EXISTS\r\n", b"A1 OK hello\r\n", b"220 smtp ready\r\n"]
)
def test_anything_else_is_no_greeting(greeting: bytes) -> None:
    with pytest.raises(ServerMisbehaved):
        ImapClient().receive(greeting)


def test_capabilities_come_with_the_greeting_and_change_with_the_state() -> None:
    client = greeted()
    assert client.supports(b"imap4rev1")
    assert not client.supports(b"IDLE")
    answered(client, Capability(), b"* CAPABILITY IMAP4rev1 IDLE\r\nA1 OK done\r\n")
    assert client.supports(b"IDLE")
    answered(client, Login(b"u", b"p"), b"A2 OK in\r\n")
    assert client.capabilities is None
    answered(client, Noop(), b"* OK [CAPABILITY IMAP4rev1 MOVE] by the way\r\nA3 OK done\r\n")
    assert client.capabilities == {b"IMAP4REV1", b"MOVE"}


def test_login_takes_the_capabilities_of_its_answer() -> None:
    client = greeted()
    answered(client, Login(b"u", b"p"), b"A1 OK [CAPABILITY IMAP4rev1 MOVE] in\r\n")
    assert client.state is ConnectionState.AUTHENTICATED
    assert client.supports(b"MOVE")


def test_a_command_is_pending_until_its_tagged_response() -> None:
    client = greeted()
    tag = client.send(Noop())
    assert client.outgoing() == b"A1 NOOP\r\n"
    assert client.outgoing() == b""
    assert client.receive(b"* OK still") == []
    assert client.pending(tag)
    assert client.receive(b" here\r\nA1 OK done\r\n") == [
        Untagged(Condition.OK, "still here"),
        Tagged(b"A1", Condition.OK, "done"),
    ]
    assert not client.pending(tag)


@pytest.mark.parametrize("cut", range(1, len(GREETING)))
def test_where_the_octets_are_cut_makes_no_difference(cut: int) -> None:
    client = ImapClient()
    client.receive(GREETING[:cut])
    client.receive(GREETING[cut:])
    assert client.supports(b"AUTH=PLAIN")


def test_commands_can_be_pipelined_and_answered_in_any_order() -> None:
    client = greeted()
    first, second = client.send(Noop()), client.send(Capability())
    assert client.outgoing() == b"A1 NOOP\r\nA2 CAPABILITY\r\n"
    client.receive(b"A2 OK done\r\n")
    assert (client.pending(first), client.pending(second)) == (True, False)


def test_a_literal_waits_for_the_continuation_request() -> None:
    client = greeted()
    client.send(Append("INBOX", b"text"))
    assert client.outgoing() == b"A1 APPEND INBOX {4}\r\n"
    with pytest.raises(RuntimeError):
        client.send(Noop())
    assert isinstance(client.receive(b"+ go on\r\n")[0], Continuation)
    assert client.outgoing() == b"text\r\n"
    client.receive(b"A1 OK done\r\n")
    client.send(Noop())


def test_two_literals_wait_for_two_continuation_requests() -> None:
    client = greeted()
    client.send(Login(b"u\r\n", b"p\r\n"))
    pieces = [client.outgoing()]
    for _ in range(2):
        client.receive(b"+ \r\n")
        pieces.append(client.outgoing())
    assert pieces == [b"A1 LOGIN {3}\r\n", b"u\r\n {3}\r\n", b"p\r\n\r\n"]


def test_a_refused_literal_is_not_sent() -> None:
    client = greeted()
    client.send(Append("INBOX", b"text"))
    client.outgoing()
    client.receive(b"A1 NO [TRYCREATE] no such mailbox\r\n")
    assert client.outgoing() == b""
    client.send(Noop())
    assert client.outgoing() == b"A2 NOOP\r\n"


@pytest.mark.parametrize(
    ("capability", "command", "waits"),
    [
        (b"LITERAL+", Append("INBOX", b"x" * 5000), False),
        (b"LITERAL-", Append("INBOX", b"x" * 4096), False),
        (b"LITERAL-", Append("INBOX", b"x" * 4097), True),
        (b"LITERAL-", Append("INBOX", StagedLiteral("t", 1)), True),
        (b"LITERAL-", Append("INBOX", b"x", more=(AppendMessage(b"x" * 4097),)), True),
        (b"LITERAL-", Replace(SequenceSet(((1, 1),)), "INBOX", AppendMessage(b"x" * 4096)), False),
        (b"LITERAL-", Replace(SequenceSet(((1, 1),)), "INBOX", AppendMessage(b"x" * 4097)), True),
        (b"LITERAL-", Login(b"u\r\n", b"p"), False),
        (b"IMAP4rev2", Login(b"u\r\n", b"p"), False),
        (b"IDLE", Login(b"u\r\n", b"p"), True),
    ],
)
def test_literals_are_sent_at_once_where_the_server_allows_it(capability: bytes, command: Command, waits: bool) -> None:
    client = greeted(b"* OK [CAPABILITY IMAP4rev1 " + capability + b"] ready\r\n")
    if isinstance(command, Append) and isinstance(command.message, StagedLiteral):
        assert not client._literal_plus(command)
        return
    client.send(command)
    assert client.outgoing().endswith(b"}\r\n") is waits


def test_idle_runs_from_the_continuation_request_to_done() -> None:
    client = selected()
    client.send(Idle())
    assert client.outgoing() == b"A2 IDLE\r\n"
    with pytest.raises(RuntimeError):
        client.done()
    client.receive(b"+ idling\r\n* 3 EXISTS\r\n")
    assert client.idling
    assert client.view is not None
    assert client.view.exists == 3
    client.done()
    assert client.outgoing() == b"DONE\r\n"
    client.receive(b"A2 OK done\r\n")
    assert not client.idling


def test_idle_can_be_refused() -> None:
    client = selected()
    client.send(Idle())
    client.receive(b"A2 BAD no\r\n")
    client.send(Noop())


@pytest.mark.parametrize(
    ("command", "answer", "state", "has_view"),
    [
        (Select("X"), b"* 0 EXISTS\r\nA2 OK done\r\n", ConnectionState.SELECTED, True),
        (Select("X"), b"A2 NO none\r\n", ConnectionState.AUTHENTICATED, False),
        (Close(), b"A2 OK done\r\n", ConnectionState.AUTHENTICATED, False),
        (Unselect(), b"A2 OK done\r\n", ConnectionState.AUTHENTICATED, False),
        (Unselect(), b"A2 BAD unknown\r\n", ConnectionState.SELECTED, True),
        (Logout(), b"* BYE bye\r\nA2 OK done\r\n", ConnectionState.LOGOUT, True),
        (Noop(), b"* BYE going down\r\n", ConnectionState.LOGOUT, True),
        (Create("Y"), b"A2 OK done\r\n", ConnectionState.SELECTED, True),
    ],
)
def test_answers_change_the_state(command: Command, answer: bytes, state: ConnectionState, has_view: bool) -> None:
    client = selected()
    answered(client, command, answer)
    assert client.state is state
    assert (client.view is not None) is has_view


def test_selecting_another_mailbox_starts_a_new_view() -> None:
    client = selected()
    client.send(Select("Work", read_only=True))
    client.receive(b"* 5 EXISTS\r\n* OK [CLOSED] the old one\r\n* 1 EXISTS\r\nA2 OK [READ-ONLY] done\r\n")
    assert client.view is not None
    assert (client.view.mailbox, client.view.exists, client.view.read_only) == ("Work", 1, True)


def test_enable_makes_names_utf8() -> None:
    client = greeted(b"* PREAUTH ready\r\n")
    client.send(Create("Entwürfe"))
    assert client.outgoing() == b"A1 CREATE Entw&APw-rfe\r\n"
    client.receive(b"A1 OK done\r\n")
    answered(client, Enable((b"IMAP4rev2",)), b"* ENABLED IMAP4rev2\r\nA2 OK done\r\n")
    assert client.utf8
    client.send(Create("Entwürfe"))
    assert "Entwürfe".encode() in client.outgoing()


def test_start_tls_forgets_what_was_said_in_the_clear() -> None:
    client = greeted()
    answered(client, StartTls(), b"A1 OK begin\r\n")
    assert client.capabilities is None


@pytest.mark.parametrize("injected", [b"* CAPABILITY EVIL", b"x"])
def test_octets_ahead_of_tls_are_an_attack(injected: bytes) -> None:
    client = greeted()
    client.send(StartTls())
    with pytest.raises(ServerMisbehaved):
        client.receive(b"A1 OK begin\r\n" + injected)


@pytest.mark.parametrize(
    "octets",
    [
        b"A9 OK to nothing\r\n",
        b"+ nobody waits\r\n",
        b"* 1 FETCH (FLAGS\r\n",
        b"* \x00\r\n",
        b"nonsense\r\n",
        b"\r\n",
    ],
)
def test_what_no_server_may_send_ends_the_conversation(octets: bytes) -> None:
    with pytest.raises(ServerMisbehaved):
        greeted().receive(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"* OK " + b"x" * 200,
        b"* 1 FETCH (BODY[] {101}\r\n",
        b"* 1 FETCH (BODY[] {4294967296}\r\n",
        b"* 1 FETCH (BODY[] {99999999999999999999}\r\n",
        b"* 1 FETCH (BODY[1] {60}\r\n" + b"x" * 60 + b" BODY[2] {60}\r\n",
        b"* 1 FETCH (BODY[1] {1}\r\nx BODY[2] {1}\r\nx BODY[3] {1}\r\nx BODY[4] {1}\r\n",
    ],
)
def test_limits_hold_before_memory_is_spent(octets: bytes) -> None:
    limits = ClientLimits(line_octets_max=100, literal_octets_max=100, response_octets_max=110, literal_count_max=3)
    client = greeted(b"* PREAUTH ready\r\n", limits)
    client.send(Select("INBOX"))
    client.receive(b"* 1 EXISTS\r\nA1 OK done\r\n")
    with pytest.raises(ServerMisbehaved):
        client.receive(octets)


def test_literals_of_one_response_are_counted_apart_from_the_next() -> None:
    limits = ClientLimits(response_octets_max=110)
    client = greeted(b"* PREAUTH ready\r\n", limits)
    client.send(Select("INBOX"))
    client.receive(b"* 1 EXISTS\r\nA1 OK done\r\n")
    letter = b"* 1 FETCH (BODY[] {60}\r\n" + b"x" * 60 + b")\r\n"
    assert len(client.receive(letter * 3)) == 3


def test_untagged_data_without_a_mailbox_changes_nothing() -> None:
    client = greeted()
    assert client.receive(b"* 3 EXISTS\r\n") == [Exists(3)]
    assert client.view is None
