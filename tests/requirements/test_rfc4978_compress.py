"""COMPRESS=DEFLATE (RFC 4978): what is compressed when, by a client that has only zlib."""

import tracemalloc
import zlib

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.steps import Peer, Received, Shutdown, TimedOut
from angarium.spec.model_store import ModelStore
from requirements.compressed_dialogue import CompressedDialogue

MESSAGE = b"Subject: hello\r\n\r\n" + b"All the king's couriers ride by night.\r\n" * 500


@pytest.fixture
def tim(store: ModelStore) -> CompressedDialogue:
    connection = CompressedDialogue(store.execute)
    assert connection.command("in LOGIN tim secret")[-1].startswith(b"in OK")
    return connection


@pytest.fixture
def compressed(tim: CompressedDialogue) -> CompressedDialogue:
    tim.compress()
    return tim


def test_it_is_announced_to_those_who_may_use_it(store: ModelStore) -> None:
    stranger = CompressedDialogue(store.execute)
    assert b"COMPRESS=DEFLATE" not in stranger.command("a CAPABILITY")[0]
    assert stranger.command("b COMPRESS DEFLATE")[0].startswith(b"b BAD")
    assert b" COMPRESS=DEFLATE" in stranger.command("c LOGIN tim secret")[0]


@pytest.mark.parametrize("state", ["authenticated", "selected"])
def test_commands_and_answers_are_compressed_from_the_ok_on(tim: CompressedDialogue, state: str) -> None:
    tim.append(MESSAGE)
    if state == "selected":
        tim.command("s SELECT INBOX")
    tim.compress()
    tim.begin(Received(tim.deflated(b"a STATUS INBOX (MESSAGES)\r\n")))
    assert tim.inflater.copy().decompress(tim.sent[0]) == b"* STATUS INBOX (MESSAGES 1)\r\na OK STATUS completed\r\n"
    tim.lines()
    tim.command("b SELECT INBOX")
    tim.begin(Received(tim.deflated(b"c FETCH 1 BODY.PEEK[]\r\n")))
    assert sum(map(len, tim.sent)) < len(MESSAGE) / 10
    assert MESSAGE in tim.lines()[0]


def test_what_came_before_the_ok_is_not_compressed(tim: CompressedDialogue) -> None:
    tim.begin(Received(b"a NOOP\r\nb COMPRESS DEFLATE\r\n"))
    assert b"".join(tim.sent) == b"a OK NOOP completed\r\nb OK DEFLATE active\r\n"


@pytest.mark.parametrize("line", ["compress deflate", "Compress Deflate", "COMPRESS deflate"])
def test_any_case_of_letters(tim: CompressedDialogue, line: str) -> None:
    assert tim.command(f"a {line}") == [b"a OK DEFLATE active"]


@pytest.mark.parametrize("line", ["COMPRESS", "COMPRESS GZIP", "COMPRESS DEFLATE 9", "COMPRESS DEFLATEX", 'COMPRESS "DEFLATE"'])
def test_another_algorithm_is_bad_and_nothing_is_compressed(tim: CompressedDialogue, line: str) -> None:
    assert tim.command(f"a {line}")[0].startswith(b"a BAD ")
    assert tim.command("b NOOP") == [b"b OK NOOP completed"]


def test_twice_is_bad_and_changes_nothing(compressed: CompressedDialogue) -> None:
    assert compressed.command("a COMPRESS DEFLATE") == [b"a BAD [COMPRESSIONACTIVE] COMPRESS is active already"]
    assert compressed.command("b NOOP") == [b"b OK NOOP completed"]


def test_under_tls_it_is_offered_and_compresses(store: ModelStore) -> None:
    connection = CompressedDialogue(store.execute, Peer("x", can_start_tls=True))
    connection.command("a STARTTLS")
    connection.lines()
    connection.command("b LOGIN tim secret")
    connection.compress()
    assert connection.tls
    assert connection.command("c NOOP") == [b"c OK NOOP completed"]


@pytest.mark.parametrize("clear", [b"b CREATE x\r\n", b"b CREATE x\r\nc NOOP\r\n" * 50])
@pytest.mark.parametrize("together", [True, False])
def test_what_follows_the_command_in_the_clear_is_never_carried_out(
    tim: CompressedDialogue, clear: bytes, together: bool
) -> None:
    line = b"a COMPRESS DEFLATE\r\n"
    for octets in [line + clear] if together else [line, clear]:
        tim.begin(Received(octets))
    sent = b"".join(tim.sent).removeprefix(b"a OK DEFLATE active\r\n")
    assert zlib.decompressobj(wbits=-15).decompress(sent) == b"* BYE expected DEFLATE\r\n"
    assert tim.closed
    assert [type(each).__name__ for each in tim.operations] == ["VerifyPassword"]


