"""Export to each format, and back by import."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.operations import AppendMessages, Column, CreateMailbox, NewMessage, OpenMailbox, UserName
from angarium.server.exporting.mbox import render_message, state_fields
from angarium.server.exporting.messages import StoredMessage, missing, path_of, stored_mailboxes
from angarium.server.exporting.run import Exported, Format, export_mailboxes
from angarium.server.importing.detect import open_path
from angarium.server.importing.identity import all_rows
from angarium.server.importing.mbox import normal_form
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
    return export_mailboxes(store, stored_mailboxes(store, ANN, wanted), target, layout, lambda state: None)


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
    ("flags", "fields"),
    [
        ((), b"Status: O\n"),
        (SYSTEM, b"Status: RO\nX-Status: AFDT\n"),
        ((b"a", b"$b"), b"Status: O\nX-Keywords: a $b\n"),
    ],
)
def test_state_fields(flags: tuple[bytes, ...], fields: bytes) -> None:
    assert state_fields(flags) == fields


ODD = [
    b"a\r\n\r\nhi",
    b"A: 1\n\nbare line ends\n",
    b"A: 1\r\nb\r\r\n\r\nc\r\r\n",
    b"From a@example.org Sat Jan  1 10:00:00 2000\r\nA: 1\r\n\r\n",
    b">From x\r\nStatus: RO\r\n\r\n>From\r\nFrom y\r\n",
    b"Status: RO\r\n",
    b"Subject: no last line end",
    b"\r\nno header\r\n",
    b"\r",
    b"\n",
    b"x\r",
    b"\x89PNG\r\n\x1a\n",
]
"""What APPEND takes though it is hardly a message."""
PIECES = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"From ", b">", b"From a Sat Jan  1 10:00:00 2000", b"a", b"A: 1", b"Status: R", b"X-UID: 1", b" "]
)


def store_of(*contents: bytes, flags: tuple[bytes, ...] = ()) -> ModelStore:
    store = ModelStore({"ann": "secret"})
    store.execute(AppendMessages(ANN, "INBOX", tuple(NewMessage(content, flags, DATE) for content in contents)))
    return store


def octets_of(store: ModelStore) -> list[bytes | None]:
    return [row[0] for row in read(store, "INBOX")]


@pytest.mark.parametrize("layout", [Format.MAILDIR, Format.EML])
def test_octets_are_kept(tmp_path: Path, layout: Format) -> None:
    store = store_of(*ODD)
    assert export(store, tmp_path, layout).altered == 0
    assert octets_of(reimported(tmp_path)) == ODD


@given(contents=st.lists(st.lists(PIECES, min_size=1, max_size=12).map(b"".join), min_size=1, max_size=3))
@pytest.mark.parametrize("layout", list(Format))
def test_octets_are_kept_or_the_loss_is_known(
    tmp_path_factory: pytest.TempPathFactory, layout: Format, contents: list[bytes]
) -> None:
    target = tmp_path_factory.mktemp("out")
    store = store_of(*contents, flags=(b"\\Seen", b"work"))
    exported = export(store, target, layout)
    back = octets_of(reimported(target))
    assert exported.altered == sum(one != other for one, other in zip(contents, back, strict=True))
    assert exported.altered == 0 or layout is Format.MBOX
    assert exported.unflagged == (len(contents) if layout is Format.EML else 0)
    assert back == (list(map(normal_form, contents)) if layout is Format.MBOX else contents)


@given(content=st.lists(PIECES, max_size=12).map(b"".join))
def test_the_normal_form_of_an_mbox_stays(content: bytes) -> None:
    assert normal_form(normal_form(content)) == normal_form(content)


@pytest.mark.parametrize("layout", list(Format))
def test_an_own_export_adds_nothing_twice(tmp_path: Path, layout: Format) -> None:
    store = store_of(*ODD, *ODD)
    export(store, tmp_path, layout)
    report = import_source(store, ANN, open_path(tmp_path, "INBOX", lambda: tmp_path), lambda report: None)
    assert (report.added, report.present, report.problems) == (0, 2 * len(ODD), [])


def test_what_an_mbox_cannot_hold_is_counted(tmp_path: Path) -> None:
    note = b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\r\n\r\n"
    exported = export(store_of(b"A: 1\r\n\r\nx", note, b"A: 2\r\n\r\nx\r\n"), tmp_path, Format.MBOX)
    assert (exported.written, exported.altered) == (3, 2)


def test_keywords_past_the_letters_are_counted(tmp_path: Path) -> None:
    keywords = tuple(b"k%d" % number for number in range(27))
    assert export(store_of(b"A: 1\r\n\r\n", flags=keywords), tmp_path / "1", Format.MAILDIR).unflagged == 1
    assert export(store_of(b"A: 1\r\n\r\n", flags=keywords[:26]), tmp_path / "2", Format.MAILDIR).unflagged == 0


def test_names_that_are_not_there() -> None:
    mailboxes = stored_mailboxes(make_store(), ANN, ("Entwürfe", "Nothing", "Entw"))
    assert missing(("Entwürfe", "Entwürfe/a.b", "Nothing", "Entw"), mailboxes) == ["Nothing", "Entw"]
