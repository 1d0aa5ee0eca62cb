from collections.abc import Callable

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import MailboxId
from angarium.engine.steps import Closed, Peer, Received, Shutdown, TimedOut, Woken
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue
from requirements.compressed_dialogue import CompressedDialogue


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


@pytest.fixture
def compressed(store: ModelStore) -> CompressedDialogue:
    connection = CompressedDialogue(store.execute)
    connection.command("in LOGIN tim secret")
    connection.compress()
    return connection


def test_lines_are_inflated_as_they_are_wanted(compressed: CompressedDialogue) -> None:
    assert compressed.command("a NOOP\r\nb NOOP") == [b"a OK NOOP completed", b"b OK NOOP completed"]
    octets = compressed.deflated(b"c NO") + compressed.deflated(b"OP\r\n")
    assert compressed.raw(octets[:3]) == []
    assert compressed.raw(octets[3:]) == [b"c OK NOOP completed"]


def test_what_is_no_deflate_ends_the_connection(compressed: CompressedDialogue) -> None:
    assert compressed.raw(b"a NOOP\r\n") == [b"* BYE expected DEFLATE"]


def test_the_deflater_rests_after_a_while(compressed: CompressedDialogue) -> None:
    compressed.command("a NOOP")
    assert compressed.read.seconds_max == Limits().deflater_seconds_max
    assert compressed.send(TimedOut()) == []
    assert compressed.read.seconds_max == Limits().idle_seconds_max


def test_patience_is_the_same_with_compression(store: ModelStore) -> None:
    connection = CompressedDialogue(store.execute, limits=Limits(idle_seconds_max=15, deflater_seconds_max=10))
    connection.command("in LOGIN tim secret")
    connection.compress()
    connection.command("a NOOP")
    connection.send(TimedOut())
    assert connection.send(TimedOut()) == [b"* BYE autologout, idle for too long"]


def test_compression_ends_on_both_sides(compressed: CompressedDialogue) -> None:
    octets = compressed.deflated(b"a UNAUTHENTICATE\r\n")
    assert compressed.raw(octets[:-2])[0].startswith(b"a OK")
    assert compressed.raw(octets[-2:] + b"b NOOP\r\n") == [b"b OK NOOP completed"]


def test_what_is_said_at_once_goes_the_same_way(compressed: CompressedDialogue, tim: Dialogue) -> None:
    octets = compressed.server.still_working()
    assert compressed.inflater.decompress(octets) == b'* OK [INPROGRESS ("z" NIL NIL)] still working\r\n'
    assert tim.server.still_working() == b'* OK [INPROGRESS ("in" NIL NIL)] still working\r\n'


def test_nothing_is_said_while_a_large_literal_comes(tim: Dialogue) -> None:
    tim.begin(Received(b"a APPEND INBOX {100000+}\r\n" + b"x" * 50_000))
    assert tim.server.still_working() == b""
