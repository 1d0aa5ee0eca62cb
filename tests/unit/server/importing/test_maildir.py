"""Maildir: folders, names, flags, dates."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from angarium.server.importing.maildir import current_path, find_maildirs, flags_of, is_maildir, open_maildir


def make_maildir(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("1.a.host:2,", ()),
        ("1.a.host", ()),
        ("1.a.host:2,DFPRST", (b"\\Draft", b"\\Flagged", b"$Forwarded", b"\\Answered", b"\\Seen", b"\\Deleted")),
        ("1.a.host,S=12,W=13:2,S", (b"\\Seen",)),
        ("1.a.host:2,Sab", (b"\\Seen", b"$Junk")),
        ("1.a.host!2,S", (b"\\Seen",)),
        ("1.a.host;2,S", (b"\\Seen",)),
        ("1.a.host:1,S", ()),
        ("1.a.host:2,S,extra", (b"\\Seen",)),
    ],
)
def test_flags(name: str, flags: tuple[bytes, ...]) -> None:
    assert flags_of(name, {"a": b"$Junk"}) == flags


@pytest.mark.parametrize(
    ("folder", "root", "mailbox"),
    [
        (".", "INBOX", "INBOX"),
        (".Sent", "INBOX", "Sent"),
        (".Work.2020", "INBOX", "Work/2020"),
        (".Entw&APw-rfe", "INBOX", "Entwürfe"),
        (".a&b", "INBOX", "a&b"),
        (".a&AC4-b.&-AC4-", "INBOX", "a.b/&AC4-"),
        ("Work/2020", "INBOX", "Work/2020"),
        ("inbox", "INBOX", "INBOX"),
        (".", "Old", "Old"),
        (".Sent", "Old", "Old/Sent"),
    ],
)
def test_mailbox_names(tmp_path: Path, folder: str, root: str, mailbox: str) -> None:
    make_maildir(tmp_path / folder)
    assert find_maildirs(tmp_path, root) == {mailbox: tmp_path / folder}


def test_tmp_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    assert not is_maildir(tmp_path)
    (tmp_path / "new").mkdir()
    assert is_maildir(tmp_path)


def test_messages(tmp_path: Path) -> None:
    make_maildir(tmp_path)
    (tmp_path / "dovecot-keywords").write_bytes(b"0 $Junk\n1 work\njunk\n99 far\n")
    (tmp_path / "cur" / "20.b:2,Sb").write_bytes(b"A: 2\n\ntwo\n")
    (tmp_path / "new" / "3.a").write_bytes(b"A: 1\n\n>From here\n")
    (tmp_path / "cur" / ".hidden").write_bytes(b"")
    os.utime(tmp_path / "new" / "3.a", (1_000_000_000.9,) * 2)
    source = open_maildir(tmp_path, "INBOX")
    first, second = source.messages()
    assert (source.total, source.mailboxes) == (2, ("INBOX",))
    assert (first.read(), first.flags, first.internal_date) == (
        b"A: 1\r\n\r\n>From here\r\n",
        (),
        datetime.fromtimestamp(1_000_000_000, UTC),
    )
    assert (second.read(), second.flags) == (b"A: 2\r\n\r\ntwo\r\n", (b"\\Seen", b"work"))


def test_another_program_changes_flags_meanwhile(tmp_path: Path) -> None:
    make_maildir(tmp_path)
    listed = tmp_path / "new" / "1.a"
    moved = tmp_path / "cur" / "1.a:2,S"
    moved.write_bytes(b"A: 1\n\n")
    assert current_path(listed) == moved
    moved.unlink()
    assert current_path(listed) is None
