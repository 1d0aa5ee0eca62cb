"""Mail programs with a screen: neomutt and alpine open, read, flag and delete."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.letters import FAREWELL, HELLO, REPORT, contents, deposit
from peers.servers import PASSWORD, Server

pytestmark = pytest.mark.peer

NEOMUTT = """
set folder = "imap://u1@{host}:{port}/"
set spoolfile = "imap://u1@{host}:{port}/INBOX"
set imap_pass = "{password}"
set ssl_starttls = no
set ssl_force_tls = no
set quit = yes
set delete = yes
set sort = date
set wait_key = no
set header_cache = ""
set pager_stop = yes
set imap_idle = yes
set timeout = 1
set mail_check = 1
set assumed_charset = "utf-8"
set sleep_time = 0
"""

ALPINE = """
personal-name=U One
user-domain=example.org
inbox-path={{{host}:{port}/imap/user=u1/notls/novalidate-cert}}INBOX
disable-these-authenticators=
feature-list=quit-without-confirm,expunge-without-confirm,no-novice-help,enable-flag-cmd,no-enable-background-posting
quell-remarks=yes
last-time-prune-questioned=126.12
last-version-used=6.26
"""


def await_contents(server: Server, expected: dict[bytes, set[str]]) -> None:
    """Wait until the mailbox holds exactly this; the program may still be writing."""
    end = time.monotonic() + 15
    while (found := contents(server)) != expected and time.monotonic() < end:
        time.sleep(0.2)
    assert found == expected


def test_neomutt(server: Server, terminal: Callable, program: Callable[[str], str], tmp_path: Path) -> None:
    path = program("neomutt")
    deposit(server)
    settings = tmp_path / "neomuttrc"
    settings.write_text(NEOMUTT.format(host=server.host, port=server.port, password=PASSWORD))
    screen = terminal(f"{path} -n -F {settings}")
    screen.await_text("Hello there", "Café report", "Farewell")
    screen.keys("1", "Enter", "Enter")
    screen.await_text("The first letter.")
    screen.keys("i")
    screen.keys("2", "Enter", "F")
    screen.keys("3", "Enter", "d")
    screen.keys("$")
    await_contents(server, {HELLO: {"\\Seen"}, REPORT: {"\\Flagged"}})
    deposit(server, [FAREWELL])
    screen.await_text("Farewell")
    screen.keys("q")
    screen.await_text("the program ended")


def test_alpine(server: Server, terminal: Callable, program: Callable[[str], str], tmp_path: Path) -> None:
    path = program("alpine")
    deposit(server)
    settings = tmp_path / "pinerc"
    settings.write_text(ALPINE.format(host=server.host, port=server.port))
    screen = terminal(f"{path} -p {settings} -I i")
    screen.await_text("PASSWORD")
    screen.keys(PASSWORD, "Enter")
    screen.await_text("Preserve password")
    screen.keys("n")
    screen.await_text("Hello there", "report", "Farewell")
    screen.keys("j", "1", "Enter", "Enter")
    screen.await_text("The first letter.")
    screen.keys("i")
    screen.await_text("Farewell")
    screen.keys("j", "3", "Enter", "d")
    screen.keys("x")
    await_contents(server, {HELLO: {"\\Seen"}, REPORT: set()})
    screen.keys("q")
    screen.await_text("the program ended")
