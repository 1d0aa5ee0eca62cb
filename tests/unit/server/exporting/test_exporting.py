"""Export to each format, and back by import."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from angarium.engine.operations import AppendMessages, Column, CreateMailbox, NewMessage, OpenMailbox, UserName
from angarium.server.exporting.mbox import render_message, state_fields
from angarium.server.exporting.messages import StoredMessage, path_of
from angarium.server.exporting.run import Exported, Format, export_mailboxes
from angarium.server.importing.detect import open_path
from angarium.server.importing.identity import all_rows
from angarium.server.importing.run import import_source
from angarium.spec.model_store import ModelStore

ANN = UserName("ann")
DATE = datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
SYSTEM = (b"\\Seen", b"\\Answered", b"\\Flagged", b"\\Deleted", b"\\Draft")
MAIL = {
    "INBOX": [
        (b"Subject: 1\r\n\r\nFrom here\r\n>From there\r\n", (b"\\Seen", b"$Junk"), DATE),
        (b"Subject: 2\r\n\r\n", SYSTEM, DATE + timedelta(days=1)),
    ],
    "Entwürfe/a.b": [(b"Subject: 3\r\n\r\nx\r\n", (b"work", b"$Junk", b"$Forwarded"), DATE)],
    "Empty": [],
}


def make_store() -> ModelStore:
    store = ModelStore({"ann": "secret"})
    for name, messages in MAIL.items():
        if name != "INBOX":
            store.execute(CreateMailbox(ANN, name))
        store.execute(AppendMessages(ANN, name, tuple(NewMessage(*message) for message in messages)))
    return store


def export(store: ModelStore, target: Path, layout: Format, *wanted: str) -> Exported:
    return export_mailboxes(store, ANN, target, layout, wanted, lambda state: None)


def read(store: ModelStore, name: str) -> list[tuple[bytes | None, frozenset[bytes], bytes]]:
    opened = store.execute(OpenMailbox(ANN, name))
    rows = all_rows(store, opened.id, Column.CONTENT | Column.FLAGS | Column.INTERNALDATE)
    return [(row.content, frozenset(row.flags), row.internal_date) for row in rows]


def reimported(target: Path) -> ModelStore:
    store = ModelStore({"ann": "secret"})
    source = open_path(target, "INBOX", lambda: target)
    assert import_source(store, ANN, source, lambda report: None).problems == []
    return store


def in_utc(row: tuple[bytes | None, frozenset[bytes], bytes]) -> tuple[bytes | None, frozenset[bytes], datetime]:
    date = datetime.strptime(row[2].decode(), '"%d-%b-%Y %H:%M:%S %z"').astimezone(UTC)
    return (row[0], row[1], date)


@pytest.mark.parametrize("layout", [Format.MAILDIR, Format.MBOX])
def test_nothing_is_lost(tmp_path: Path, layout: Format) -> None:
    store = make_store()
    exported = export(store, tmp_path / "out", layout)
    assert (exported.written, exported.total) == (3, 3)
    back = reimported(tmp_path / "out")
    for name in MAIL:
        assert list(map(in_utc, read(back, name))) == list(map(in_utc, read(store, name)))


def test_message_files(tmp_path: Path) -> None:
    export(make_store(), tmp_path, Format.EML)
    files = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*.eml")}
    assert files == {
        "INBOX/00000001.eml": MAIL["INBOX"][0][0],
        "INBOX/00000002.eml": MAIL["INBOX"][1][0],
        "Entwürfe/a.b/00000001.eml": MAIL["Entwürfe/a.b"][0][0],
    }
    assert os.stat(tmp_path / "INBOX/00000001.eml").st_mtime == DATE.timestamp()
    assert [row[0] for row in read(reimported(tmp_path), "INBOX")] == [message[0] for message in MAIL["INBOX"]]


@pytest.mark.parametrize(("layout", "again"), [(Format.MAILDIR, (0, 3)), (Format.EML, (0, 3)), (Format.MBOX, (3, 0))])
def test_second_export(tmp_path: Path, layout: Format, again: tuple[int, int]) -> None:
    store = make_store()
    export(store, tmp_path, layout)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    exported = export(store, tmp_path, layout)
    assert (exported.written, exported.present) == again
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_maildir_layout(tmp_path: Path) -> None:
    export(make_store(), tmp_path, Format.MAILDIR)
    folder = tmp_path / ".Entw&APw-rfe.a&AC4-b"
    (name,) = os.listdir(folder / "cur")
    assert name.endswith(".angarium:2,Pab")
    keywords = dict(line.split() for line in (folder / "dovecot-keywords").read_bytes().splitlines())
    assert (set(keywords), set(keywords.values())) == ({b"0", b"1"}, {b"work", b"$Junk"})
    assert (folder / "maildirfolder").exists()
    assert os.listdir(folder / "tmp") == []


def test_only_some_mailboxes(tmp_path: Path) -> None:
    assert export(make_store(), tmp_path, Format.EML, "Entwürfe").mailboxes == 2
    assert export(make_store(), tmp_path, Format.EML, "Entw").mailboxes == 0


@pytest.mark.parametrize(
    ("name", "path"), [("a/b", "a/b"), ("../../etc", "_../_../etc"), (".hidden/.", "_.hidden/_."), ("INBOX", "INBOX")]
)
def test_paths_stay_inside(name: str, path: str) -> None:
    assert path_of(Path("out"), name) == Path("out") / path


def test_from_line() -> None:
    message = StoredMessage(1, (), DATE, b"Return-Path: <a@example.org>\r\nStatus: RO\r\n\r\nx")
    assert render_message(message) == (
        b"From a@example.org Sat Feb  3 02:05:06 2001\nReturn-Path: <a@example.org>\nStatus: O\n\nx\n\n"
    )


@pytest.mark.parametrize(
    ("flags", "header", "fields"),
    [
        ((), b"A: 1\n", b"Status: O\n"),
        (SYSTEM, b"", b"Status: RO\nX-Status: AFDT\n"),
        ((b"a", b"$b"), b"A: 1\n", b"Status: O\nX-Keywords: a $b\n"),
        ((b"\\Seen",), b"A: 1", b""),
    ],
)
def test_state_fields(flags: tuple[bytes, ...], header: bytes, fields: bytes) -> None:
    assert state_fields(flags, header) == fields
