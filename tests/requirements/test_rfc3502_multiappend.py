"""RFC 3502: APPEND of several messages, all of them or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import AppendMessages, OverQuota, StageOctets, StoreUnavailable
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"x" * 70_000 + b"\r\n"


def message(octets: bytes = MESSAGE, before: bytes = b"") -> bytes:
    """One ``append-message`` whose literal does not wait."""
    return b" %b{%d+}\r\n%b" % (before, len(octets), octets)


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A connection on the model, then on SQLite, with limits that are soon reached."""
    stores = request.param(tmp_path)
    store = next(stores)
    connection = Dialogue(store.execute, limits=Limits(append_octets_max=100_000, append_sum_octets_max=200_000))
    connection.command("in LOGIN tim secret")
    yield connection
    next(stores, None)


def test_it_is_announced(on_both: Dialogue) -> None:
    assert b"MULTIAPPEND" in on_both.command("a CAPABILITY")[0].split()


def test_messages_are_added_in_their_order_with_their_own_flags_and_dates(on_both: Dialogue) -> None:
    date = b'" 7-Feb-1994 22:43:04 -0800" '
    (answer,) = on_both.say(
        b"a APPEND INBOX" + message(before=rb"(\Seen) ") + message(LARGE) + message(before=rb"(\Flagged x) " + date) + b"\r\n"
    )
    assert answer.startswith(b"a OK [APPENDUID ")
    assert answer.endswith(b" 1:3] APPEND completed")
    on_both.command("b EXAMINE INBOX")
    assert on_both.command("c FETCH 1:3 (FLAGS RFC822.SIZE)")[:3] == [
        rb"* 1 FETCH (RFC822.SIZE %d FLAGS (\Seen \Recent))" % len(MESSAGE),
        rb"* 2 FETCH (RFC822.SIZE %d FLAGS (\Recent))" % len(LARGE),
        rb"* 3 FETCH (RFC822.SIZE %d FLAGS (\Flagged x \Recent))" % len(MESSAGE),
    ]
    assert on_both.command("d FETCH 3 INTERNALDATE")[0] == b'* 3 FETCH (INTERNALDATE " 7-Feb-1994 22:43:04 -0800")'


@pytest.mark.parametrize(
    ("third", "answer"),
    [
        (message(b"x" * 100_001), b"a NO [TOOBIG]"),
        (message(b"x" * 90_000) + message(b"x" * 90_000), b"a NO [LIMIT]"),
        (b" {0+}\r\n", b"a NO "),
        (b" {0+}\r\n" + message(), b"a NO "),
        (message(b"nul \0"), b"a BAD"),
        (message(b"\0" + LARGE), b"a BAD"),
        (b" (\\Seen", b"a BAD"),
        (b" nonsense", b"a BAD"),
    ],
)
def test_nothing_is_added_when_one_of_them_is_wrong(on_both: Dialogue, third: bytes, answer: bytes) -> None:
    on_both.command("s SELECT INBOX")
    lines = on_both.say(b"a APPEND INBOX" + message() + message(LARGE) + third + b"\r\n")
    assert lines[-1].startswith(answer)
    assert len(lines) == 1
    assert on_both.command("b STATUS INBOX (MESSAGES UIDNEXT)")[0] == b"* STATUS INBOX (MESSAGES 0 UIDNEXT 1)"
    assert on_both.command("c NOOP") == [b"c OK NOOP completed"]


@pytest.mark.parametrize("error", [OverQuota("full"), StoreUnavailable("no disk")])
@pytest.mark.parametrize("failing", [AppendMessages, StageOctets])
def test_nothing_is_added_when_the_store_fails(on_both: Dialogue, error: Exception, failing: type) -> None:
    real: Callable[[Any], Any] = on_both.execute

    def execute(operation: Any) -> Any:
        if isinstance(operation, failing):
            raise error
        return real(operation)

    on_both.execute = execute
    (answer,) = on_both.say(b"a APPEND INBOX" + message() + message(LARGE) + message() + b"\r\n")
    assert answer.startswith(b"a NO [")
    on_both.execute = real
    assert on_both.command("b STATUS INBOX (MESSAGES UIDNEXT)")[0] == b"* STATUS INBOX (MESSAGES 0 UIDNEXT 1)"


def test_an_error_may_come_before_all_messages_have(on_both: Dialogue) -> None:
    assert on_both.command("a APPEND INBOX {3}") == [b"+ go ahead"]
    assert on_both.say(b"abc {100001}\r\n")[0].startswith(b"a NO [TOOBIG]")
    assert on_both.command("b NOOP") == [b"b OK NOOP completed"]


def test_no_octets_cancel_also_a_single_append(on_both: Dialogue) -> None:
    assert on_both.command("a APPEND INBOX {0}") == [b"+ go ahead"]
    assert on_both.command("")[0].startswith(b"a NO ")
    assert on_both.command("b STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"


def test_a_missing_mailbox_is_not_created(on_both: Dialogue) -> None:
    assert on_both.say(b"a APPEND nowhere" + message() + message() + b"\r\n")[0].startswith(b"a NO [TRYCREATE]")
    assert on_both.command('b LIST "" nowhere') == [b"b OK LIST completed"]


def test_the_selected_mailbox_hears_of_all_at_once(on_both: Dialogue) -> None:
    on_both.command("s SELECT INBOX")
    assert on_both.say(b"a APPEND INBOX" + message() + message() + b"\r\n")[:2] == [b"* 2 EXISTS", b"* 2 RECENT"]


def test_eight_bit_octets_are_kept(on_both: Dialogue) -> None:
    octets = b"Subject: 8\r\n\r\n" + bytes(range(1, 256)) + b"\r\n"
    on_both.say(b"a APPEND INBOX" + message() + message(octets) + b"\r\n")
    on_both.command("s SELECT INBOX")
    assert on_both.command("b FETCH 2 BODY[]")[0] == b"* 2 FETCH (BODY[] {%d}\r\n%b FLAGS (\\Seen \\Recent))" % (
        len(octets),
        octets,
    )
