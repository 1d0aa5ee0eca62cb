"""RFC 7889: how large a message APPEND takes, told before anybody sends one."""

from pathlib import Path
from typing import Any

import pytest

from angarium.engine.imap.limits import Limits
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

LIMIT = 1_000


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A connection with a small limit, on the model, then on SQLite."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute, limits=Limits(append_octets_max=LIMIT))
    connection.command("in LOGIN tim secret")
    yield connection
    next(stores, None)


def test_the_limit_is_announced_once_logged_in(on_both: Dialogue) -> None:
    assert on_both.command("a CAPABILITY")[0].split().count(b"APPENDLIMIT=1000") == 1


def test_status_tells_the_limit_of_each_mailbox(on_both: Dialogue) -> None:
    assert on_both.command("a STATUS INBOX (APPENDLIMIT)")[0] == b"* STATUS INBOX (APPENDLIMIT 1000)"
    assert on_both.command("b STATUS INBOX (MESSAGES APPENDLIMIT)")[0] == b"* STATUS INBOX (MESSAGES 0 APPENDLIMIT 1000)"
    assert on_both.command("c STATUS nowhere (APPENDLIMIT)")[0].startswith(b"c NO [NONEXISTENT]")


def test_list_tells_it_of_every_match(on_both: Dialogue) -> None:
    lines = on_both.command('a LIST "" (INBOX Sent) RETURN (STATUS (APPENDLIMIT))')
    assert [line for line in lines if line.startswith(b"* STATUS")] == [
        b"* STATUS INBOX (APPENDLIMIT 1000)",
        b"* STATUS Sent (APPENDLIMIT 1000)",
    ]


@pytest.mark.parametrize("plus", ["", "+"])
@pytest.mark.parametrize("first", ["", "{1+}\r\nx "])
def test_what_is_larger_is_too_big(on_both: Dialogue, first: str, plus: str) -> None:
    lines = on_both.command(f"a APPEND INBOX {first}{{{LIMIT + 1}{plus}}}" + ("\r\n" + "x" * (LIMIT + 1) if plus else ""))
    assert lines[-1].startswith(b"a NO [TOOBIG] ")
    assert on_both.command("b STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"


def test_what_is_as_large_is_taken(on_both: Dialogue) -> None:
    lines = on_both.command(f"a APPEND INBOX {{{LIMIT}+}}\r\n" + "x" * LIMIT)
    assert lines[-1].startswith(b"a OK ")


def test_the_word_is_read_in_any_case(on_both: Dialogue) -> None:
    assert on_both.command("a STATUS INBOX (AppendLimit)")[0] == b"* STATUS INBOX (APPENDLIMIT 1000)"
