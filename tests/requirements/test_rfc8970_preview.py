"""RFC 8970: previews, on both stores."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.steps import Received
from angarium.grammar.imap.responses import FetchData, Preview
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

ENCRYPTED = (
    b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nx\r\n--b--\r\n"
)
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


def preview(connection: Dialogue, message: bytes, item: str = "PREVIEW") -> str:
    """The preview of a message; NIL would say that it takes long to make one, which it never does here."""
    connection.append(message)
    connection.command("e EXAMINE INBOX")
    connection.begin(Received(f"f FETCH * {item}\r\n".encode()))
    (fetched,) = [each for _, each in connection.responses() if isinstance(each, FetchData)]
    (datum,) = fetched.items
    assert isinstance(datum, Preview)
    assert datum.text is not None
    return datum.text.decode("utf-8")


def test_the_capability_is_announced(tim: Dialogue) -> None:
    assert b"PREVIEW" in tim.command("c CAPABILITY")[0].split()


@pytest.mark.parametrize("item", ["PREVIEW", "(PREVIEW)", "preview", "PREVIEW (LAZY)", "(Preview (Lazy))", "PREVIEW (LAZY LAZY)"])
def test_the_preview_is_there_at_once(tim: Dialogue, item: str) -> None:
    assert preview(tim, b"Subject: a\r\n\r\nPreview text!\r\n", item) == "Preview text!"


def test_the_preview_is_the_same_each_time(tim: Dialogue) -> None:
    message = PLAIN + b"\r\nSome text\r\n"
    assert preview(tim, message) == preview(tim, message) == preview(tim, message, "PREVIEW (LAZY)")


@pytest.mark.parametrize(
    "message", [ENCRYPTED, b"Content-Type: image/png\r\n\r\nx\r\n", b"\r\n", b"Subject: a\r\n\r\n \r\n\t\r\n"]
)
@pytest.mark.parametrize("item", ["PREVIEW", "PREVIEW (LAZY)"])
def test_nothing_to_show_is_an_empty_string(tim: Dialogue, message: bytes, item: str) -> None:
    assert preview(tim, message, item) == ""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (PLAIN + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n", "Grüße"),
        (PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n", "Grüße"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n", "Grüße"),
    ],
)
def test_it_is_utf_8_and_decoded(tim: Dialogue, message: bytes, expected: str) -> None:
    assert preview(tim, message) == expected


def test_markup_is_taken_away(tim: Dialogue) -> None:
    message = b"Content-Type: text/html\r\n\r\n<style>p {color: red}</style><p>Tea &amp; <b>toast</b></p>\r\n"
    assert preview(tim, message) == "Tea & toast"


@pytest.mark.parametrize("character", ["x", "ü", "\U0001f600", '"', "\\"])
def test_it_has_at_most_200_characters(tim: Dialogue, character: str) -> None:
    assert preview(tim, PLAIN + b"\r\n" + (character * 1000).encode()) == character * 200


@pytest.mark.parametrize("item", ["PREVIEW ()", "PREVIEW (SLOW)", "PREVIEW (LAZY SLOW)", "(PREVIEW (LAZY)"])
def test_what_is_no_modifier(tim: Dialogue, item: str) -> None:
    tim.command("e EXAMINE INBOX")
    assert tim.command(f"f FETCH 1:* {item}")[-1].startswith(b"f BAD")
