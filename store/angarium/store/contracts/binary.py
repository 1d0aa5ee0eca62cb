# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of messages with NUL octets (RFC 3516 §4.4)."""

import pytest

from angarium.engine.operations import (
    AppendMessages,
    Column,
    DiscardStaged,
    NewMessage,
    ReadContent,
    StageOctets,
    UnknownEncoding,
)
from angarium.grammar.imap.commands import StagedLiteral
from angarium.store.contracts.harness import ALICE, Harness, mail
from angarium.store.store import Store

HEADER = b"MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: "


class BinaryContract(Harness):
    """AppendMessages with ``NewMessage.binary``."""

    def test_nul_is_kept_as_base64(self, store: Store) -> None:
        new = NewMessage(HEADER + b"binary\r\n\r\n\0\1\2", binary=True, prefix=b"X: y\r\n")
        appended = self.append(store, new, NewMessage(mail(), binary=True))
        expected = b"X: y\r\n" + HEADER + b"base64\r\n\r\nAAEC\r\n"
        columns = Column.SIZE | Column.CONTENT | Column.BODY
        encoded, plain = self.rows(store, appended.mailbox, columns)
        assert (encoded.content, encoded.size) == (expected, len(expected))
        assert encoded.body == b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 6)'
        assert plain.content == mail()

    def test_nul_in_a_large_staged_message(self, store: Store) -> None:
        octets = HEADER + b"binary\r\n\r\n" + bytes(range(256)) * 1_000
        token = self.ask(store, StageOctets(octets[:100_000]))
        self.ask(store, StageOctets(octets[100_000:], token))
        appended = self.append(store, NewMessage(StagedLiteral(token, len(octets)), binary=True))
        (row,) = self.rows(store, appended.mailbox, Column.SIZE)
        content = self.ask(store, ReadContent(appended.mailbox, 1, 0, 1_000_000))
        assert row.size == len(content) > len(octets)
        assert content.startswith(HEADER + b"base64\r\n\r\nAAECAwQF")
        assert b"\0" not in content

    def test_nul_that_cannot_be_encoded_is_refused_and_nothing_is_stored(self, store: Store) -> None:
        token = self.ask(store, StageOctets(b"staged"))
        messages = (
            NewMessage(StagedLiteral(token, 6), binary=True),
            NewMessage(b"Subject: \0\r\n\r\nno\r\n", binary=True),
        )
        with pytest.raises(UnknownEncoding):
            self.ask(store, AppendMessages(ALICE, "INBOX", messages))
        assert list(self.open(store).uids) == []
        self.append(store, messages[0])
        self.ask(store, DiscardStaged(token))
