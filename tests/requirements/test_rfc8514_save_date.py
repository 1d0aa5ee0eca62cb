"""RFC 8514 SAVEDATE and RFC 5032 WITHIN, on both stores and on one that keeps no save dates."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue
from requirements.both_stores import USERS, QuickLogin

NOW = datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)
OLD = b"Subject: old\r\n\r\nold\r\n"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[ModelStore, SqliteStore])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    if request.param is ModelStore:
        yield ModelStore(USERS, now=clock)
        return
    store = QuickLogin(tmp_path, upkeep=False, clock=lambda: clock.now.timestamp())
    yield store
    store.close()


def append(connection: Dialogue, date_time: str = "07-Feb-1994 21:52:25 -0800") -> None:
    line = b'a APPEND INBOX "%b" {%d+}\r\n%b\r\n' % (date_time.encode(), len(OLD), OLD)
    assert connection.say(line)[-1].startswith(b"a OK")


def saved(connection: Dialogue, mailbox: str) -> list[str]:
    """The save dates of a mailbox."""
    connection.command(f"e EXAMINE {mailbox}")
    lines = connection.command("f FETCH 1:* SAVEDATE")
    return [found[1] for line in lines if (found := re.search(r'SAVEDATE "([^"]*)"', line.decode()))]


def found(connection: Dialogue, key: str, mailbox: str = "INBOX") -> bytes:
    connection.command(f"e EXAMINE {mailbox}")
    return connection.command(f"s SEARCH {key}")[0]


@pytest.mark.parametrize("name", [b"SAVEDATE", b"WITHIN"])
def test_the_capabilities_are_announced(tim: Dialogue, name: bytes) -> None:
    assert name in tim.command("c CAPABILITY")[0].split()


def test_the_save_date_is_the_time_of_saving(tim: Dialogue) -> None:
    append(tim)
    assert saved(tim, "INBOX") == [" 4-Mar-2024 05:06:07 +0000"]


@pytest.mark.parametrize("verb", ["COPY", "MOVE"])
def test_copy_and_move_save_anew(tim: Dialogue, clock: Clock, verb: str) -> None:
    append(tim)
    append(tim)
    clock.now += timedelta(days=2)
    tim.command("s SELECT INBOX")
    tim.command(f"m {verb} 1 Trash")
    assert saved(tim, "Trash") == [" 6-Mar-2024 05:06:07 +0000"]
    assert set(saved(tim, "INBOX")) == {" 4-Mar-2024 05:06:07 +0000"}


def test_rename_of_inbox_saves_anew(tim: Dialogue, clock: Clock) -> None:
    append(tim)
    clock.now += timedelta(days=2)
    tim.command("r RENAME INBOX old")
    assert saved(tim, "old") == [" 6-Mar-2024 05:06:07 +0000"]


def test_the_save_date_never_changes(tim: Dialogue, clock: Clock) -> None:
    append(tim)
    before = saved(tim, "INBOX")
    clock.now += timedelta(days=2)
    tim.command("s SELECT INBOX")
    tim.command("s STORE 1 +FLAGS (\\Flagged)")
    tim.command("r COPY 1 Trash")
    assert saved(tim, "INBOX") == before


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("SAVEDON 4-Mar-2024", b"* SEARCH 1"),
        ("SAVEDON 7-Feb-1994", b"* SEARCH"),
        ("SAVEDBEFORE 4-Mar-2024", b"* SEARCH"),
        ("SAVEDBEFORE 5-Mar-2024", b"* SEARCH 1"),
        ("savedsince 4-Mar-2024", b"* SEARCH 1"),
        ("SAVEDSINCE 5-Mar-2024", b"* SEARCH"),
        ("SAVEDATESUPPORTED", b"* SEARCH 1"),
        ("NOT SAVEDATESUPPORTED", b"* SEARCH"),
    ],
)
def test_search(tim: Dialogue, key: str, expected: bytes) -> None:
    append(tim)
    assert found(tim, key) == expected


@pytest.mark.parametrize(
    "clock_shift", [timedelta(0), timedelta(hours=18, minutes=53, seconds=52), timedelta(hours=18, minutes=53, seconds=53)]
)
def test_the_day_is_that_of_the_date_as_it_is_shown(tim: Dialogue, clock: Clock, clock_shift: timedelta) -> None:
    clock.now += clock_shift
    append(tim)
    (date,) = saved(tim, "INBOX")
    assert found(tim, f"SAVEDON {date[:11].strip()}") == b"* SEARCH 1"


def test_without_save_dates_it_is_nil_and_the_internal_date_counts(clock: Clock) -> None:
    store = ModelStore(USERS, now=clock)
    tim = Dialogue(store.execute)
    tim.command("in LOGIN tim secret")
    append(tim)
    (mailbox,) = [each for each in store.world.accounts["tim"].mailboxes.values() if each.name == "INBOX"]
    mailbox.messages[1] = evolve(mailbox.messages[1], saved=None)
    tim.command("e EXAMINE INBOX")
    assert tim.command("f FETCH 1 SAVEDATE")[0] == b"* 1 FETCH (SAVEDATE NIL)"
    for key, expected in (
        ("SAVEDATESUPPORTED", b""),
        ("SAVEDON 7-Feb-1994", b" 1"),
        ("SAVEDBEFORE 8-Feb-1994", b" 1"),
        ("SAVEDSINCE 8-Feb-1994", b""),
    ):
        assert found(tim, key) == b"* SEARCH" + expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("OLDER 60", b"* SEARCH 1 2"),
        ("OLDER 61", b"* SEARCH 1"),
        ("YOUNGER 60", b"* SEARCH 2 3"),
        ("YOUNGER 59", b"* SEARCH 3"),
        ("OLDER 1", b"* SEARCH 1 2"),
        ("UNSEEN YOUNGER 60", b"* SEARCH 2 3"),
        ("NOT OLDER 60", b"* SEARCH 3"),
        ("older 60 younger 60", b"* SEARCH 2"),
    ],
)
def test_within_is_exact_to_the_second(tim: Dialogue, clock: Clock, key: str, expected: bytes) -> None:
    clock.now += timedelta(microseconds=600_000)
    for seconds in (61, 60, 0):
        moment = (NOW - timedelta(seconds=seconds)).astimezone()
        append(tim, moment.strftime("%d-%b-%Y %H:%M:%S %z"))
    assert found(tim, key) == expected


@pytest.mark.parametrize("key", ["OLDER", "OLDER 0", "YOUNGER -1", "YOUNGER 4294967296", "OLDER x"])
def test_an_interval_is_a_number_of_seconds(tim: Dialogue, key: str) -> None:
    tim.command("e EXAMINE INBOX")
    assert tim.command(f"s SEARCH {key}")[-1].startswith(b"s BAD")
