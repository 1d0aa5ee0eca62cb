"""What kind of source a path is, and which mailboxes come of it."""

import io
import os
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from angarium.server.importing.detect import open_path
from angarium.server.importing.source import Source, SourceError

FROM = b"From a@example.org Sat Jan  1 10:00:00 2000\n"
MESSAGE = b"Subject: x\n\ntext\n"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Source]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def open_at(path: Path, root: str = "INBOX") -> Source:
        return open_path(path, root, lambda: scratch)

    return open_at


def tree(folder: Path, files: dict[str, bytes]) -> Path:
    for name, octets in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(octets)
    return folder


def mailboxes(source: Source) -> list[str]:
    return [message.mailbox for message in source.messages()]


def test_folder_of_messages(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = tree(
        tmp_path / "mail",
        {
            "1.eml": MESSAGE,
            "ham/0001.abc": FROM + MESSAGE,
            "ham/2": FROM + MESSAGE,
            "spam/new/3": MESSAGE,
            "notes.txt": b"no mail here\n",
            ".hidden": MESSAGE,
            "empty": b"",
        },
    )
    source = opened(folder)
    assert (source.kind, source.total) == ("message files", 4)
    assert mailboxes(source) == ["INBOX", "ham", "ham", "spam/new"]
    assert source.skipped == (str(folder / "notes.txt"),)
    assert {message.read() for message in source.messages()} == {b"Subject: x\r\n\r\ntext\r\n"}
    assert mailboxes(opened(folder, "Old")) == ["Old", "Old/ham", "Old/ham", "Old/spam/new"]


def test_dates_of_message_files(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = tree(tmp_path / "mail", {"1": FROM + MESSAGE, "2": b"Date: Mon, 5 Aug 2002 07:00:00 +0000\n\n", "3": MESSAGE})
    from_line, field, of_file = (message.internal_date for message in opened(folder).messages())
    assert from_line == datetime(2000, 1, 1, 10, tzinfo=UTC)
    assert field == datetime(2002, 8, 5, 7, tzinfo=UTC)
    assert of_file == datetime.fromtimestamp((folder / "3").stat().st_mtime, UTC)


def test_an_eml_file_is_one_message_whatever_is_in_it(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = tree(tmp_path / "mail", {"1.eml": FROM + MESSAGE + b"\n" + FROM + b">From a\n"})
    (message,) = opened(folder).messages()
    assert message.read() == (MESSAGE + b"\n" + FROM + b">From a\n").replace(b"\n", b"\r\n")


def test_folder_of_mboxes(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = tree(
        tmp_path / "mail",
        {
            "Inbox": FROM + MESSAGE + b"\n" + FROM + MESSAGE,
            "Sent": FROM + MESSAGE,
            "Sent.msf": b"index\n",
            "Sent.sbd/2001": FROM + MESSAGE,
            "Empty": b"",
        },
    )
    source = opened(folder)
    assert (source.kind, source.total) == ("folder of mbox files", 4)
    assert mailboxes(source) == ["INBOX", "INBOX", "Sent", "Sent/2001"]
    assert source.mailboxes == ("Empty", "INBOX", "Sent", "Sent/2001")
    assert source.skipped == (str(folder / "Sent.msf"),)


def test_mboxes_and_messages_together(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = tree(
        tmp_path / "mail", {"list": FROM + MESSAGE + b"\n" + FROM + MESSAGE, "1.eml": MESSAGE, "sub/2.eml": FROM + MESSAGE}
    )
    (folder / "loop").symlink_to(folder)
    source = opened(folder)
    assert (source.total, mailboxes(source)) == (4, ["INBOX", "sub", "list", "list"])


@pytest.mark.parametrize(
    ("name", "octets", "kind", "count"),
    [
        ("x", FROM + MESSAGE + b"\n" + FROM + MESSAGE, "mbox", 2),
        ("x.mbox", FROM + MESSAGE, "mbox", 1),
        ("x.mbox", b"", "mbox", 0),
        ("x", FROM + MESSAGE, "message file", 1),
        ("x.eml", MESSAGE, "message file", 1),
        ("x.eml", b"a\r\n\r\nhi", "message file", 1),
        ("x.exact.eml", b"", "message file", 1),
        ("x.mbox", FROM + b"a\n\nhi", "mbox", 1),
    ],
)
def test_single_files(tmp_path: Path, opened: Callable[..., Source], name: str, octets: bytes, kind: str, count: int) -> None:
    source = opened(tree(tmp_path, {name: octets}) / name, "Old")
    assert (source.kind, source.total, mailboxes(source)) == (kind, count, ["Old"] * count)


@pytest.mark.parametrize("inside", ["", "top"])
def test_archive(tmp_path: Path, opened: Callable[..., Source], inside: str) -> None:
    folder = tree(tmp_path / "mail", {"a/1.eml": MESSAGE, "b/2.eml": MESSAGE})
    with tarfile.open(tmp_path / "mail.tar.xz", "w:xz") as archive:
        for name in ("a", "b"):
            archive.add(folder / name, f"{inside}/{name}")
    assert mailboxes(opened(tmp_path / "mail.tar.xz")) == ["a", "b"]


def test_maildir_in_an_archive(tmp_path: Path, opened: Callable[..., Source]) -> None:
    tree(tmp_path / "mail", {"new/1.a": MESSAGE})
    (tmp_path / "mail" / "cur").mkdir()
    os.utime(tmp_path / "mail" / "new" / "1.a", (1_000_000_000,) * 2)
    with tarfile.open(tmp_path / "mail.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "mail", "Maildir")
    (message,) = opened(tmp_path / "mail.tar.gz").messages()
    assert (message.mailbox, message.internal_date) == ("INBOX", datetime.fromtimestamp(1_000_000_000, UTC))


@pytest.mark.parametrize("name", ["../escaped.eml", "a/../../escaped.eml", "/escaped.eml"])
def test_archive_stays_in_its_folder(tmp_path: Path, opened: Callable[..., Source], name: str) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(MESSAGE)
        archive.addfile(member, io.BytesIO(MESSAGE))
    with pytest.raises(SourceError, match="lies outside"):
        opened(tmp_path / "evil.tar")
    assert not (tmp_path / "escaped.eml").exists()


def test_links_in_an_archive_are_left_out(tmp_path: Path, opened: Callable[..., Source]) -> None:
    (tmp_path / "secret").write_bytes(MESSAGE)
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        link = tarfile.TarInfo("a/1.eml")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        archive.addfile(link)
    with pytest.raises(SourceError, match="holds no mail"):
        opened(tmp_path / "x.tar")


@pytest.mark.parametrize("cut", [600, 1500])
def test_broken_archive(tmp_path: Path, opened: Callable[..., Source], cut: int) -> None:
    tree(tmp_path / "mail", {"1.eml": MESSAGE * 200})
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "mail")
    (tmp_path / "x.tar").write_bytes((tmp_path / "x.tar").read_bytes()[:cut])
    with pytest.raises(SourceError):
        opened(tmp_path / "x.tar")


@pytest.mark.parametrize(
    ("name", "octets", "complaint"),
    [
        ("x.png", b"\x89PNG\r\n", "is no mail"),
        ("folder/x.txt", b"no mail\n", "holds no mail"),
        ("x", b"", "is no mail"),
        ("x.msg", b"\xd0\xcf", "is no mail"),
    ],
)
def test_what_is_no_mail(tmp_path: Path, opened: Callable[..., Source], name: str, octets: bytes, complaint: str) -> None:
    tree(tmp_path, {name: octets})
    with pytest.raises(SourceError, match=complaint):
        opened(tmp_path / name.partition("/")[0])


def test_nothing_there(tmp_path: Path, opened: Callable[..., Source]) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        opened(tmp_path / "nothing")


def test_undecodable_file_names(tmp_path: Path, opened: Callable[..., Source]) -> None:
    folder = os.fsencode(tmp_path) + b"/mail/caf\xe9"
    os.makedirs(folder)
    with open(folder + b"/1.eml", "wb") as file:
        file.write(MESSAGE)
    assert mailboxes(opened(tmp_path / "mail")) == ["caf\ufffd"]
