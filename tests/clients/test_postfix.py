"""Postfix delivers over LMTP: one recipient, many in one transaction, into folders, and bounces for unknown ones."""

import os
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.letters import HELLO, contents, open_session
from peers.servers import Server, await_port, free_ports

pytestmark = pytest.mark.peer

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.test
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.test
virtual_transport = lmtp:inet:[127.0.0.1]:{lmtp}
lmtp_destination_recipient_limit = 100
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
notify_classes =
"""

# name: private, wakeup, maximum of processes, program
SERVICES = {
    "pickup": "n 60 1 pickup",
    "cleanup": "n - 0 cleanup",
    "qmgr": "n 300 1 qmgr",
    "rewrite": "- - - trivial-rewrite",
    "bounce": "- - 0 bounce",
    "defer": "- - 0 bounce",
    "trace": "- - 0 bounce",
    "flush": "n 1000? 0 flush",
    "proxymap": "- - - proxymap",
    "smtp": "- - - smtp",
    "error": "- - - error",
    "retry": "- - - error",
    "showq": "n - - showq",
    "lmtp": "- - - lmtp",
    "anvil": "- - 1 anvil",
    "scache": "- - 1 scache",
}


class Postfix:
    """A private Postfix, and what its log says."""

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self.log, self.smtp_port = folder / "log" / "mail.log", smtp_port

    def submit(self, letter: bytes, *recipients: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="client.test", timeout=30) as session:
            session.sendmail("sender@client.test", [f"{name}@example.test" for name in recipients], letter)

    def await_log(self, text: str, count: int = 1, seconds: float = 30) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            log = self.log.read_text() if self.log.exists() else ""
            if log.count(text) >= count:
                return log
            time.sleep(0.1)
        raise AssertionError(f"{text!r} is not {count} times in the log:\n{log}")


@pytest.fixture
def postfix(server: Server) -> Iterator[Postfix]:
    if shutil.which("postfix") is None:
        pytest.skip("Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("Postfix has to be started as root")
    # Not under pytest's folder, which is closed to Postfix's own account.
    folder = Path(tempfile.mkdtemp(prefix="angarium-postfix-"))
    folder.chmod(0o755)
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    (smtp,) = free_ports(1)
    (folder / "etc" / "main.cf").write_text(MAIN_CF.format(folder=folder, lmtp=server.lmtp_port))
    lines = [f"127.0.0.1:{smtp} inet n - n - - smtpd", "postlog unix-dgram n - n - 1 postlogd"]
    for name, fields in SERVICES.items():
        private, wakeup, limit, program = fields.split()
        lines.append(f"{name} unix {private} - n {wakeup} {limit} {program}")
    (folder / "etc" / "master.cf").write_text("\n".join(lines) + "\n")
    control = ["postfix", "-c", str(folder / "etc")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*control, "start"], check=True, timeout=60, **quiet)
    try:
        await_port(smtp)
        yield Postfix(folder, smtp)
    finally:
        subprocess.run([*control, "stop"], check=False, timeout=60, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def body_of(letters: dict[bytes, frozenset[str]]) -> list[bytes]:
    return [letter.partition(b"\r\n\r\n")[2] for letter in letters]


def test_one_recipient(server: Server, postfix: Postfix) -> None:
    postfix.submit(HELLO, "u1")
    postfix.await_log("status=sent")
    (letter,) = contents(server)
    assert body_of({letter: frozenset()}) == [b"The first letter.\r\n"]
    assert letter.startswith(b"Return-Path: <sender@client.test>\r\n")


def test_many_recipients_of_one_message(server: Server, postfix: Postfix) -> None:
    postfix.submit(HELLO, "u1", "u2", "u3")
    postfix.await_log("status=sent", 3)
    for user in ("u1", "u2", "u3"):
        assert body_of(contents(server, user=user)) == [b"The first letter.\r\n"]


def test_an_unknown_recipient_bounces_and_the_others_get_their_mail(server: Server, postfix: Postfix) -> None:
    postfix.submit(HELLO, "u1", "nobody", "u2")
    log = postfix.await_log("status=bounced")
    postfix.await_log("status=sent", 2)
    assert "dsn=5.1.1" in log
    assert len(contents(server)) == len(contents(server, user="u2")) == 1


def test_plus_addresses_reach_folders(server: Server, postfix: Postfix) -> None:
    with open_session(server) as session:
        session.create("Lists")
    postfix.submit(HELLO, "u1+Lists")
    postfix.submit(HELLO, "u1+nowhere")
    postfix.await_log("status=sent", 2)
    assert len(contents(server, "Lists")) == 1
    assert len(contents(server)) == 1


def test_dots_and_long_and_eight_bit_lines_arrive_as_they_were(server: Server, postfix: Postfix) -> None:
    body = b".\r\n..\r\n.x\r\n" + b"y" * 900 + b"\r\n" + bytes(range(160, 256)) + b"\r\n"
    postfix.submit(b"Subject: dots\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body, "u1")
    postfix.await_log("status=sent")
    assert body_of(contents(server)) == [body]


def test_a_hundred_messages_all_arrive(server: Server, postfix: Postfix) -> None:
    for number in range(100):
        postfix.submit(b"Subject: %d\r\n\r\nnumber %d\r\n" % (number, number), "u1")
    postfix.await_log("status=sent", 100, seconds=60)
    assert sorted(body_of(contents(server))) == sorted(b"number %d\r\n" % number for number in range(100))
