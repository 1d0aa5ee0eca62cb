"""Real mail: parts, types and text beside Python's email package."""

import email
import lzma
import tarfile
from pathlib import Path

import pytest

from angarium.engine.mail.searchtext import part_text
from angarium.engine.mail.structure import parse_message

pytestmark = pytest.mark.mail

CORPUS = Path(__file__).parents[5] / "shared" / "mail" / "spamassassin.tar.xz"


@pytest.fixture(scope="module")
def messages():
    if not CORPUS.exists():
        pytest.skip("no mail corpus beside the checkout")
    with lzma.open(CORPUS) as packed, tarfile.open(fileobj=packed) as archive:
        found = [archive.extractfile(member).read() for member in archive if member.isfile()]
    return [octets.partition(b"\n")[2] if octets.startswith(b"From ") else octets for octets in found]


def leaves(part):
    if part.message is not None:
        return leaves(part.message)
    return [leaf for child in part.children for leaf in leaves(child)] if part.children else [part]


def python_leaves(message):
    if message.is_multipart():
        return [leaf for child in message.get_payload() for leaf in python_leaves(child)]
    return [message]


def agrees(octets):
    ours, theirs = leaves(parse_message(octets)), python_leaves(email.message_from_bytes(octets))
    return len(ours) == len(theirs) and all(
        b"/".join((our.type, our.subtype)).decode("latin-1").lower() == their.get_content_type()
        and (our.type != b"TEXT" or text(octets, our) == python_text(their))
        for our, their in zip(ours, theirs, strict=True)
    )


def text(octets, part):
    return part_text(octets, part).replace("\r\n", "\n").split()


def python_text(part):
    octets = part.get_payload(decode=True) or b""
    charset = part.get_content_charset("us-ascii")
    try:
        return octets.decode(charset).replace("\r\n", "\n").split()
    except (LookupError, UnicodeDecodeError):
        return part_text_fallback(octets)


def part_text_fallback(octets):
    try:
        return octets.decode("utf-8").split()
    except UnicodeDecodeError:
        return octets.decode("latin-1").split()


# Python cuts a delivery-status into messages and knows narrower charsets; it sees no part where a boundary never occurs
def test_python_finds_the_same_parts_and_text(messages):
    differ = [octets for octets in messages if not agrees(octets)]
    assert len(differ) < len(messages) / 400
