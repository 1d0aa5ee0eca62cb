"""FETCH of every kind of item over real mail: whatever the message, what is sent is a response (``Dialogue`` parses it)."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

CORPUS = Path(__file__).parents[2].parent / "shared" / "mail" / "spamassassin.tar.xz"
EVERY = 150
ITEMS = (
    "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1] "
    "BODY.PEEK[1.MIME] BODY.PEEK[2] BODY.PEEK[1.1] BODY.PEEK[]<10.20> BODY.PEEK[HEADER.FIELDS (Subject From)] "
    "BODY.PEEK[HEADER.FIELDS.NOT (Subject)] BINARY.PEEK[1] BINARY.SIZE[1]"
)


def messages() -> Iterator[bytes]:
    with tarfile.open(CORPUS) as archive:
        for number, member in enumerate(member for member in archive if member.isfile()):
            if number % EVERY == 0:
                content = archive.extractfile(member)
                assert content is not None
                octets = content.read()
                if octets.startswith(b"From "):
                    octets = octets.partition(b"\n")[2]
                yield octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\0", b"")


@pytest.mark.mail
@pytest.mark.skipif(not CORPUS.exists(), reason="the real-mail corpus is not beside the checkout")
def test_every_item_of_real_mail() -> None:
    connection = Dialogue(ModelStore({"tim": "secret"}).execute)
    connection.command("a LOGIN tim secret")
    sent = list(messages())
    for message in sent:
        connection.append(message)
    connection.command("b EXAMINE INBOX")
    for number, message in enumerate(sent, 1):
        row, done = connection.command(f"c FETCH {number} ({ITEMS})")
        assert done.startswith((b"c OK", b"c NO [UNKNOWN-CTE]")), done
        assert b"BODY[] {%d}\r\n%b BODY[HEADER]" % (len(message), message) in row
