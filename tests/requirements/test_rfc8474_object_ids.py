"""RFC 8474: identifiers of mailboxes, messages and threads, on both stores."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import CreateMailbox, DeleteMailbox
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

FIRST = b"Subject: hello\r\nMessage-ID: <a@x>\r\n\r\nhello\r\n"
ANSWER = b"Subject: Re: hello\r\nMessage-ID: <b@x>\r\nIn-Reply-To: <a@x>\r\n\r\nhello\r\n"
LAST = b"Subject: Re: hello\r\nMessage-ID: <c@x>\r\nIn-Reply-To: <b@x>\r\n\r\nhello\r\n"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


def mailbox_id(connection: Dialogue, command: str) -> bytes:
    """The MAILBOXID in the answer to a command."""
    lines = connection.command(f"m {command}")
    assert lines[-1].startswith(b"m OK"), lines
    (found,) = [each[1] for line in lines if (each := re.search(rb"MAILBOXID \(([^)]*)\)", line))]
    assert re.fullmatch(rb"[A-Za-z0-9_-]{1,255}", found)
    return found


def fetched(connection: Dialogue, mailbox: str, item: str) -> list[bytes]:
    """One id of each message of a mailbox."""
    connection.command(f"e EXAMINE {mailbox}")
    return [line.split(item.encode())[1] for line in connection.command(f"f FETCH 1:* ({item})")[:-1]]


def test_the_capability_is_announced(tim: Dialogue) -> None:
    assert b"OBJECTID" in tim.command("c CAPABILITY")[0].split()


def test_a_name_and_uidvalidity_have_one_mailboxid(tim: Dialogue) -> None:
    created = mailbox_id(tim, "CREATE a")
    for command in ("SELECT a", "EXAMINE a", "STATUS a (MAILBOXID)", "STATUS a (mailboxid messages)", "SELECT a (CONDSTORE)"):
        assert mailbox_id(tim, command) == created


def test_no_two_mailboxes_have_one_mailboxid(tim: Dialogue) -> None:
    tim.command("c CREATE a/b")
    lines = tim.command('l LIST "" * RETURN (STATUS (MAILBOXID))')
    found = [each[1] for line in lines if (each := re.search(rb"MAILBOXID \((\w+)\)", line))]
    assert len(found) == len(set(found)) == 8


def test_a_mailboxid_is_not_given_again(tim: Dialogue) -> None:
    before = mailbox_id(tim, "CREATE a")
    tim.command("d DELETE a")
    assert mailbox_id(tim, "CREATE a") != before


def test_rename_keeps_the_mailboxid(tim: Dialogue) -> None:
    tim.command("c CREATE a/b")
    before = [mailbox_id(tim, f"STATUS {name} (MAILBOXID)") for name in ("a", "a/b")]
    tim.command("r RENAME a c")
    assert [mailbox_id(tim, f"STATUS {name} (MAILBOXID)") for name in ("c", "c/b")] == before


def test_rename_of_inbox_makes_a_new_mailboxid(tim: Dialogue) -> None:
    tim.append(FIRST)
    inbox = mailbox_id(tim, "STATUS INBOX (MAILBOXID)")
    emails = fetched(tim, "INBOX", "EMAILID")
    tim.command("r RENAME INBOX old")
    assert mailbox_id(tim, "STATUS INBOX (MAILBOXID)") == inbox != mailbox_id(tim, "STATUS old (MAILBOXID)")
    assert fetched(tim, "old", "EMAILID") == emails


def test_create_tells_the_mailboxid_though_somebody_deletes_the_mailbox_at_once(tim: Dialogue) -> None:
    execute = tim.execute

    def gone_at_once(operation: Any) -> Any:
        result = execute(operation)
        if isinstance(operation, CreateMailbox):
            execute(DeleteMailbox(operation.user, operation.name))
        return result

    tim.execute = gone_at_once
    told = [mailbox_id(tim, "CREATE a") for _ in range(2)]
    assert told[0] != told[1]


def test_an_emailid_stays(tim: Dialogue) -> None:
    tim.append(FIRST)
    before = fetched(tim, "INBOX", "EMAILID")
    tim.append(ANSWER)
    tim.command("s SELECT INBOX")
    tim.command("s STORE 1 FLAGS (work)")
    assert fetched(tim, "INBOX", "EMAILID")[:1] == before


@pytest.mark.parametrize("verb", ["COPY", "MOVE"])
def test_copies_have_the_emailid_of_their_source(tim: Dialogue, verb: str) -> None:
    tim.append(FIRST)
    tim.append(ANSWER)
    before = [fetched(tim, "INBOX", item) for item in ("EMAILID", "THREADID")]
    tim.command("s SELECT INBOX")
    tim.command(f"m {verb} 1:2 Trash")
    assert [fetched(tim, "Trash", item) for item in ("EMAILID", "THREADID")] == before


def test_what_differs_in_an_octet_has_another_emailid(tim: Dialogue) -> None:
    for message in (FIRST, FIRST + b" ", FIRST):
        tim.append(message)
    first, second, third = fetched(tim, "INBOX", "EMAILID")
    assert first == third != second


def test_one_threadid_for_one_emailid(tim: Dialogue) -> None:
    for message in (LAST, FIRST, LAST, ANSWER, LAST):
        tim.append(message)
    emails, threads = fetched(tim, "INBOX", "EMAILID"), fetched(tim, "INBOX", "THREADID")
    assert emails[0] == emails[2] == emails[4]
    assert threads[0] == threads[2] == threads[4]


def test_related_messages_have_one_threadid_across_mailboxes(tim: Dialogue) -> None:
    for message, mailbox in ((FIRST, "INBOX"), (ANSWER, "Sent"), (LAST, "Archive")):
        tim.append(message, mailbox=mailbox)
    assert fetched(tim, "INBOX", "THREADID") == fetched(tim, "Sent", "THREADID") == fetched(tim, "Archive", "THREADID")


def test_a_threadid_never_changes(tim: Dialogue) -> None:
    tim.append(FIRST)
    tim.append(LAST)
    before = fetched(tim, "INBOX", "THREADID")
    tim.append(ANSWER)
    assert fetched(tim, "INBOX", "THREADID")[:2] == before


def test_no_emailid_is_a_threadid(tim: Dialogue) -> None:
    for message in (b"\r\nno ids\r\n", b"\r\nnone here\r\n", FIRST):
        tim.append(message)
    assert not set(fetched(tim, "INBOX", "EMAILID")) & set(fetched(tim, "INBOX", "THREADID"))


@pytest.mark.parametrize("name", ["EMAILID", "emailId", "THREADID", "threadid"])
def test_names_are_told_apart_by_no_case_and_ids_are(tim: Dialogue, name: str) -> None:
    tim.append(FIRST)
    (found,) = fetched(tim, "INBOX", name.upper())
    object_id = found.strip(b" ()").decode()
    assert tim.command(f"s SEARCH {name} {object_id}")[0] == b"* SEARCH 1"
    assert tim.command(f"s SEARCH {name} {object_id.swapcase()}")[0] == b"* SEARCH"
