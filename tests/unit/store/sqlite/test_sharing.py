"""Limits of sharing: entries of a list, and how much is copied between two users at a time."""

from contextlib import closing
from pathlib import Path

import pytest

from angarium.engine.operations import (
    AppendMessages,
    ChangeAcl,
    CopyMessages,
    LimitReached,
    NewMessage,
    OpenMailbox,
    ReadAcl,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite import access, sharing
from angarium.store.sqlite.store import SqliteStore

ANN, BOB = UserName("ann"), UserName("bob")
EVERY_UID = NumberSet(((1, 2**32 - 1),))


def test_a_list_has_so_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_ENTRIES_MAX", 2)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        for identifier in ("a", "b"):
            store.execute(ChangeAcl(ANN, "INBOX", identifier, StoreMode.REPLACE, "l"))
        with pytest.raises(LimitReached):
            store.execute(ChangeAcl(ANN, "INBOX", "c", StoreMode.REPLACE, "l"))
        store.execute(ChangeAcl(ANN, "INBOX", "b", StoreMode.ADD, "r"))
        assert store.execute(ReadAcl(ANN, "INBOX")) == (("a", "l"), ("b", "lr"))


@pytest.mark.parametrize("move", [False, True])
def test_so_much_is_copied_between_users_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: bool) -> None:
    monkeypatch.setattr(sharing, "_COPY_OCTETS_MAX", 150_000)
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        store.execute(AppendMessages(ANN, "INBOX", (NewMessage(b"x" * 100_000), NewMessage(b"y" * 100_000))))
        source = store.execute(OpenMailbox(ANN, "INBOX")).id
        with pytest.raises(LimitReached):
            store.execute(CopyMessages(source, EVERY_UID, BOB, "INBOX", move))
        assert len(store.execute(OpenMailbox(ANN, "INBOX")).uids) == 2
        assert len(store.execute(OpenMailbox(BOB, "INBOX")).uids) == 0
        assert list((tmp_path / "staging").iterdir()) == []
        assert store.execute(CopyMessages(source, NumberSet(((2, 2),)), BOB, "INBOX", move)).pairs == ((2, 1),)
