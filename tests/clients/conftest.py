"""The server that real client programs are run against.

``ANGARIUM_TEST_SERVER=dovecot`` runs them against Dovecot instead, which tells a wrong test from a wrong server.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peers.servers import Server, angarium, dovecot


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server with the users u1, u2 and u3."""
    if os.environ.get("ANGARIUM_TEST_SERVER") == "dovecot":
        start = dovecot()
    else:
        start = angarium(tmp_path / "server", users=3, workers=2)
    with start as running:
        yield running


@pytest.fixture
def program() -> Callable[[str], str]:
    """Find a program, or skip the test."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find


class Terminal:
    """A program with a screen, run in tmux: keys in, what is on the screen out."""

    def __init__(self, socket: Path, command: str, home: Path) -> None:
        self.socket = socket
        # A fixed terminal and locale, so that the screen looks the same everywhere.
        environment = {"HOME": str(home), "TERM": "screen", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "SHELL": "/bin/sh"}
        self.environment = environment
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", f"{command}; echo the program ended; sleep 60"
        )

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), *arguments],
            env=self.environment,
            capture_output=True,
            check=True,
            text=True,
            timeout=20,
        )
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Press keys, in tmux's names."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What is shown."""
        return self._tmux("capture-pane", "-p")

    def await_text(self, *texts: str, seconds: float = 20) -> str:
        """Wait until all the texts are on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen()
            if all(text in screen for text in texts):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{texts} not on the screen:\n{self.screen()}")

    def end(self) -> None:
        """Stop the program and its tmux."""
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path, program: Callable[[str], str]) -> Iterator[Callable[[str], Terminal]]:
    """Run a program in a terminal of its own."""
    program("tmux")
    running: list[Terminal] = []

    def run(command: str) -> Terminal:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        # A unix socket's path must be short, and pytest's folders are deep.
        running.append(Terminal(Path(tempfile.gettempdir(), f"angarium-tmux-{os.getpid()}-{len(running)}"), command, home))
        return running[-1]

    yield run
    for each in running:
        each.end()
        each.socket.unlink(missing_ok=True)
