"""Delivery over real sockets: pipelining, chunks, large messages, a disk that is full, a folder that cannot be written."""

import imaplib
import os
import resource
import smtplib
import socket
import stat

import pytest

HOST = "127.0.0.1"


class Lmtp:
    """A raw LMTP client."""

    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), 20)
        self.lines = self.socket.makefile("rb")
        assert self.reply() == "220"

    def send(self, octets):
        self.socket.sendall(octets)

    def reply(self):
        while True:
            line = self.lines.readline().decode()
            if line[3:4] != "-":
                return line.split(" ")[0] if line[4:5].isalpha() or not line[4:5].isdigit() else " ".join(line.split()[:2])

    def replies(self, count):
        return [self.reply() for _ in range(count)]


@pytest.fixture
def inbox():
    def contents(server, mailbox="INBOX"):
        client = imaplib.IMAP4(HOST, server.ports["imap"])
        client.login("ann", "secret")
        client.select(mailbox, readonly=True)
        _, data = client.fetch("1:*", "(BODY.PEEK[])")
        client.logout()
        return [each[1] for each in data if isinstance(each, tuple)]

    return contents


def test_a_whole_pipelined_session(start_server, inbox):
    server = start_server()
    lmtp = Lmtp(server.ports["lmtp"])
    lmtp.send(
        b"LHLO me\r\nMAIL FROM:<a@b> BODY=8BITMIME\r\nRCPT TO:<ann@x>\r\nRCPT TO:<nobody@x>\r\nRCPT TO:<ann+Archive@x>\r\n"
        b"BDAT 16\r\nSubject: one\r\n\r\nBDAT 5 LAST\r\n\xc3\xa4\n.\nMAIL FROM:<>\r\nRCPT TO:<ann@x>\r\nDATA\r\n"
    )
    assert lmtp.replies(5) == ["250", "250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5"]
    assert lmtp.replies(3) == ["250 2.0.0"] * 3
    assert lmtp.replies(3) == ["250 2.1.0", "250 2.1.5", "354"]
    lmtp.send(b"Subject: two\r\n\r\n..\r\n.\r\nQUIT\r\n")
    assert lmtp.replies(2) == ["250 2.0.0", "221 2.0.0"]
    assert lmtp.lines.read() == b""
    first, second = inbox(server)
    assert first.endswith(b"Subject: one\r\n\r\n\xc3\xa4\n.\n")
    assert second.endswith(b"Subject: two\r\n\r\n.\r\n")
    assert inbox(server, "Archive") == [first.replace(b"for <ann@x>", b"for <ann+Archive@x>")]


@pytest.mark.parametrize("size", [60_000, 70_000, 3_000_000])
def test_large_messages_arrive_octet_for_octet(start_server, inbox, size):
    server = start_server()
    line = b"." + bytes(range(0x21, 0x7F)) + b"\r\n"
    body = b"Subject: big\r\n\r\n" + line * (size // len(line))
    lmtp = Lmtp(server.ports["lmtp"])
    lmtp.send(b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ann>\r\nRCPT TO:<ann>\r\nDATA\r\n")
    assert lmtp.replies(5)[-1] == "354"
    lmtp.send(body.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    assert lmtp.replies(2) == ["250 2.0.0"] * 2
    contents = inbox(server)
    assert len(contents) == 2
    assert all(each.endswith(b"\r\n" + body) for each in contents)
    assert os.listdir(server.data / "staging") == []


def test_too_large_is_refused_and_the_session_goes_on(start_server, inbox):
    server = start_server(ANGARIUM_LMTP_MESSAGE_OCTETS="100 KB")
    lmtp = Lmtp(server.ports["lmtp"])
    lmtp.send(b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ann@x>\r\nDATA\r\n")
    assert lmtp.replies(4)[-1] == "354"
    lmtp.send(b"x" * 1000 * 150 + b"\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ann@x>\r\nDATA\r\n")
    assert lmtp.replies(4) == ["552 5.3.4", "250 2.1.0", "250 2.1.5", "354"]
    lmtp.send(b"ok\r\n.\r\n")
    assert lmtp.reply() == "250 2.0.0"
    assert len(inbox(server)) == 1


def test_a_full_disk_is_a_passing_trouble(start_server, inbox, monkeypatch):
    # A limit on the size of files stands in for a full disk: writes beyond it fail.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    server = start_server()
    with smtplib.LMTP(HOST, server.ports["lmtp"]) as lmtp:
        lmtp.sendmail("a@b", "ann", "Subject: before\r\n\r\nx\r\n")
        for pid in server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (600_000, before[1]))
        with pytest.raises(smtplib.SMTPDataError) as caught:
            lmtp.sendmail("a@b", "ann", b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 2_000_000)
        assert caught.value.smtp_code // 100 == 4
        for pid in server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        assert lmtp.sendmail("a@b", "ann", "Subject: after\r\n\r\nx\r\n") == {}
    assert [each.rpartition(b"Subject: ")[2] for each in inbox(server)] == [b"before\r\n\r\nx\r\n", b"after\r\n\r\nx\r\n"]
    assert os.listdir(server.data / "staging") == []


def test_mail_is_for_its_owner_only(start_server):
    server = start_server()
    with smtplib.LMTP(HOST, server.ports["lmtp"]) as lmtp:
        lmtp.sendmail("a@b", "ann", "Subject: x\r\n\r\nx\r\n")
    files = [path for path in (server.data / "users").rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
