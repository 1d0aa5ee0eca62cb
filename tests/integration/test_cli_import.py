"""The command line against real processes: import from a server, while a server runs, killed half-way; all of the real mail."""

import imaplib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import Column, OpenMailbox, UserName
from angarium.server.importing.identity import all_rows, whole_content
from angarium.server.importing.tarball import unpack
from angarium.store.sqlite.store import SqliteStore

ANGARIUM = (sys.executable, "-m", "angarium.server")
CORPUS = Path(__file__).parents[3] / "shared" / "mail" / "spamassassin.tar.xz"


def angarium(*arguments: str, stdin: str = "", code: int = 0) -> str:
    done = subprocess.run([*ANGARIUM, *arguments], input=stdin.encode(), capture_output=True, timeout=300, check=False)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def add_user(data: Path, name: str) -> None:
    angarium("user", "add", name, "--password-stdin", "--data", str(data), stdin="secret\n")


def counts(data: Path, user: str) -> dict[str, int]:
    rows: list[dict[str, Any]] = json.loads(angarium("mailbox", "list", "--user", user, "--json", "--data", str(data)))
    return {row["name"]: row["messages"] for row in rows if row["messages"]}


@contextmanager
def serving(data: Path) -> Iterator[int]:
    """Run a server on a free port and yield the port."""
    command = [*ANGARIUM, "serve", "--data", str(data), "--imap", "127.0.0.1:0", "--workers", "1"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert server.stdout is not None
    try:
        lines = iter(server.stdout.readline, b"")
        port = next(int(line.rpartition(b":")[2]) for line in lines if line.startswith(b"imap "))
        assert any(line == b"ready\n" for line in lines)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        server.stdout.close()


def make_mail(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:05}").write_bytes(
            b"Subject: %d\nMessage-ID: <%d@example.org>\n\n" % (number, number) + b"text\n" * (number % 50)
        )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    add_user(tmp_path / "data", "ann")
    return tmp_path / "data"


def test_from_a_server(tmp_path: Path, data: Path) -> None:
    make_mail(tmp_path / "mail" / "Entwürfe" / "alt", 230)
    (tmp_path / "mail" / "1.eml").write_bytes(b"Subject: no id\n\n\x80\xff\n")
    angarium("import", str(tmp_path / "mail"), "--user", "ann", "--data", str(data))
    add_user(tmp_path / "other", "bob")
    with serving(data) as port:
        session = imaplib.IMAP4("127.0.0.1", port)
        session.login("ann", "secret")
        session.select('"Entw&APw-rfe/alt"')
        session.store("1:3", "+FLAGS", r"(\Seen $work)")
        session.logout()
        arguments = ("--user", "bob", "--data", str(tmp_path / "other"), "--password-stdin", "--json")
        for added, present in ((231, 0), (0, 231)):
            report = json.loads(angarium("import", f"imap://ann@127.0.0.1:{port}/", *arguments, stdin="secret\n"))
            assert (report["added"], report["present"], report["failed"]) == (added, present, [])
        source = f"imap://ann@127.0.0.1:{port}/INBOX"
        part = json.loads(angarium("import", source, "--mailbox", "Old", *arguments, stdin="secret\n"))
        assert part["mailboxes"] == {"Old/INBOX": 1}
        angarium("import", f"imap://ann@127.0.0.1:{port}/", *arguments, stdin="wrong\n", code=1)
    assert contents(tmp_path / "other", "bob", "Entwürfe/alt") == contents(data, "ann", "Entwürfe/alt")
    assert contents(tmp_path / "other", "bob", "INBOX") == contents(data, "ann", "INBOX")


def contents(data: Path, user: str, mailbox: str) -> list[tuple[bytes, bytes, tuple[bytes, ...]]]:
    store = SqliteStore(data, upkeep=False)
    try:
        opened = store.execute(OpenMailbox(UserName(user), mailbox))
        rows = all_rows(store, opened.id, Column.CONTENT | Column.INTERNALDATE | Column.FLAGS | Column.SIZE)
        return [(whole_content(store, opened.id, row), row.internal_date, row.flags) for row in rows]
    finally:
        store.close()


def test_a_session_sees_what_is_imported(tmp_path: Path, data: Path) -> None:
    make_mail(tmp_path / "mail", 3)
    with serving(data) as port:
        session = imaplib.IMAP4("127.0.0.1", port)
        session.login("ann", "secret")
        session.select("INBOX")
        angarium("import", str(tmp_path / "mail"), "--user", "ann", "--data", str(data))
        session.noop()
        assert session.response("EXISTS")[1][-1] == b"3"
        session.logout()


def test_killed_import_goes_on(tmp_path: Path, data: Path) -> None:
    make_mail(tmp_path / "mail" / "Work", 3000)
    command = ["import", str(tmp_path / "mail"), "--user", "ann", "--data", str(data)]
    for _ in range(3):
        process = subprocess.Popen([*ANGARIUM, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = counts(data, "ann").get("Work", 0)
        while process.poll() is None and counts(data, "ann").get("Work", 0) == before:
            time.sleep(0.01)
        process.kill()
        process.wait(30)
    assert counts(data, "ann")["Work"] > 0
    angarium(*command)
    assert counts(data, "ann") == {"Work": 3000}
    stored = Counter(row[0] for row in contents(data, "ann", "Work"))
    assert set(stored.values()) == {1}
    assert "0 messages added" in angarium(*command)


def on_a_terminal(*arguments: str, **environ: str) -> str:
    """Run with a terminal for standard output and standard error, and return what appears there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*ANGARIUM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environ},
    )
    os.close(theirs)
    shown = bytearray()
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(60) == 0
    return shown.decode()


def test_colour_and_progress_are_for_terminals(tmp_path: Path, data: Path) -> None:
    make_mail(tmp_path / "mail", 3)
    command = ("import", str(tmp_path / "mail"), "--user", "ann", "--data", str(data))
    assert "\x1b[" in on_a_terminal(*command)
    assert "\x1b" not in angarium(*command)
    table = on_a_terminal("mailbox", "list", "--user", "ann", "--data", str(data))
    assert "Mailbox" in table
    assert "─" in table
    assert "Mailbox" not in angarium("mailbox", "list", "--user", "ann", "--data", str(data))
    assert "\x1b[36m" in on_a_terminal("explain", "a NOOP")
    assert "\x1b[36m" not in on_a_terminal("explain", "a NOOP", NO_COLOR="1")


@pytest.mark.mail
@pytest.mark.skipif(not CORPUS.exists(), reason=f"needs the corpus of real mail, {CORPUS.name}, beside the checkout")
def test_all_of_the_real_mail(tmp_path: Path, data: Path) -> None:
    unpacked = unpack(CORPUS, tmp_path / "mail")
    command = ("import", str(unpacked), "--user", "ann", "--json", "--data", str(data))
    first = json.loads(angarium(*command))
    assert (first["added"], first["present"], first["failed"], first["skipped"]) == (6046, 0, [], [])
    second = json.loads(angarium(*command))
    assert (second["added"], second["present"]) == (0, 6046)
    for mailbox, count in first["mailboxes"].items():
        stored = contents(data, "ann", mailbox)
        assert len(stored) == count
        expected = (expected_octets(path.read_bytes()) for path in (unpacked / mailbox).iterdir())
        assert Counter(sha256(octets).digest() for octets in expected) == Counter(sha256(row[0]).digest() for row in stored)


def expected_octets(octets: bytes) -> bytes:
    """The message without the line that mbox put before it, each line ended by CRLF."""
    if octets.startswith(b"From "):
        octets = octets[octets.index(b"\n") + 1 :]
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
