"""RFC 4314: attacks on access control that came through once, on the model and on SQLite."""

from pathlib import Path
from typing import Any

import pytest

from angarium.engine.acl import granted, identifier
from angarium.engine.operations import UserName
from angarium.store.accounts import Accounts, InvalidUserName
from requirements.sharing_world import MESSAGE, STORES, People

WORK = '"Other Users/alice/Work"'


@pytest.fixture(params=STORES, ids=lambda make: make.__name__)
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Alice has a mailbox Work with a message that is marked as deleted, Bob has one in INBOX."""
    stores = request.param(tmp_path)
    people = People(next(stores))
    people.does("alice", "CREATE Work")
    people["alice"].append(MESSAGE, r"\Deleted", "Work")
    people["bob"].append(MESSAGE)
    yield people
    next(stores, None)


def messages(people: People) -> bytes:
    """How many messages there are in Work, as Alice hears it."""
    return people.does("alice", "STATUS Work (MESSAGES)")[0]


@pytest.mark.parametrize("taken", ["SETACL Work bob -e", "SETACL Work bob -r", "DELETEACL Work bob", "SETACL Work -bob e"])
def test_close_removes_nothing_once_the_right_has_been_taken_away(people: People, taken: str) -> None:
    people.grants("bob", "lrte")
    people.does("bob", f"SELECT {WORK}")
    people.does("alice", taken)
    assert people["bob"].command("c CLOSE") == [b"c OK CLOSE completed"]
    assert messages(people).endswith(b"(MESSAGES 1)")


def test_close_removes_where_the_right_has_come_since(people: People) -> None:
    people.grants("bob", "lrt")
    people.does("bob", f"SELECT {WORK}")
    people.grants("bob", "+e")
    people.does("bob", "CLOSE")
    assert messages(people).endswith(b"(MESSAGES 0)")


@pytest.mark.parametrize("rights", ["i", "li", "liswtekxa"])
def test_who_may_only_insert_learns_no_uids(people: People, rights: str) -> None:
    """RFC 9051 §6.3.12, §6.4.7: APPENDUID and COPYUID would disclose what SELECT refuses to tell."""
    people.grants("bob", rights)
    assert people["bob"].say(f"a APPEND {WORK} {{5+}}\r\nhello\r\n".encode()) == [b"a OK APPEND completed"]
    people.does("bob", "SELECT INBOX")
    assert people["bob"].command(f"b COPY 1 {WORK}") == [b"b OK COPY completed"]
    assert people["bob"].command(f"c MOVE 1 {WORK}") == [b"* 1 EXPUNGE", b"c OK MOVE completed"]
    assert messages(people).endswith(b"(MESSAGES 4)")


def test_who_may_only_insert_learns_no_uids_from_replace(people: People) -> None:
    people.does("alice", "CREATE In")
    people.grants("bob", "lrtei")
    people.grants("bob", "i", "In")
    people.does("bob", f"SELECT {WORK}")
    told = people.does("bob", 'REPLACE 1 "Other Users/alice/In" {5+}\r\nhello')
    assert told == [b"* 1 EXPUNGE"]


@pytest.mark.parametrize(("rights", "recent"), [("lr", b"* 1 RECENT"), ("lrs", b"* 0 RECENT")])
def test_who_may_only_read_by_now_does_not_take_recent_away(people: People, rights: str, recent: bytes) -> None:
    people.grants("bob", "lrs")
    people.does("bob", f"SELECT {WORK}")
    people.grants("bob", rights)
    people.does("bob", "NOOP")
    people["alice"].append(MESSAGE, "", "Work")
    assert b"* 2 EXISTS" in people.does("bob", "NOOP")
    assert recent in people.does("alice", "SELECT Work")


@pytest.mark.parametrize("name", ["anyone", "AnyOne", "-bob", "group:staff", "Group:x", "-"])
def test_nobody_is_called_like_an_identifier_that_means_others(name: str, tmp_path: Path) -> None:
    """A user named ``-bob`` would be granted what an entry takes from bob."""
    accounts = Accounts(tmp_path)
    with pytest.raises(InvalidUserName):
        accounts.add(name, "secret")
    assert accounts.list() == []
    accounts.close()


@pytest.mark.parametrize("group", ["e\u0301quipe", "\ufb01sh", "STAFF", "Stra\u00dfe"])
def test_a_group_is_known_by_its_name_however_the_configuration_spells_it(group: str) -> None:
    """RFC 4314 §3: an entry that takes rights away must find the members, whatever form the letters have."""
    entries = {"anyone": "lr", identifier(f"-group:{group}".encode()): "r"}
    assert granted(entries, UserName("alice"), UserName("bob"), [group]) == "l"


def test_a_group_that_no_list_can_name_stands_for_nothing() -> None:
    assert granted({"anyone": "lr"}, UserName("alice"), UserName("bob"), ["\u0007"]) == "lr"
