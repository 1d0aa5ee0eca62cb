"""curl speaks IMAP: list, search, fetch, append, and a custom command."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.letters import FAREWELL, HELLO, contents, deposit
from peers.servers import PASSWORD, Server

pytestmark = pytest.mark.peer


@pytest.fixture
def curl(server: Server, program: Callable[[str], str]) -> Callable[..., bytes]:
    path = program("curl")

    def run(target: str, *arguments: str) -> bytes:
        command = [
            path,
            "--silent",
            "--show-error",
            "--user",
            f"u1:{PASSWORD}",
            f"imap://{server.host}:{server.port}/{target}",
            *arguments,
        ]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_lists_mailboxes(curl: Callable[..., bytes]) -> None:
    assert b"INBOX" in curl("")


def test_it_fetches_a_message_by_uid(server: Server, curl: Callable[..., bytes]) -> None:
    deposit(server)
    assert curl("INBOX;UID=1").rstrip() == HELLO.rstrip()
    assert b"Hello there" in curl("INBOX;UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)")


def test_it_searches(server: Server, curl: Callable[..., bytes]) -> None:
    deposit(server)
    assert curl("INBOX?SUBJECT%20farewell").split() == [b"*", b"SEARCH", b"3"]


def test_it_appends_a_file(server: Server, curl: Callable[..., bytes], tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(FAREWELL)
    curl("INBOX", "--upload-file", str(letter))
    assert list(contents(server)) == [FAREWELL]


def test_it_sets_a_flag(server: Server, curl: Callable[..., bytes]) -> None:
    deposit(server, [HELLO])
    curl("INBOX", "--request", r"STORE 1 +FLAGS (\Flagged)")
    assert contents(server) == {HELLO: {"\\Flagged"}}
