"""Clauses of RFC 9051 §7.5.2 and §9 on BODY and BODYSTRUCTURE, whose values the grammar of responses reads."""

import pytest

from angarium.engine.steps import Received
from angarium.grammar.imap.responses import BodyExtensions, BodyItem, BodyStructure, FetchData, MultiPart, SinglePart
from conformance.dialogue import Dialogue

FIELDS = (
    b"Content-Disposition: attachment; filename=x\r\nContent-Language: en, de\r\n"
    b"Content-Location: http://example.org/x\r\nContent-MD5: Q2hlY2s=\r\n"
)
DISPOSITION = (b"ATTACHMENT", ((b"FILENAME", b"x"),))
REST = (DISPOSITION, (b"en", b"de"), b"http://example.org/x")
SINGLE = b"Content-Type: image/png; name=x\r\n" + FIELDS + b"\r\nxx"
MULTI = b"Content-Type: multipart/mixed; boundary=b\r\n" + FIELDS + b"\r\n--b\r\n\r\nx\r\n--b--"


def structure(connection: Dialogue, message: bytes, item: str) -> BodyStructure:
    """BODY or BODYSTRUCTURE of the only message there is."""
    connection.append(message)
    connection.command("a SELECT INBOX")
    connection.begin(Received(f"b FETCH 1 {item}\r\n".encode()))
    (_, data), _ = connection.responses()
    assert isinstance(data, FetchData)
    (found,) = data.items
    assert isinstance(found, BodyItem)
    assert found.extensible == (item == "BODYSTRUCTURE")
    assert isinstance(found.structure, SinglePart | MultiPart)
    return found.structure


@pytest.mark.parametrize(
    ("message", "extensions"),
    [
        (SINGLE, BodyExtensions(b"Q2hlY2s=", None, *REST)),
        (MULTI, BodyExtensions(None, ((b"BOUNDARY", b"b"),), *REST)),
        (b"\r\nx", BodyExtensions()),
    ],
)
def test_order_of_extension_data(tim: Dialogue, message: bytes, extensions: BodyExtensions) -> None:
    found = structure(tim, message, "BODYSTRUCTURE")
    assert found.extensions == extensions


@pytest.mark.parametrize("message", [SINGLE, MULTI, b"\r\nx"])
def test_body_has_no_extension_data(tim: Dialogue, message: bytes) -> None:
    found = structure(tim, message, "BODY")
    assert found.extensions is None
    if isinstance(found, MultiPart):
        assert [part.extensions for part in found.parts] == [None]


@pytest.mark.parametrize("media", [b"message/rfc822", b"Message/RFC822; x=y", b"message/global"])
@pytest.mark.parametrize("item", ["BODY", "BODYSTRUCTURE"])
def test_an_enclosed_message_is_no_basic_part(tim: Dialogue, media: bytes, item: str) -> None:
    found = structure(tim, b"Content-Type: " + media + b"\r\n\r\nSubject: in\r\n\r\nx\r\n", item)
    assert isinstance(found, SinglePart)
    assert found.envelope is not None
    assert found.envelope.subject == b"in"
    assert isinstance(found.body, SinglePart)
    assert found.lines == 3


@pytest.mark.parametrize(
    ("fields", "parameters", "disposition"),
    [
        (
            b"Content-Type: a/b; x*1=b; y=1; x*0=a\r\nContent-Disposition: inline; filename*0=one; filename*1=two\r\n",
            ((b"Y", b"1"), (b"X", b"ab")),
            (b"INLINE", ((b"FILENAME", b"onetwo"),)),
        ),
        (
            b"Content-Type: a/b; x*0*=utf-8''%41; x*1=b\r\nContent-Disposition: inline; filename*=utf-8''%c3%a9\r\n",
            ((b"X*", b"utf-8''%41b"),),
            (b"INLINE", ((b"FILENAME*", b"utf-8''%c3%a9"),)),
        ),
        (
            b"Content-Type: a/b; x*0*=iso-8859-1'de'%fc; x*1=b\r\nContent-Disposition: inline; filename*=koi8-r''%C1\r\n",
            ((b"X*", b"utf-8'de'%C3%BCb"),),
            (b"INLINE", ((b"FILENAME*", b"utf-8''%D0%B0"),)),
        ),
    ],
)
def test_continued_parameters_are_joined(tim: Dialogue, fields: bytes, parameters: object, disposition: object) -> None:
    found = structure(tim, fields + b"\r\nxx", "BODYSTRUCTURE")
    assert isinstance(found, SinglePart)
    assert found.extensions is not None
    assert (found.parameters, found.extensions.disposition) == (parameters, disposition)
