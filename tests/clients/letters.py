"""The few messages that client tests put into a mailbox, and how they get and check them: Python's own imaplib."""

import imaplib
from collections.abc import Iterable

from peers.servers import PASSWORD, Server

HELLO = (
    b"From: Ann Example <ann@example.org>\r\nTo: u1@example.org\r\nSubject: Hello there\r\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <hello@example.org>\r\n\r\nThe first letter.\r\n"
)
REPORT = (
    b"From: Bo Example <bo@example.org>\r\nTo: u1@example.org\r\nSubject: =?utf-8?q?Caf=C3=A9?= report\r\n"
    b"Date: Tue, 3 Nov 2026 11:00:00 +0100\r\nMessage-ID: <report@example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n'
    b"--b\r\nContent-Type: application/pdf; name=r.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n"
)
FAREWELL = (
    b"From: Cy Example <cy@example.org>\r\nTo: u1@example.org\r\nSubject: Farewell\r\n"
    b"Date: Wed, 4 Nov 2026 12:00:00 +0100\r\nMessage-ID: <farewell@example.org>\r\n\r\nThe last letter.\r\n"
)
ALL = (HELLO, REPORT, FAREWELL)


def open_session(server: Server, user: str = "u1") -> imaplib.IMAP4:
    """Log in with imaplib."""
    session = imaplib.IMAP4(server.host, server.port, timeout=30)
    session.login(user, PASSWORD)
    return session


def deposit(server: Server, letters: Iterable[bytes] = ALL, mailbox: str = "INBOX", user: str = "u1") -> None:
    """Put letters into a mailbox."""
    with open_session(server, user) as session:
        for letter in letters:
            kind, answer = session.append(mailbox, "", None, letter)  # type: ignore[arg-type]
            assert kind == "OK", answer


def contents(server: Server, mailbox: str = "INBOX", user: str = "u1") -> dict[bytes, frozenset[str]]:
    r"""The messages of a mailbox and their flags, without \Recent."""
    found: dict[bytes, frozenset[str]] = {}
    with open_session(server, user) as session:
        kind, answer = session.select(mailbox, readonly=True)
        assert kind == "OK", answer
        if answer == [b"0"]:
            return found
        kind, rows = session.fetch("1:*", "(FLAGS BODY.PEEK[])")
        assert kind == "OK"
        for row in rows:
            if isinstance(row, tuple):
                flags = frozenset(flag.decode() for flag in imaplib.ParseFlags(row[0]))
                found[row[1]] = flags - {"\\Recent"}
    return found
