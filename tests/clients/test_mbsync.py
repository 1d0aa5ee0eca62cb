"""mbsync keeps a Maildir and a mailbox the same, both ways."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.letters import FAREWELL, HELLO, REPORT, contents, deposit, open_session
from peers.servers import PASSWORD, Server

pytestmark = pytest.mark.peer

SETTINGS = """
IMAPStore far
Host {host}
Port {port}
User u1
Pass {password}
SSLType None
AuthMechs LOGIN

MaildirStore near
SubFolders Verbatim
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX Work
Create Both
Expunge Both
SyncState *
"""


class Mirror:
    """A Maildir tree that mbsync keeps."""

    def __init__(self, program: str, server: Server, folder: Path) -> None:
        self.program, self.folder, self.settings = program, folder / "mail", folder / "mbsyncrc"
        self.folder.mkdir()
        self.settings.write_text(SETTINGS.format(host=server.host, port=server.port, password=PASSWORD, folder=self.folder))

    def sync(self) -> None:
        command = [self.program, "-c", str(self.settings), "-a"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self, mailbox: str = "INBOX") -> list[Path]:
        return [path for sub in ("new", "cur") for path in sorted((self.folder / mailbox / sub).iterdir())]

    def letters(self, mailbox: str = "INBOX") -> dict[bytes, frozenset[str]]:
        """Messages with CRLF line ends and without mbsync's own X-TUID field, and their Maildir flags."""
        return {_as_sent(path.read_bytes()): frozenset(path.name.partition(":2,")[2]) for path in self.files(mailbox)}


def _as_sent(octets: bytes) -> bytes:
    lines = octets.replace(b"\r\n", b"\n").split(b"\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"X-TUID:"))


@pytest.fixture
def mirror(server: Server, program: Callable[[str], str], tmp_path: Path) -> Mirror:
    return Mirror(program("mbsync"), server, tmp_path)


def test_mail_comes_down_and_goes_up(server: Server, mirror: Mirror) -> None:
    deposit(server, [HELLO, REPORT])
    mirror.sync()
    assert set(mirror.letters()) == {HELLO, REPORT}
    (mirror.folder / "INBOX" / "new" / "1.farewell.here").write_bytes(FAREWELL.replace(b"\r\n", b"\n"))
    mirror.sync()
    assert {_as_sent(letter) for letter in contents(server)} == {HELLO, REPORT, FAREWELL}


def test_flags_travel_both_ways(server: Server, mirror: Mirror) -> None:
    deposit(server, [HELLO, REPORT])
    mirror.sync()
    with open_session(server) as session:
        session.select()
        session.store("1", "+FLAGS", r"(\Answered)")
    local = next(path for path in mirror.files() if b"report@" in path.read_bytes())
    local.rename(mirror.folder / "INBOX" / "cur" / (local.name.partition(":")[0] + ":2,FS"))
    mirror.sync()
    assert contents(server) == {HELLO: {"\\Answered"}, REPORT: {"\\Flagged", "\\Seen"}}
    assert mirror.letters() == {HELLO: {"R"}, REPORT: {"F", "S"}}


def test_removal_travels_both_ways(server: Server, mirror: Mirror) -> None:
    deposit(server, [HELLO, REPORT, FAREWELL])
    mirror.sync()
    with open_session(server) as session:
        session.select()
        session.store("1", "+FLAGS", r"(\Deleted)")
        session.expunge()
    next(path for path in mirror.files() if b"report@" in path.read_bytes()).unlink()
    mirror.sync()
    assert list(contents(server)) == list(mirror.letters()) == [FAREWELL]


def test_a_new_mailbox_is_made_on_the_other_side(server: Server, mirror: Mirror) -> None:
    with open_session(server) as session:
        session.create("Work")
    deposit(server, [HELLO], "Work")
    mirror.sync()
    assert set(mirror.letters("Work")) == {HELLO}


def test_a_second_run_changes_nothing(server: Server, mirror: Mirror) -> None:
    deposit(server)
    mirror.sync()
    before = contents(server), mirror.letters()
    mirror.sync()
    assert (contents(server), mirror.letters()) == before
