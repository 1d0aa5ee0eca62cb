"""Angarium and Dovecot say the same of real mail, but for the kinds of differences that are written down."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from peers import corpus
from peers.dovecot_differences import DOCUMENT, deposit, found
from peers.fetching import Difference, Reader
from peers.kinds import KINDS
from peers.leaves import Leaf, leaves
from peers.servers import angarium, dovecot, dovecot_missing

EVERY = 12  # ``python -m peers.dovecot_differences`` compares all of them

pytestmark = [
    pytest.mark.peer,
    pytest.mark.mail,
    pytest.mark.skipif(corpus.MISSING is not None, reason=str(corpus.MISSING)),
    pytest.mark.skipif(dovecot_missing() is not None, reason=str(dovecot_missing())),
]


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[tuple[list[bytes], Reader, Reader]]:
    """Every so many messages of the corpus, in both servers."""
    messages = list(islice(corpus.messages(), 0, None, EVERY))
    with ExitStack() as stack:
        servers = stack.enter_context(angarium(tmp_path)), stack.enter_context(dovecot())
        for server in servers:
            deposit(server, messages)
        ours, theirs = (Reader(server, "corpus") for server in servers)
        yield messages, ours, theirs
        for reader in (ours, theirs):
            reader.connection.close()


def test_only_known_kinds_of_differences_occur(mail: tuple[list[bytes], Reader, Reader]) -> None:
    messages, ours, theirs = mail
    assert ours.count == theirs.count == len(messages)
    kinds, unknown = found(messages, ours, theirs)
    assert unknown == []
    assert kinds["case of names"]  # the servers did answer


def test_every_kind_is_documented() -> None:
    text = DOCUMENT.read_text()
    assert [kind.name for kind in KINDS if f"| {kind.name} |" not in text] == []


@pytest.mark.parametrize(
    "difference",
    [
        Difference(1, ("RFC822.SIZE",), 10, 11),
        Difference(1, ("BODY", (), None, (), None), b"abc", b"abd"),
        Difference(1, ("ENVELOPE",), "absent", b""),
        Difference(1, ("INTERNALDATE",), "2002-08-01T00:00:00+00:00", "2002-08-01T00:00:01+00:00"),
        Difference(1, ("UID",), 1, 2),
    ],
)
def test_a_fault_fits_no_kind(difference: Difference) -> None:
    message = b"Subject: x\r\n\r\nabc\r\n"
    assert all(not kind.fits(leaf, message) for leaf in leaves(difference) for kind in KINDS)
    assert all(isinstance(leaf, Leaf) for leaf in leaves(difference))
