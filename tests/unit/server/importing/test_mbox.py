"""mbox files: where messages begin, quoting, flags."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.server.importing.mbox import message_spans, open_mbox, read_message, split_state

FROM = b"From a@example.org Sat Jan  1 10:00:00 2000\n"


def messages(path: Path, octets: bytes) -> list[bytes]:
    path.write_bytes(octets)
    return [message.read() for message in open_mbox(path, "INBOX").messages()]


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", []),
        (FROM + b"A: 1\n\none\n", [b"A: 1\r\n\r\none\r\n"]),
        (FROM + b"A: 1\n\none\n\n" + FROM + b"A: 2\n\ntwo\n\n", [b"A: 1\r\n\r\none\r\n", b"A: 2\r\n\r\ntwo\r\n"]),
        (FROM + b"A: 1\n\n" + FROM + b"A: 2\n\n", [b"A: 1\r\n", b"A: 2\r\n"]),
        ((FROM + b"A: 1\n\none\n\n" + FROM + b"A: 2\n").replace(b"\n", b"\r\n"), [b"A: 1\r\n\r\none\r\n", b"A: 2\r\n"]),
        (FROM + b"A: 1\n\none\n\nFrom now on it is text\n", [b"A: 1\r\n\r\none\r\n\r\nFrom now on it is text\r\n"]),
        (FROM + b"A: 1\n\none\n" + FROM, [b"A: 1\r\n\r\none\r\n" + FROM[:-1] + b"\r\n"]),
        (FROM + b"A: 1\n\n>From x\n>>From y\n> From z\n", [b"A: 1\r\n\r\nFrom x\r\n>From y\r\n> From z\r\n"]),
        (FROM + b"A: 1\n\nno line end", [b"A: 1\r\n\r\nno line end"]),
    ],
)
def test_messages(tmp_path: Path, octets: bytes, expected: list[bytes]) -> None:
    assert messages(tmp_path / "x.mbox", octets) == expected


@pytest.mark.parametrize(
    ("header", "kept", "flags"),
    [
        (b"A: 1\nStatus: RO\n", b"A: 1\n", (b"\\Seen",)),
        (b"Status: O\nA: 1\n", b"A: 1\n", ()),
        (b"X-Status: AFDT\nstatus: R\n", b"", (b"\\Answered", b"\\Flagged", b"\\Deleted", b"\\Draft", b"\\Seen")),
        (b"X-Keywords: $Junk work\n  later\nA: 1\n", b"A: 1\n", (b"$Junk", b"work", b"later")),
        (b"X-Keywords: b(d %x ok\n", b"", (b"ok",)),
        (b"X-Mozilla-Status: 1005\nX-Mozilla-Status2: 00000000\n", b"", (b"\\Seen", b"\\Flagged", b"$Forwarded")),
        (b"X-Mozilla-Status: junk\nX-Mozilla-Keys: $label1\n", b"", (b"$label1",)),
        (b"X-IMAPbase: 1 2\nX-UID: 7\n", b"", ()),
        (b"X-My-Status: R\n", b"X-My-Status: R\n", ()),
    ],
)
def test_state(header: bytes, kept: bytes, flags: tuple[bytes, ...]) -> None:
    assert split_state(header) == (kept, flags)


def test_date_and_flags_come_along() -> None:
    message = read_message(FROM + b"Status: RO\nA: 1\n\none\n", "Work", "x message 1")
    assert message is not None
    assert (message.mailbox, message.flags) == ("Work", (b"\\Seen",))
    assert message.internal_date == datetime(2000, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "field",
    [
        b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n",
        b"X-Mozilla-Status: 0009\n",
        b"X-Mozilla-Status: 000c\r\n",
    ],
)
def test_what_is_no_mail_any_more(field: bytes) -> None:
    assert read_message(FROM + field + b"\ntext\n", "INBOX", "x") is None


def test_fields_in_the_text_are_text() -> None:
    message = read_message(FROM + b"A: 1\n\nStatus: R\nX-Mozilla-Status: 0008\n", "INBOX", "x")
    assert message is not None
    assert message.read() == b"A: 1\r\n\r\nStatus: R\r\nX-Mozilla-Status: 0008\r\n"


LINES = st.lists(st.sampled_from([b"", b"x", b">From y", b"From y", b"From: z", b">>From w"]), max_size=8)


@given(bodies=st.lists(LINES, max_size=5))
def test_quoting_is_undone(tmp_path_factory: pytest.TempPathFactory, bodies: list[list[bytes]]) -> None:
    """Whatever the lines of messages are, quoted as mboxrd has it they come out as they were."""
    path = tmp_path_factory.mktemp("mbox") / "x"
    quoted = [[b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines] for lines in bodies]
    path.write_bytes(b"".join(FROM + b"A: 1\n\n" + b"".join(line + b"\n" for line in lines) + b"\n" for lines in quoted))
    assert len(message_spans(path)) == len(bodies)
    expected = [b"A: 1\r\n\r\n" + b"".join(line + b"\r\n" for line in lines) for lines in bodies]
    assert [message.read() for message in open_mbox(path, "INBOX").messages()] == expected
