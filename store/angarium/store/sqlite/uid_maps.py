"""The UID maps of mailboxes, shared by all sessions of the process.

Row counts that identify a map: ``uidnext`` and the mod-sequence of the last arrival or removal say exactly which UIDs are there.
From an older map the newer one is made by leaving out what was expunged and adding what has come.
"""

import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from itertools import chain
from sqlite3 import Connection
from typing import Final

from attrs import frozen

from angarium.engine.operations import MailboxId, UidMap

_UIDS_MAX: Final = 16_000_000
_PATCH_MAX: Final = 1_000


@frozen
class _Entry:
    uidnext: int
    uids_modseq: int
    removed_modseq: int
    uids: UidMap


class UidMaps:
    """The latest map of each mailbox, least recently used out first when they hold 16 million UIDs in all."""

    def __init__(self) -> None:
        self._entries: Final[OrderedDict[MailboxId, _Entry]] = OrderedDict()
        self._lock: Final = threading.Lock()
        self._total = 0

    def current(self, connection: Connection, mailbox: MailboxId, uidnext: int, uids_modseq: int, removed_modseq: int) -> UidMap:
        """Give the map of the mailbox whose row has these values, in the transaction that read them."""
        with self._lock:
            entry = self._entries.get(mailbox)
            if entry is not None:
                self._entries.move_to_end(mailbox)
        if entry is not None and entry.uidnext == uidnext and entry.uids_modseq == uids_modseq:
            return entry.uids
        uids = _newer(connection, mailbox.number, entry, uids_modseq, removed_modseq)
        if entry is None or uids_modseq > entry.uids_modseq:
            self._keep(mailbox, _Entry(uidnext, uids_modseq, removed_modseq, uids))
        return uids

    def _keep(self, mailbox: MailboxId, entry: _Entry) -> None:
        with self._lock:
            old = self._entries.pop(mailbox, None)
            self._entries[mailbox] = entry
            self._total += len(entry.uids) - (len(old.uids) if old else 0)
            while self._total > _UIDS_MAX and len(self._entries) > 1:
                self._total -= len(self._entries.popitem(last=False)[1].uids)


def _newer(connection: Connection, number: int, entry: _Entry | None, uids_modseq: int, removed_modseq: int) -> UidMap:
    if entry is None or entry.uids_modseq > uids_modseq:
        return UidMap(read_uids(connection, number, 1))
    uids = entry.uids.numbers
    if removed_modseq > entry.uids_modseq:
        gone = connection.execute(
            "SELECT uid FROM expunged WHERE mailbox = ? AND modseq > ? LIMIT ?", (number, entry.uids_modseq, _PATCH_MAX)
        ).fetchall()
        if len(gone) == _PATCH_MAX:
            return UidMap(read_uids(connection, number, 1))
        uids = _without(uids, [uid for (uid,) in gone])
    return UidMap(uids + read_uids(connection, number, entry.uidnext))


def _without(uids: "array[int]", gone: list[int]) -> "array[int]":
    left = array("I", uids)
    for uid in gone:
        at = bisect_left(left, uid)
        if at < len(left) and left[at] == uid:
            del left[at]
    return left


def read_uids(connection: Connection, number: int, first: int) -> "array[int]":
    """Read the UIDs of a mailbox from ``first`` on; all of them from an index, which is a sixth of the table."""
    if first == 1:
        rows = connection.execute(
            "SELECT key & 0xFFFFFFFF FROM message INDEXED BY message_modseq WHERE mailbox = ?", (number,)
        ).fetchall()
        return array("I", sorted(chain.from_iterable(rows)))
    rows = connection.execute(
        "SELECT key & 0xFFFFFFFF FROM message WHERE key >= ? AND key < ? ORDER BY key", (number << 32 | first, number + 1 << 32)
    ).fetchall()
    return array("I", chain.from_iterable(rows))
