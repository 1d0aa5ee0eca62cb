"""Kill the whole server in the middle of deliveries: every message that was acknowledged is there afterwards, once at least.

The processes are killed with SIGKILL, so what they had not given to the operating system is lost; that a machine without
power keeps it too is for ``fsync``, which the store's own crash tests watch.
"""

import imaplib
import os
import re
import signal
import smtplib
import threading

import pytest

HOST = "127.0.0.1"
CLIENTS = 4


class Load(threading.Thread):
    """A client that delivers numbered messages as fast as it can, until the server is gone; it notes what was acknowledged."""

    def __init__(self, number, port):
        super().__init__()
        self.number, self.port = number, port
        self.acknowledged, self.sent = [], 0

    def message(self, name):
        # Some messages are large enough to be staged and kept in files of their own.
        return f"Subject: {name}\r\n\r\n{'x' * 70}\r\n" + f"{'y' * 70}\r\n" * (2000 if self.sent % 5 == 0 else 3)

    def run(self):
        try:
            with smtplib.LMTP(HOST, self.port, timeout=10) as lmtp:
                while True:
                    name = f"load-{self.number}-{self.sent}"
                    self.sent += 1
                    lmtp.sendmail("a@b", "ann", self.message(name))
                    self.acknowledged.append(name)
        except (OSError, smtplib.SMTPException):
            return


def subjects(server):
    """The subjects in INBOX, checking on the way that every message is whole."""
    client = imaplib.IMAP4(HOST, server.ports["imap"])
    client.login("ann", "secret")
    client.select(readonly=True)
    found = []
    _, data = client.fetch("1:*", "(RFC822.SIZE BODY.PEEK[])")
    for head, content in (each for each in data if isinstance(each, tuple)):
        assert int(re.search(rb"RFC822.SIZE (\d+)", head)[1]) == len(content)
        assert content.endswith(b"y\r\n")
        found.append(re.search(rb"Subject: (\S+)", content)[1].decode())
    client.logout()
    return found


@pytest.mark.parametrize("victims", ["everyone", "a worker"])
@pytest.mark.parametrize("after", [5, 60])
def test_acknowledged_messages_survive_a_kill(start_server, victims, after):
    server = start_server()
    loads = [Load(number, server.ports["lmtp"]) for number in range(CLIENTS)]
    for load in loads:
        load.start()
    while sum(len(load.acknowledged) for load in loads) < after:
        assert any(load.is_alive() for load in loads)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
        if victims == "a worker":
            break
    if victims == "everyone":
        server.stop(signal.SIGKILL)
        server = start_server()
    else:
        server.stop()
        server = start_server()
    for load in loads:
        load.join(20)
    found = subjects(server)
    acknowledged = {name for load in loads for name in load.acknowledged}
    assert acknowledged <= set(found)
    assert len(found) == len(set(found))
    assert len(found) <= sum(load.sent for load in loads)
    assert server.stop()[0] == 0
