"""Previews (RFC 8970 §3)."""

import pytest

from angarium.engine.mail.limits import preview_chars_max, preview_octets_max
from angarium.engine.mail.preview import preview
from angarium.engine.mail.structure import parse_message


def previewed(octets):
    return preview(octets, parse_message(octets))


def typed(media, body):
    return b"Content-Type: " + media + b"\r\n\r\n" + body


def mixed(*parts):
    return typed(b"multipart/mixed; boundary=b", b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--")


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", ""),
        (b"\r\nHello\r\n\r\n\tworld  \x00\x07 again\r\n", "Hello world again"),
        (typed(b"text/plain; charset=iso-8859-1", b"caf\xe9"), "café"),
        (b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=", "hello"),
        (b"Content-Transfer-Encoding: x-unknown\r\n\r\naGVsbG8=", ""),
        (typed(b"text/html", b"<head><title>t</title></head><body>A &amp; <b>B</b><!-- c - --> 1 < 2</body>"), "A & B 1 < 2"),
        (typed(b"text/html", b"<STYLE>p { x }</STYLE>x<script>if (a<b)"), "x"),
        (typed(b"text/html", b"x<!-- never closed"), "x"),
        (typed(b"text/html", b"x<b never closed"), "x"),
        (typed(b"text/calendar", b"BEGIN"), ""),
        (typed(b"image/png", b"x"), ""),
        (typed(b"message/rfc822", b"\r\nx"), ""),
        (mixed(b"Content-Type: text/html\r\n\r\n<p>h", b"\r\nplain"), "plain"),
        (mixed(b"Content-Disposition: attachment\r\n\r\na", b"\r\nplain"), "plain"),
        (mixed(b"Content-Disposition: inline\r\n\r\ninline", b"\r\nplain"), "inline"),
    ],
)  # fmt: skip
def test_preview(octets, expected):
    assert previewed(octets) == expected


def test_a_preview_is_short():
    assert previewed(b"\r\n" + b"x" * 10_000) == "x" * preview_chars_max
    assert previewed(b"\r\n" + b"xy " * 10_000) == ("xy " * 67)[:preview_chars_max].strip()


def test_only_the_beginning_is_looked_at():
    assert previewed(b"\r\n" + b" " * preview_octets_max + b"too far behind") == ""
