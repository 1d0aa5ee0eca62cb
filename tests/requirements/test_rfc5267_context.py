"""CONTEXT: searches that are kept up to date (RFC 5267 §4), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import Operation, SearchMessages, StoreBusy
from angarium.engine.steps import Woken
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH


class World:
    """A store, and connections to it."""

    def __init__(self, execute: object) -> None:
        self.execute = execute
        self.busy = False
        self.searches: list[SearchMessages] = []

    def carry_out(self, operation: Operation) -> object:
        if isinstance(operation, SearchMessages):
            self.searches.append(operation)
            if self.busy:
                self.busy = False
                raise StoreBusy
        return self.execute(operation)  # type: ignore[operator]

    def connect(self, **limits: int) -> Dialogue:
        connection = Dialogue(self.carry_out)
        session = connection.server.session
        object.__setattr__(session, "limits", evolve(Limits(), **limits)) if limits else None
        connection.command("in LOGIN tim secret")
        connection.command("sel SELECT INBOX")
        return connection


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Five messages: by subject they are 2, 4, 1, 5, 3; 1 and 4 are flagged."""
    stores = request.param(tmp_path)
    world = World(next(stores).execute)
    connection = world.connect()
    for number, subject in enumerate("caebd", start=1):
        connection.append(f"Subject: {subject}\r\n\r\nx".encode(), r"\Flagged" if number in (1, 4) else "")
    connection.command("out LOGOUT")
    yield world
    next(stores, None)


@pytest.fixture
def client(world: World) -> Dialogue:
    return world.connect()


def news(lines: list[bytes]) -> list[bytes]:
    """What is told of searches."""
    return [line.removeprefix(b"* ESEARCH ") for line in lines if line.startswith(b"* ESEARCH ")]


def test_it_is_announced_after_login(client: Dialogue) -> None:
    assert b" CONTEXT=SEARCH CONTEXT=SORT " in client.command("a CAPABILITY")[0]


@pytest.mark.parametrize("search", ["SEARCH RETURN ({}) ALL", "UID SORT RETURN ({}) (SUBJECT) UTF-8 ALL"])
def test_the_options_are_taken(client: Dialogue, search: str) -> None:
    for number, options in enumerate(("UPDATE", "context", "PARTIAL 1:2", "UPDATE CONTEXT PARTIAL 1:2 COUNT")):
        assert client.command(f"a{number} {search.format(options)}")[-1].startswith(b"a%d OK" % number)


def test_context_is_only_a_hint(client: Dialogue) -> None:
    plain = client.command("a SEARCH RETURN (ALL COUNT) FLAGGED")
    assert client.command("a SEARCH RETURN (CONTEXT ALL COUNT) FLAGGED") == plain
    client.command(r"s STORE 2 +FLAGS.SILENT (\Flagged)")
    assert client.command("a SEARCH RETURN (CONTEXT ALL) FLAGGED")[0] == b'* ESEARCH (TAG "a") ALL 1:2,4'


