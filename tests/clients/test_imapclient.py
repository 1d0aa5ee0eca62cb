"""IMAPClient: its own test suite for live servers, which the package ships as ``imapclient.livetest``."""

import subprocess
import sys
from pathlib import Path

import pytest

from clients.letters import HELLO, deposit
from peers.servers import PASSWORD, Server

imapclient = pytest.importorskip("imapclient", reason="IMAPClient is not installed")
pytestmark = pytest.mark.peer

# What fails in 4.1.0 and is no fault of the server:
OWN_FAULTS = {
    "test_fetch": "compares an ENVELOPE as a sequence, which it is not; fails with any server",
    "test_move": "without UIDs calls a method that imaplib lacks; fails with any server",
    "test_subscriptions": "wants SUBSCRIBE of an unknown name refused; a server may, and need not (RFC 9051 §6.3.7)",
    "test_search": "searches for message 5 of 3 and wants no hits; RFC 9051 §9 seq-number says BAD",
    "test_getacl": "takes its configuration for a dictionary, which it is not; fails with any server that has ACL",
}
# By class, how many tests have to pass at least: one that skips everything would have no failures. TestSocketTimeout is
# left out: it wants the network to be slower than a microsecond.
PASSED_MIN = {"TestGeneral": 12, "TestWithUIDs": 12, "TestWithoutUIDs": 10}


@pytest.mark.parametrize("tests", PASSED_MIN)
def test_its_live_tests_pass(server: Server, tmp_path: Path, tests: str) -> None:
    settings = tmp_path / "livetest.ini"
    settings.write_text(
        f"[DEFAULT]\nhost = {server.host}\nport = {server.port}\nssl = False\n"
        f"username = u1\npassword = {PASSWORD}\ntimeout = 30\n"
    )
    command = [sys.executable, "-m", "imapclient.livetest", str(settings), "-v", tests]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    failed = {line.split()[1] for line in done.stderr.splitlines() if line.startswith(("FAIL: ", "ERROR: "))}
    assert failed <= OWN_FAULTS.keys(), done.stderr
    assert done.stderr.count("... ok") >= PASSED_MIN[tests], done.stderr


def test_it_reads_envelopes_and_idles(server: Server) -> None:
    deposit(server, [HELLO])
    with imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=30) as client:
        client.login("u1", PASSWORD)
        client.select_folder("INBOX")
        (message,) = client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE"]).values()
        assert message[b"ENVELOPE"].subject == b"Hello there"
        assert message[b"ENVELOPE"].from_[0].mailbox == b"ann"
        client.idle()
        deposit(server, [HELLO])
        assert (2, b"EXISTS") in client.idle_check(timeout=20)
        client.idle_done()


def test_it_shares_a_mailbox(server: Server) -> None:
    with imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=30) as client:
        client.login("u1", PASSWORD)
        client.create_folder("for others")
        client.setacl("for others", "anyone", "lr")
        assert (b"anyone", b"lr") in client.getacl("for others")
        assert b"u1" in [who for who, _ in client.getacl("for others")]
