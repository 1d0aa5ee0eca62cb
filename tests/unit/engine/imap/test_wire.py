from collections.abc import Callable

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import MailboxId
from angarium.engine.steps import Closed, Peer, Shutdown, TimedOut, Woken
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue


def test_patience_before_and_after_login(store: ModelStore) -> None:
    limits = Limits(login_seconds_max=3, idle_seconds_max=1800)
    connection = Dialogue(store.execute, limits=limits)
    assert connection.read.seconds_max == 3
    connection.command("a LOGIN tim secret")
    assert connection.read.seconds_max == 1800


@pytest.mark.parametrize(
    ("event", "farewell"),
    [(TimedOut(), [b"* BYE autologout, idle for too long"]), (Closed(), [])],
)
def test_leaves(tim: Dialogue, event: TimedOut | Closed, farewell: list[bytes]) -> None:
    assert tim.send(event) == farewell
    assert tim.closed


def test_shutdown(tim: Dialogue) -> None:
    assert tim.send(Shutdown()) == [b"* BYE [UNAVAILABLE] the server is shutting down"]
    assert tim.closed


def test_waking_someone_who_waits_for_a_command_does_nothing(tim: Dialogue) -> None:
    assert tim.send(Woken()) == []
    assert not tim.closed


def test_idle_watches_and_looks_now_and_then(inbox: Dialogue) -> None:
    inbox.command("a IDLE")
    assert inbox.read.watch == inbox.server.session.mailbox.id
    assert isinstance(inbox.read.watch, MailboxId)
    assert inbox.read.seconds_max == Limits().idle_poll_seconds


def test_idle_ends_with_the_autologout_timer(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=Limits(idle_seconds_max=60, idle_poll_seconds=30))
    connection.command("a LOGIN tim secret")
    connection.command("b IDLE")
    assert connection.send(TimedOut()) == []
    assert connection.send(Woken()) == []
    assert connection.send(TimedOut()) == [b"* BYE autologout, idle for too long"]


def test_one_write_for_one_command(inbox: Dialogue) -> None:
    before = inbox.writes
    inbox.command("a FETCH 1:* (FLAGS UID)")
    assert inbox.writes == before + 1


def test_long_answers_leave_in_pieces(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=Limits(write_octets=100))
    connection.command("a LOGIN tim secret")
    before = connection.writes
    assert len(connection.command('b LIST "" *')) == 7
    assert connection.writes > before + 1


@pytest.mark.parametrize("line", ["x" * 70_000, "{3}", "~{3}"])
def test_what_comes_instead_of_a_line(tim: Dialogue, line: str) -> None:
    tim.command("a IDLE")
    assert tim.command(line)[0] == b"a BAD expected DONE"


def test_lines_in_pieces(log_in: Callable[[], Dialogue]) -> None:
    tim = log_in()
    lines = [line for octet in b"a IDLE\r\ndone\r\nb NOOP\r\n" for line in tim.say(bytes([octet]))]
    assert lines == [b"+ idling", b"a OK IDLE completed", b"b OK NOOP completed"]


def test_peer_that_goes_during_a_line(store: ModelStore) -> None:
    connection = Dialogue(store.execute, Peer("x", tls=True))
    connection.command("a AUTHENTICATE PLAIN")
    assert connection.send(Closed()) == []
    assert connection.closed


def test_pipelined_answers_leave_together(inbox: Dialogue) -> None:
    before = inbox.writes
    assert len(inbox.say(b"a NOOP\r\n" * 50)) == 50
    assert inbox.writes == before + 1


def test_an_answer_does_not_wait_for_what_may_take_long(inbox: Dialogue) -> None:
    before = inbox.writes
    inbox.say(b"a NOOP\r\nb SEARCH ALL\r\n")
    assert inbox.writes == before + 2


def test_many_answers_leave_in_pieces(store: ModelStore) -> None:
    connection = Dialogue(store.execute, limits=Limits(write_octets=1_000))
    before = connection.writes
    assert len(connection.say(b"a NOOP\r\n" * 100)) == 101
    assert connection.writes - before == 3