def test_a_tag_that_is_in_use_is_bad(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    assert client.command("a SORT RETURN (UPDATE SAVE) (DATE) UTF-8 ALL")[0].startswith(b"a BAD")
    assert client.command("a SEARCH RETURN (COUNT) ALL")[-1].startswith(b"a OK")
    assert news(client.command(r"s STORE 1:2 FLAGS.SILENT ()")) == [b'(TAG "a") REMOVEFROM (0 1)']


def test_flags_bring_messages_in_and_out(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (UPDATE ALL) UNFLAGGED")
    client.command("b UID SEARCH RETURN (UPDATE COUNT) FLAGGED")
    lines = client.command(r"s STORE 5,2,3 +FLAGS (\Flagged)")
    assert lines.index(b"* 5 FETCH (FLAGS (\\Flagged))") < lines.index(b'* ESEARCH (TAG "a") REMOVEFROM (0 2:3,5)')
    assert news(lines) == [b'(TAG "a") REMOVEFROM (0 2:3,5)', b'(TAG "b") UID ADDTO (0 2:3,5)']
    assert news(client.command(r"s STORE 3 -FLAGS.SILENT (\Flagged)")) == [
        b'(TAG "a") ADDTO (0 3)',
        b'(TAG "b") UID REMOVEFROM (0 3)',
    ]
    assert news(client.command(r"s STORE 3 +FLAGS.SILENT (\Seen)")) == []


def test_new_messages_come_in(client: Dialogue, world: World) -> None:
    client.command("a SEARCH RETURN (UPDATE COUNT) UNFLAGGED")
    other = world.connect()
    other.append(b"Subject: f\r\n\r\nx", r"\Flagged")
    other.append(b"Subject: g\r\n\r\nx")
    lines = client.command("n NOOP")
    assert lines[0] == b"* 7 EXISTS"
    assert news(lines) == [b'(TAG "a") ADDTO (0 7)']


def test_what_is_expunged_goes_first(client: Dialogue, world: World) -> None:
    client.command("a SEARCH RETURN (UPDATE ALL) FLAGGED")
    client.command("b UID SEARCH RETURN (UPDATE ALL) UNFLAGGED")
    other = world.connect()
    other.command(r"d STORE 3:4 +FLAGS (\Deleted)")
    other.command("e EXPUNGE")
    assert news(client.command("f FETCH 1 UID")) == []
    assert [line for line in client.command("n NOOP") if b"FETCH" not in line] == [
        b'* ESEARCH (TAG "a") REMOVEFROM (0 4)',
        b'* ESEARCH (TAG "b") UID REMOVEFROM (0 3)',
        b"* 3 EXPUNGE",
        b"* 3 EXPUNGE",
        b"n OK NOOP completed",
    ]


def test_while_idling(client: Dialogue, world: World) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    client.command("i IDLE")
    world.connect().command(r"s STORE 5 +FLAGS (\Flagged)")
    assert news(client.send(Woken())) == [b'(TAG "a") ADDTO (0 5)']


def test_a_busy_store_loses_nothing(client: Dialogue, world: World) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    world.busy = True
    lines = client.command(r"s STORE 1,5 +FLAGS (\Flagged)")
    assert (news(lines), lines[-1][:4]) == ([], b"s OK")
    assert news(client.command("n NOOP")) == [b'(TAG "a") ADDTO (0 5)']
    assert news(client.command("n NOOP")) == []


def test_updates_end_with_the_mailbox(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    client.command("s SELECT INBOX")
    assert news(client.command(r"s STORE 1:* -FLAGS (\Flagged)")) == []


def test_numbers_mean_what_they_meant(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (UPDATE SAVE) 3:*")
    client.command("b SEARCH RETURN (UPDATE) $ UNSEEN")
    client.append(b"Subject: x\r\n\r\nx")
    client.command(r"d STORE 1 +FLAGS.SILENT (\Deleted)")
    assert news(client.command("e EXPUNGE")) == []
    assert news(client.command(r"s STORE 1:* +FLAGS.SILENT (\Seen)")) == [b'(TAG "b") REMOVEFROM (0 2:4)']


def test_what_is_saved_at_once_is_not_what_the_key_means(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (SAVE UPDATE PARTIAL 1:2) NOT $")
    assert news(client.command("s STORE $ +FLAGS.SILENT (x)")) == []


def test_the_last_uid_is_another_tomorrow(client: Dialogue) -> None:
    client.command("a UID SEARCH RETURN (UPDATE ALL) UID 99:*")
    client.append(b"Subject: x\r\n\r\nx")
    assert news(client.command("n NOOP")) == []
    client.command("b UID SEARCH RETURN (UPDATE ALL) UID 4:*")
    client.command(r"d STORE 6 +FLAGS.SILENT (\Deleted)")
    assert news(client.command("e EXPUNGE")) == [
        b'(TAG "a") UID REMOVEFROM (0 6)',
        b'(TAG "b") UID REMOVEFROM (0 6)',
        b'(TAG "a") UID ADDTO (0 5)',
    ]


def test_too_many_searches(world: World) -> None:
    client = world.connect(contexts_max=2)
    assert len(client.command("a SEARCH RETURN (UPDATE) ALL")) == 2
    assert len(client.command("b SEARCH RETURN (UPDATE) ALL")) == 2
    assert client.command("c SEARCH RETURN (UPDATE COUNT) ALL") == [
        b'* ESEARCH (TAG "c") COUNT 5',
        b'* NO [NOUPDATE "c"] 2 searches are being updated',
        b"c OK SEARCH completed",
    ]
    client.command('d CANCELUPDATE "a"')
    assert len(client.command("c SEARCH RETURN (UPDATE) ALL")) == 2


@pytest.mark.parametrize("key", ["OLDER 9", "NOT YOUNGER 9", "OR SEEN (ALL OLDER 9)"])
def test_what_changes_by_itself_is_not_updated(client: Dialogue, key: str) -> None:
    assert client.command(f"a SEARCH RETURN (UPDATE) {key}")[1].startswith(b'* NO [NOUPDATE "a"] ')


def test_a_long_sorted_result_is_not_updated(world: World) -> None:
    client = world.connect(context_sorted_max=4)
    assert client.command("a SORT RETURN (UPDATE) (DATE) UTF-8 ALL")[1].startswith(b'* NO [NOUPDATE "a"] ')
    assert len(client.command("b SORT RETURN (UPDATE) (DATE) UTF-8 FLAGGED")) == 2
    assert len(client.command("c SEARCH RETURN (UPDATE) ALL")) == 2


def test_several_searches_at_once(client: Dialogue) -> None:
    for number in range(8):
        assert len(client.command(f"a{number} SEARCH RETURN (UPDATE) KEYWORD k{number}")) == 2
    assert news(client.command("s STORE 2 +FLAGS.SILENT (k3 k7)")) == [b'(TAG "a3") ADDTO (0 2)', b'(TAG "a7") ADDTO (0 2)']


def test_a_sorted_result_stays_sorted(client: Dialogue, world: World) -> None:
    assert client.command("a SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN")[0] == b'* ESEARCH (TAG "a") ALL 2,4,1,5,3'
    client.command("b UID SORT RETURN (UPDATE) (REVERSE SUBJECT) UTF-8 UNSEEN")
    assert news(client.command(r"s STORE 2,5,3 +FLAGS.SILENT (\Seen)")) == [
        b'(TAG "a") REMOVEFROM (1 2 3 5,3)',
        b'(TAG "b") UID REMOVEFROM (1 3,5 3 2)',
    ]
    other = world.connect()
    for subject in ("bb", "cc", "cd"):
        other.append(f"Subject: {subject}\r\n\r\nx".encode())
    assert news(client.command("n NOOP")) == [b'(TAG "a") ADDTO (2 6 4 7:8)', b'(TAG "b") UID ADDTO (1 8,7 4 6)']
    assert news(client.command(r"s STORE 3 -FLAGS.SILENT (\Seen)")) == [b'(TAG "a") ADDTO (6 3)', b'(TAG "b") UID ADDTO (1 3)']
    assert client.command("c SORT (SUBJECT) UTF-8 UNSEEN")[0] == b"* SORT 4 6 1 7 8 3"


def test_cancelled_searches_are_silent(client: Dialogue) -> None:
    for tag in "abc":
        client.command(f"{tag} SEARCH RETURN (UPDATE) FLAGGED")
    assert client.command('d CANCELUPDATE "a" "c" "none"') == [b"d OK CANCELUPDATE completed"]
    assert news(client.command(r"s STORE 1 -FLAGS.SILENT (\Flagged)")) == [b'(TAG "b") REMOVEFROM (0 1)']
    assert client.command("a SEARCH RETURN (UPDATE) FLAGGED")[-1].startswith(b"a OK")


def test_part_of_a_sorted_result(client: Dialogue) -> None:
    lines = client.command("a SORT RETURN (PARTIAL 2:4) (SUBJECT) UTF-8 ALL")
    assert lines[0] == b'* ESEARCH (TAG "a") PARTIAL (2:4 4,1,5)'


def test_only_what_has_changed_is_looked_at(client: Dialogue, world: World) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    world.searches.clear()
    client.command(r"s STORE 2 +FLAGS.SILENT (\Flagged)")
    assert [list(search.within) for search in world.searches] == [[2, 5]]
    client.command("n NOOP")
    assert len(world.searches) == 1


def test_numbers_are_not_said_under_uidonly(client: Dialogue) -> None:
    client.command("a SEARCH RETURN (UPDATE) FLAGGED")
    client.command("b UID SEARCH RETURN (UPDATE) FLAGGED")
    client.command("u ENABLE UIDONLY")
    assert news(client.command(r"s UID STORE 2 +FLAGS.SILENT (\Flagged)")) == [b'(TAG "b") UID ADDTO (0 2)']