def test_what_follows_compressed_is_carried_out(tim: CompressedDialogue) -> None:
    tim.deflater = zlib.compressobj(wbits=-15)
    tim.begin(Received(b"a COMPRESS DEFLATE\r\n" + tim.deflated(b"b NOOP\r\n")))
    sent = b"".join(tim.sent).removeprefix(b"a OK DEFLATE active\r\n")
    assert zlib.decompressobj(wbits=-15).decompress(sent) == b"b OK NOOP completed\r\n"


def test_literals_large_and_small(compressed: CompressedDialogue) -> None:
    big = b"Subject: big\r\n\r\n" + bytes(range(32, 127)) * 5_000
    assert compressed.say(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(big), big))[-1].startswith(b"a OK")
    assert compressed.say(b"b APPEND {5}\r\n")[0].startswith(b"+ ")
    assert compressed.say(b"INBOX {20}\r\n")[0].startswith(b"+ ")
    assert compressed.say(b"Subject: small\r\n\r\nxx\r\n")[-1].startswith(b"b OK")
    compressed.command("c SELECT INBOX")
    assert big in compressed.command("d FETCH 1 BODY.PEEK[]")[0]


def test_idle_is_compressed_too(store: ModelStore, compressed: CompressedDialogue) -> None:
    compressed.command("a SELECT INBOX")
    assert compressed.command("b IDLE") == [b"+ idling"]
    other = CompressedDialogue(store.execute)
    other.command("in LOGIN tim secret")
    other.append(MESSAGE)
    assert compressed.send(TimedOut()) == [b"* 1 EXISTS", b"* 1 RECENT"]
    assert compressed.command("DONE") == [b"b OK IDLE completed"]


@pytest.mark.parametrize(
    ("event", "farewell"), [(Shutdown(), b"* BYE [UNAVAILABLE] "), (Received(b"\xff" * 9), b"* BYE expected")]
)
def test_the_farewell_is_compressed(compressed: CompressedDialogue, event: object, farewell: bytes) -> None:
    assert compressed.send(event)[0].startswith(farewell)  # type: ignore[arg-type]
    assert compressed.closed


def test_the_farewell_of_a_crash_is_compressed(compressed: CompressedDialogue) -> None:
    octets = compressed.server.crash_farewell()
    assert compressed.inflater.decompress(octets) == b"* BYE [SERVERBUG] internal error\r\n"


def test_an_end_of_the_stream_ends_what_the_client_can_say(compressed: CompressedDialogue) -> None:
    assert compressed.raw(compressed.deflated(b"a NOOP\r\n", zlib.Z_FINISH)) == [b"a OK NOOP completed"]
    assert compressed.raw(b"b NOOP\r\n") == [b"* BYE expected DEFLATE"]


def test_answers_are_readable_after_a_rest(compressed: CompressedDialogue) -> None:
    for number in range(3):
        assert compressed.command(f"a{number} NOOP") == [b"a%d OK NOOP completed" % number]
        assert compressed.read.seconds_max == Limits().deflater_seconds_max
        compressed.send(TimedOut())
        assert compressed.read.seconds_max == Limits().idle_seconds_max


def test_a_line_that_inflates_without_end_is_too_long_and_fills_no_memory(compressed: CompressedDialogue) -> None:
    bomb = compressed.deflated(b"a " + b"x" * 30_000_000 + b"\r\nb NOOP\r\n")
    assert len(bomb) < 40_000
    tracemalloc.start()
    answers = compressed.raw(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answers == [b"a BAD the line is too long", b"b OK NOOP completed"]
    assert peak < 1_500_000


def test_a_session_takes_less_than_300_kilobytes_and_fewer_at_rest() -> None:
    store = ModelStore({"tim": "secret"})
    for _ in range(2):  # what the first one makes for all is not counted
        tracemalloc.stop()
        tracemalloc.start()
        connection = CompressedDialogue(store.execute)
        connection.command("in LOGIN tim secret")
        plain = tracemalloc.get_traced_memory()[0]
        connection.begin(Received(b"a COMPRESS DEFLATE\r\n"))
        deflater = zlib.compressobj(wbits=-15)
        line = deflater.compress(b"b NOOP\r\n") + deflater.flush(zlib.Z_SYNC_FLUSH)
        del deflater
        connection.begin(Received(line))
        active = tracemalloc.get_traced_memory()[0] - plain
        connection.begin(TimedOut())
        resting = tracemalloc.get_traced_memory()[0] - plain
    tracemalloc.stop()
    assert 100_000 < active < 300_000
    assert resting < 60_000
