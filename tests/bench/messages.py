"""Mail made from a seed, so that every server is measured on the same octets.

Half plain text, a third multipart/alternative, the rest with an attachment; 7bit, quoted-printable and base64; about
7.6 KB on average, half of the messages are replies with References. Every 97th holds ``RARE_WORD`` in its body.
"""

import base64
import quopri
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

RARE_WORD, RARE_EVERY = "periwinkle", 97
SUBJECT_WORD, SUBJECT_EVERY = "invoice", 11
ABSENT_WORD = "zyzzyvaqx"
START = datetime(2023, 11, 14, tzinfo=UTC)

# fmt: off
WORDS = [
    "about", "account", "agenda", "archive", "autumn", "balance", "battery", "border", "branch", "bridge", "budget",
    "buffer", "canvas", "carbon", "castle", "change", "circle", "coffee", "column", "copper", "corner", "cotton",
    "custom", "damage", "dealer", "degree", "demand", "design", "detail", "dinner", "driver", "during", "effect",
    "effort", "engine", "estate", "family", "fabric", "figure", "filter", "finger", "flight", "flower", "folder",
    "forest", "friend", "future", "garden", "gather", "ground", "growth", "guitar", "harbor", "height", "history",
    "holiday", "hotel", "island", "jacket", "journey", "kernel", "kitchen", "ladder", "leader", "letter", "library",
    "lumber", "margin", "market", "master", "meadow", "meeting", "member", "memory", "mirror", "moment", "mother",
    "motion", "nation", "nature", "needle", "network", "notice", "number", "object", "office", "orange", "origin",
    "packet", "palace", "parcel", "parent", "people", "pepper", "period", "picture", "planet", "player", "pocket",
    "policy", "pottery", "project", "quarter", "rabbit", "record", "region", "release", "report", "review", "river",
    "saddle", "sample", "schedule", "season", "second", "server", "signal", "silver", "simple", "socket", "spring",
    "stamp", "station", "stream", "summer", "supply", "switch", "system", "table", "target", "temple", "thread",
    "ticket", "timber", "travel", "valley", "vessel", "village", "visit", "volume", "wagon", "weather", "window",
    "winter", "wonder", "writer", "yellow",
]
NAMES = [
    "Abara", "Brandt", "Costa", "Dube", "Eriksen", "Fontaine", "Gruber", "Haddad", "Ivanov", "Jensen", "Kowalski",
    "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov",
]
# fmt: on
ACCENTED = ["café", "naïve", "Müller", "Łódź", "señor", "größe", "Ångström"]


def messages(count: int, seed: int = 1) -> Iterator[bytes]:
    """The messages, CRLF line ends."""
    rng = Random(seed)
    paragraphs = [" ".join(rng.choices(WORDS, k=rng.randint(30, 90))).capitalize() + "." for _ in range(400)]
    blobs = [base64.encodebytes(rng.randbytes(rng.randint(3_000, 32_000))).replace(b"\n", b"\r\n") for _ in range(48)]
    ids: list[str] = []
    for number in range(count):
        parent = rng.randrange(max(0, number - 200), number) if number and rng.random() < 0.5 else None
        ids.append(f"<{number}.{rng.getrandbits(48):012x}@mail.example.org>")
        body = "\r\n\r\n".join(rng.sample(paragraphs, rng.randint(2, 7)))
        if number % RARE_EVERY == 0:
            body += f"\r\n\r\nPlease water the {RARE_WORD} twice."
        if number % 5 == 0:
            body += "\r\n" + " ".join(rng.choices(ACCENTED, k=4))
        yield _header(rng, number, ids, parent) + _content(rng, number, body, blobs)


def small_messages(count: int, seed: int = 1) -> Iterator[bytes]:
    """Short plain messages, for mailboxes where the number matters and the size does not."""
    rng = Random(seed)
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=40))
        yield _header(rng, number, [f"<{number}@mail.example.org>"] * (number + 1), None) + b"\r\n" + text.encode() + b"\r\n"


def _header(rng: Random, number: int, ids: list[str], parent: int | None) -> bytes:
    date = START + timedelta(minutes=11 * number)
    name = f"{rng.choice(NAMES)} {NAMES[number % len(NAMES)]}"
    subject = " ".join(rng.choices(WORDS, k=rng.randint(2, 7)))
    if number % SUBJECT_EVERY == 0:
        subject += f" {SUBJECT_WORD}"
    if number % 17 == 0:
        subject = f"=?utf-8?b?{base64.b64encode(rng.choice(ACCENTED).encode()).decode()}?= {subject}"
    lines = [
        f"Return-Path: <bounce-{number}@lists.example.net>",
        f"Received: from mx.example.net (mx.example.net [192.0.2.{number % 250}])\r\n\tby mail.example.org with ESMTPS"
        f" id {rng.getrandbits(40):010X}\r\n\tfor <u1@example.org>; {format_datetime(date + timedelta(seconds=3))}",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1;\r\n\th=from:to:subject:date;"
        f" bh={base64.b64encode(rng.randbytes(32)).decode()};\r\n\tb={base64.b64encode(rng.randbytes(48)).decode()}",
        f'From: "{name}" <{name.lower().replace(" ", ".")}@example.net>',
        f"To: Recipient {number % 7} <u{number % 7 + 1}@example.org>",
        f"Subject: {subject if parent is None else 'Re: ' + subject}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: {ids[number]}",
        "MIME-Version: 1.0",
    ]
    if parent is not None:
        lines += [f"In-Reply-To: {ids[parent]}", f"References: {ids[parent]}"]
    if number % 6 == 0:
        lines.append('Cc: team@example.org, "Doe, Jane" <jane@example.com>')
    return "\r\n".join(lines).encode() + b"\r\n"


def _content(rng: Random, number: int, body: str, blobs: list[bytes]) -> bytes:
    """The MIME header fields that end the header, the empty line and the body."""
    kind = rng.random()
    text = _text(body, number, "plain")
    if kind < 0.5:
        return text
    page = _text(
        "<html><body>\r\n" + "".join(f"<p>{part}</p>\r\n" for part in body.split("\r\n\r\n")) + "</body></html>", number, "html"
    )
    alternative = _multipart("alternative", number, [text, page])
    if kind < 0.83:
        return alternative
    attachment = (
        f'Content-Type: application/octet-stream; name="file-{number}.bin"\r\n'
        f'Content-Disposition: attachment; filename="file-{number}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    ).encode() + rng.choice(blobs)
    return _multipart("mixed", number, [text if number % 2 else alternative, attachment])


def _text(body: str, number: int, subtype: str) -> bytes:
    octets = body.encode()
    if number % 10 == 5:
        encoding, octets = "base64", base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif number % 4 == 0 or not octets.isascii():
        encoding, octets = "quoted-printable", quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    else:
        encoding = "7bit"
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return header.encode() + octets + (b"" if octets.endswith(b"\r\n") else b"\r\n")


def _multipart(subtype: str, number: int, parts: list[bytes]) -> bytes:
    boundary = f"=_{number}_{subtype}".encode()
    joined = b"".join(b"--" + boundary + b"\r\n" + part for part in parts)
    return (
        b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
        + joined
        + b"--"
        + boundary
        + b"--\r\n"
    )
