"""Body parts and their offsets (RFC 2046 §5.1, RFC 9051 §6.4.5.1)."""

import mmap

import pytest

from angarium.engine.mail.limits import depth_max, parts_max
from angarium.engine.mail.structure import Part, parse_message

MIXED = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"preamble\r\n"
    b"--b\r\n"
    b"\r\n"
    b"one\r\n"
    b"--b\t \r\n"
    b"Content-Type: IMAGE/Gif; name=x\r\nContent-Transfer-Encoding: Base64\r\n\r\n"
    b"R0lG\r\n\r\n"
    b"--b--\r\n"
    b"epilogue\r\n--b\r\n"
)


def bodies(octets, part):
    return [octets[child.body : child.end] for child in part.children]


def multipart(*lines, subtype=b"mixed", boundary=b"b"):
    return b"Content-Type: multipart/" + subtype + b"; boundary=" + boundary + b"\r\n\r\n" + b"\r\n".join(lines)


def test_a_message_without_mime_fields():
    octets = b"Subject: x\r\n\r\nHello\r\nworld\r\n"
    assert parse_message(octets) == Part(0, 14, 28, b"TEXT", b"PLAIN", b"7BIT", ((b"CHARSET", b"US-ASCII"),), lines=2)


def test_parts_end_before_the_line_break_of_the_delimiter():
    message = parse_message(MIXED)
    assert bodies(MIXED, message) == [b"one", b"R0lG\r\n"]
    first, second = message.children
    assert MIXED[first.start : first.body] == b"\r\n"
    assert MIXED[second.start : second.body].startswith(b"Content-Type: IMAGE")
    assert (second.type, second.subtype, second.params, second.encoding) == (b"IMAGE", b"GIF", ((b"NAME", b"x"),), b"BASE64")
    assert second.octets == 6


def test_lines_may_end_in_lf():
    octets = MIXED.replace(b"\r\n", b"\n")
    assert bodies(octets, parse_message(octets)) == [b"one", b"R0lG\n"]


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        # the delimiter line follows at once: nothing is between
        (multipart(b"--b", b"--b--"), [b""]),
        (multipart(b"--b", b"", b"--b--"), [b""]),
        # no close-delimiter
        (multipart(b"--b", b"", b"one", b"--b", b"", b"two"), [b"one", b"two"]),
        (multipart(b"--b", b"", b"one", b"--b"), [b"one", b""]),
        (multipart(b"--b", b"", b"one", b"--b--"), [b"one"]),
        # not at the beginning of a line, or the beginning of another boundary
        (
            multipart(b"--b", b"", b"x--b", b" --b", b"--bb", b"--b--x", b"--b-", b"--b--"),
            [b"x--b\r\n --b\r\n--bb\r\n--b--x\r\n--b-"],
        ),
        # without delimiter or boundary the body is the only part
        (multipart(b"text"), [b"text"]),
        (multipart(b"text", boundary=b'""'), [b"text"]),
        (b"Content-Type: multipart/mixed\r\n\r\ntext", [b"text"]),
        (multipart(), [b""]),
    ],
)
def test_delimiters(octets, expected):
    assert bodies(octets, parse_message(octets)) == expected


def test_an_outer_delimiter_ends_an_inner_multipart():
    octets = multipart(
        b"--b", b"Content-Type: multipart/alternative; boundary=c", b"", b"--c", b"", b"in", b"--b", b"", b"out", b"--b--"
    )
    message = parse_message(octets)
    assert bodies(octets, message.children[0]) == [b"in"]
    assert octets[message.children[1].body : message.children[1].end] == b"out"


def test_parts_of_a_digest_are_messages():
    octets = multipart(
        b"--b", b"", b"Subject: in", b"", b"text", b"--b", b"Content-Type: text/plain", b"", b"t", b"--b--", subtype=b"digest"
    )
    first, second = parse_message(octets).children
    assert (first.type, first.subtype, second.type) == (b"MESSAGE", b"RFC822", b"TEXT")
    assert first.message is not None
    assert first.message.fields[b"subject"] == b"in"


def test_an_enclosed_message():
    octets = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
    message = parse_message(octets)
    inner = message.message
    assert inner is not None
    assert (inner.start, inner.end, inner.subtype) == (message.body, message.end, b"HTML")
    assert message.lines == 4
    assert parse_message(octets.replace(b"rfc822", b"Global")).message == inner


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"Content-Type: text", (b"TEXT", b"PLAIN")),
        (b"Content-Type:", (b"TEXT", b"PLAIN")),
        (b"Content-Type: ;charset=x", (b"TEXT", b"PLAIN")),
        (b"Content-Type: (a) TEXT (b) / (c) html", (b"TEXT", b"HTML")),
        (b"Content-Type: message/delivery-status", (b"MESSAGE", b"DELIVERY-STATUS")),
    ],
)
def test_media_types(field, expected):
    message = parse_message(field + b"\r\n\r\nx")
    assert (message.type, message.subtype) == expected
    assert message.message is None


def test_derived_properties():
    part = parse_message(
        b"Content-ID: <i@d>\r\nContent-Description: what\r\n it is\r\nContent-MD5: Q2hlY2s=\r\nContent-Language: en, de\r\n"
        b"Content-Location: http://x/\r\n y\r\nContent-Disposition: inline; filename=f\r\n"
        b"Content-Type: text/plain; charset=x\r\n\r\n"
    )
    assert (part.id, part.description, part.md5) == (b"<i@d>", b"what it is", b"Q2hlY2s=")
    assert (part.language, part.location) == ((b"en", b"de"), b"http://x/y")
    assert part.disposition == (b"INLINE", ((b"FILENAME", b"f"),))
    assert (part.param(b"CHARSET"), part.param(b"NAME")) == (b"x", None)


def test_properties_of_absent_fields():
    part = parse_message(b"\r\n")
    assert (part.id, part.description, part.md5, part.disposition, part.language, part.location) == (
        None,
        None,
        None,
        None,
        (),
        None,
    )
    assert parse_message(b"Content-Disposition: ;\r\n\r\n").disposition is None


def test_nesting_has_a_limit():
    octets = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(depth_max + 50))
    part, depth = parse_message(octets), 0
    while part.children:
        part, depth = part.children[0], depth + 1
    assert (depth, part.type, part.subtype) == (depth_max, b"APPLICATION", b"OCTET-STREAM")
    octets = b"Content-Type: message/rfc822\r\n\r\n" * (depth_max + 50)
    part, depth = parse_message(octets), 0
    while part.message is not None:
        part, depth = part.message, depth + 1
    assert (depth, part.type) == (depth_max, b"APPLICATION")


def test_the_number_of_parts_has_a_limit():
    octets = multipart(*[b"--b", b"", b"x"] * (parts_max + 10))
    children = parse_message(octets).children
    assert len(children) == parts_max - 1
    assert children[-1].end == len(octets)


def test_a_mapped_file(tmp_path):
    path = tmp_path / "message"
    path.write_bytes(MIXED + b"x\n" * 1_000_000)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        message = parse_message(mapped)
        assert bodies(mapped, message) == [b"one", b"R0lG\r\n"]
    with path.open("r+b") as file:
        file.write(b"A: b\r\n\r\n" + b"x\n" * 1_000_000)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert parse_message(mapped).lines == path.read_bytes().count(b"\n") - 2
