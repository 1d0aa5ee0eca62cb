"""Python's imaplib walks through a session."""

import imaplib

import pytest

from clients.letters import ALL, HELLO, deposit, open_session
from peers.servers import Server

pytestmark = pytest.mark.peer


def ok(answer: tuple[str, list]) -> list:
    assert answer[0] == "OK", answer
    return answer[1]


def test_a_whole_session(server: Server) -> None:
    deposit(server)
    with open_session(server) as session:
        ok(session.create("Work"))
        ok(session.subscribe("Work"))
        assert any(b"Work" in line for line in ok(session.lsub()))
        assert ok(session.select()) == [b"3"]
        assert ok(session.search(None, "SUBJECT", "farewell")) == [b"3"]
        assert ok(session.uid("SEARCH", "UNSEEN"))[0].split() == [b"1", b"2", b"3"]
        assert ok(session.fetch("1", "(BODY[])"))[0][1] == HELLO
        assert b"\\Seen" in ok(session.fetch("1", "(FLAGS)"))[0]
        ok(session.copy("1:2", "Work"))
        ok(session.store("1", "+FLAGS", r"(\Deleted)"))
        assert ok(session.expunge()) == [b"1"]
        assert ok(session.status("Work", "(MESSAGES UNSEEN)")) == [b"Work (MESSAGES 2 UNSEEN 1)"]
        ok(session.close())
        ok(session.rename("Work", "Done"))
        assert ok(session.select("Done")) == [b"2"]
        ok(session.unselect())
        ok(session.delete("Done"))


def test_eight_bit_and_large_messages_come_back_as_they_were(server: Server) -> None:
    letters = [
        b"Subject: 8-bit\r\n\r\n" + bytes(range(128, 256)) + b"\r\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 100_000,
    ]
    deposit(server, letters)
    with open_session(server) as session:
        ok(session.select())
        for number, letter in enumerate(letters, 1):
            assert ok(session.fetch(str(number), "(BODY.PEEK[])"))[0][1] == letter


def test_mistakes_are_refused_and_the_session_goes_on(server: Server) -> None:
    with open_session(server) as session:
        assert session.select("nowhere")[0] == "NO"
        assert session.delete("INBOX")[0] == "NO"
        with pytest.raises(imaplib.IMAP4.error):
            session.fetch("1", "(FLAGS)")
        with pytest.raises(imaplib.IMAP4.error):
            session.status("INBOX", "(NONSENSE)")
        ok(session.select())
    with pytest.raises(imaplib.IMAP4.error), imaplib.IMAP4(server.host, server.port) as session:
        session.login("u1", "wrong")


def test_all_letters_are_found_after_a_restart_of_the_client(server: Server) -> None:
    deposit(server)
    with open_session(server) as session:
        ok(session.select(readonly=True))
        found = [row[1] for row in ok(session.fetch("1:*", "(BODY.PEEK[])")) if isinstance(row, tuple)]
    assert found == list(ALL)
