"""The blocking client connection, against a scripted server on the other end of a socket pair."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from angarium.engine.imap.client_limits import ClientLimits
from angarium.engine.imap.client_sasl import plain
from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import Append, Capability, Noop, Select
from angarium.grammar.imap.responses import Condition, Exists, Response, Tagged
from angarium.transports.client import CommandRefused, Completed, Connection, ConnectionLost, connect

GREETING = b"* PREAUTH [CAPABILITY IMAP4rev1 SASL-IR] ready\r\n"
Script = list[tuple[bytes, bytes]]
Start = Callable[..., Connection]


def play(server: socket.socket, script: Script) -> None:
    """For each pair: read exactly the first, then send the second."""
    for expected, answer in script:
        heard = b""
        while len(heard) < len(expected):
            octets = server.recv(len(expected) - len(heard))
            if not octets:
                return
            heard += octets
        assert heard == expected
        server.sendall(answer)


@pytest.fixture
def start() -> Iterator[Start]:
    """Connect to a server that follows a script, and then closes."""
    threads: list[threading.Thread] = []
    ends: list[socket.socket] = []

    def run(script: Script, *, hang: bool = False, **options: object) -> Connection:
        near, far = socket.socketpair()
        near.settimeout(5)
        ends.extend((near, far))

        def serve() -> None:
            play(far, [(b"", GREETING), *script])
            if not hang:
                far.close()

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return Connection(near, **options)  # type: ignore[arg-type]

    yield run
    for end in ends:
        end.close()
    for thread in threads:
        thread.join(5)


def test_a_command_gathers_its_responses(start: Start) -> None:
    connection = start([(b"A1 NOOP\r\n", b"* 3 EXISTS\r\nA1 OK done\r\n")])
    assert connection.command(Noop()) == Completed(Tagged(b"A1", Condition.OK, "done"), (Exists(3),))


def test_a_sink_takes_the_responses_instead(start: Start) -> None:
    connection = start([(b"A1 NOOP\r\n", b"* 3 EXISTS\r\nA1 OK done\r\n")])
    seen: list[Response] = []
    assert connection.command(Noop(), sink=seen.append).responses == ()
    assert seen == [Exists(3)]


def test_a_refusal_is_an_answer_until_success_is_required(start: Start) -> None:
    connection = start([(b"A1 SELECT X\r\n", b"A1 NO there is none\r\n")])
    completed = connection.command(Select("X"))
    assert not completed.ok
    with pytest.raises(CommandRefused, match="NO there is none"):
        completed.require_ok()


def test_a_literal_goes_out_when_asked_for(start: Start) -> None:
    connection = start([(b"A1 APPEND INBOX {3}\r\n", b"+ go on\r\n"), (b"abc\r\n", b"A1 OK done\r\n")])
    assert connection.command(Append("INBOX", b"abc")).ok


def test_pipelined_commands_are_matched_with_answers_in_any_order(start: Start) -> None:
    connection = start([(b"A1 NOOP\r\nA2 CAPABILITY\r\n", b"A2 OK two\r\nA1 OK one\r\n")])
    assert [each.tagged.text for each in connection.pipeline([Noop(), Capability()])] == ["one", "two"]


def test_login_and_authenticate_must_succeed(start: Start) -> None:
    connection = start(
        [
            (b"A1 LOGIN ann pw\r\n", b"A1 OK in\r\n"),
            (b"A2 AUTHENTICATE PLAIN\r\n", b"+ \r\n"),
            (b"AGFubgBwdw==\r\n", b"A2 NO no\r\n"),
        ]
    )
    connection.login("ann", "pw")
    with pytest.raises(CommandRefused):
        connection.authenticate(b"PLAIN", plain("ann", "pw"))


def test_idle_yields_what_the_server_tells(start: Start) -> None:
    connection = start(
        [(b"A1 IDLE\r\n", b"+ idling\r\n* 4 EXISTS\r\n"), (b"DONE\r\n", b"A1 OK done\r\n"), (b"A2 NOOP\r\n", b"A2 OK done\r\n")]
    )
    for response in connection.idle(5):
        assert response == Exists(4)
        break
    assert connection.command(Noop()).ok


def test_idle_ends_after_its_time(start: Start) -> None:
    connection = start([(b"A1 IDLE\r\n", b"+ idling\r\n"), (b"DONE\r\n", b"A1 OK done\r\n")])
    assert list(connection.idle(0.05)) == []


def test_idle_can_be_refused(start: Start) -> None:
    connection = start([(b"A1 IDLE\r\n", b"A1 BAD what\r\n")])
    with pytest.raises(CommandRefused):
        list(connection.idle(5))


def test_a_message_is_read_in_pieces(start: Start) -> None:
    def piece(tag: int, offset: int, octets: bytes) -> tuple[bytes, bytes]:
        asked = b"A%d UID FETCH 7 (BODY.PEEK[]<%d.4>)\r\n" % (tag, offset)
        return asked, b'* 1 FETCH (UID 7 BODY[]<%d> "%s")\r\nA%d OK done\r\n' % (offset, octets, tag)

    opened = (b"A1 SELECT X\r\n", b"* 1 EXISTS\r\nA1 OK done\r\n")
    connection = start([opened, piece(2, 0, b"abcd"), piece(3, 4, b"efgh"), piece(4, 8, b"")])
    connection.command(Select("X"))
    assert list(connection.read_message(7, piece_octets=4)) == [b"abcd", b"efgh"]


def test_reading_a_message_that_is_gone_yields_nothing(start: Start) -> None:
    connection = start([(b"A1 UID FETCH 7 (BODY.PEEK[]<0.4>)\r\n", b"A1 OK done\r\n")])
    assert list(connection.read_message(7, piece_octets=4)) == []


def test_logout_closes(start: Start) -> None:
    connection = start([(b"A1 LOGOUT\r\n", b"* BYE bye\r\nA1 OK done\r\n")])
    connection.logout()
    with pytest.raises(ConnectionLost):
        connection.command(Noop())


def test_a_server_that_goes_away_is_told_apart(start: Start) -> None:
    with start([]) as connection, pytest.raises(ConnectionLost):
        connection.command(Noop())


def test_a_server_that_says_nothing_is_not_waited_for_without_end(start: Start) -> None:
    near, _far = socket.socketpair()
    near.settimeout(0.05)
    with pytest.raises(ConnectionLost, match="in time"):
        Connection(near)
    near.close()
    _far.close()


def test_responses_without_end_are_not_gathered(start: Start) -> None:
    connection = start([(b"A1 NOOP\r\n", b"* 3 EXISTS\r\n" * 4)], hang=True, responses_max=3)
    with pytest.raises(ServerMisbehaved, match="more than 3"):
        connection.command(Noop())


def test_limits_reach_the_engine(start: Start) -> None:
    connection = start([(b"A1 NOOP\r\n", b"* OK " + b"x" * 100)], hang=True, limits=ClientLimits(line_octets_max=60))
    with pytest.raises(ServerMisbehaved):
        connection.command(Noop())


def test_nobody_listens() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(ConnectionLost, match="cannot connect"):
        connect("127.0.0.1", port, seconds_max=2)
