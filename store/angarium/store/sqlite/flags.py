"""STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""

from collections import Counter
from typing import Final

from attrs import define, field

from angarium.engine.acl import settable
from angarium.engine.operations import FlagsRow, FlagsSet, SetFlags
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.flag_bits import (
    DELETED,
    SEEN,
    SYSTEM_FLAGS,
    count_keywords,
    join_flags,
    keyword_set,
    keyword_text,
    spell_keywords,
    split_flags,
)
from angarium.store.sqlite.mail import Mail, next_modseq, require_mailbox

_SELECT: Final = "SELECT key & 0xFFFFFFFF, flags, keywords, modseq FROM message WHERE key BETWEEN ? AND ? ORDER BY key"
_UPDATE: Final = (
    "UPDATE message SET flags = ?, keywords = ?, modseq = ?"
    " WHERE key BETWEEN ? AND ? AND flags = ? AND keywords = ? AND modseq <= ?"
)
_ANY_MODSEQ: Final = 2**63 - 1


@define
class _Wish:
    """What the flags of a message should become; remembers the answer for each combination of flags.

    ``mask``: the bits that may change.
    """

    mode: StoreMode
    bits: int
    keywords: set[str]
    mask: int
    may_keywords: bool
    known: dict[tuple[int, str], tuple[int, str]] = field(factory=dict)

    def after(self, before: tuple[int, str]) -> tuple[int, str]:
        if before not in self.known:
            self.known[before] = self._change(*before)
        return self.known[before]

    def _change(self, bits: int, text: str) -> tuple[int, str]:
        if self.mode is StoreMode.REPLACE:
            spared = set() if self.may_keywords else keyword_set(text)
            return self.bits | bits & ~self.mask, keyword_text(self.keywords | spared)
        if self.mode is StoreMode.ADD:
            return bits | self.bits, keyword_text(keyword_set(text) | self.keywords)
        return bits & ~self.bits, keyword_text(keyword_set(text) - self.keywords)


def set_flags(mail: Mail, operation: SetFlags) -> FlagsSet:
    """Carry out ``SetFlags``: one new mod-sequence for all messages that change, none when none does."""
    number = operation.mailbox.number
    require_mailbox(mail.connection, number)
    bits, words = split_flags(settable(operation.flags, operation.may))
    mask, _ = split_flags(settable(SYSTEM_FLAGS, operation.may))
    keywords = set(spell_keywords(mail.connection, number, words).values())
    wish = _Wish(operation.mode, bits, keywords, mask, "w" in operation.may)
    unchanged_since = _ANY_MODSEQ if operation.unchanged_since is None else operation.unchanged_since
    known_modseq = _ANY_MODSEQ if operation.known_modseq is None else operation.known_modseq
    rows: list[FlagsRow] = []
    modified: list[int] = []
    unknown: list[int] = []
    changes: Counter[tuple[tuple[int, str], tuple[int, str]]] = Counter()
    modseq = 0
    for low, high in operation.uids.ranges:
        low, high = number << 32 | low, number << 32 | high
        here: Counter[tuple[int, str]] = Counter()
        for uid, old_bits, old_text, old_modseq in mail.connection.execute(_SELECT, (low, high)).fetchall():
            if old_modseq > unchanged_since:
                modified.append(uid)
                continue
            if old_modseq > known_modseq:
                unknown.append(uid)
            before = (old_bits, old_text)
            after = wish.after(before)
            if after == before:
                rows.append(FlagsRow(uid, join_flags(old_bits, old_text), old_modseq))
                continue
            modseq = modseq or next_modseq(mail, number)
            here[before] += 1
            rows.append(FlagsRow(uid, join_flags(*after), modseq))
        _update(mail, wish, here, modseq, low, high, unchanged_since)
        changes.update({(before, wish.after(before)): count for before, count in here.items()})
    _count(mail, number, changes)
    return FlagsSet(tuple(rows), NumberSet.from_numbers(modified), NumberSet.from_numbers(unknown))


def _update(
    mail: Mail, wish: _Wish, here: Counter[tuple[int, str]], modseq: int, low: int, high: int, unchanged_since: int
) -> None:
    """Write one range, one statement for each combination of flags.

    What an earlier statement has written has mod-sequence ``modseq`` and must not be taken for the next combination.
    """
    newest = min(unchanged_since, modseq - 1)
    for before in here:
        mail.connection.execute(_UPDATE, (*wish.after(before), modseq, low, high, *before, newest))


def _count(mail: Mail, number: int, changes: Counter[tuple[tuple[int, str], tuple[int, str]]]) -> None:
    """Keep the mailbox's counts in step."""
    unseen = deleted = 0
    words: Counter[str] = Counter()
    for (before, after), count in changes.items():
        unseen += count * ((not after[0] & SEEN) - (not before[0] & SEEN))
        deleted += count * (bool(after[0] & DELETED) - bool(before[0] & DELETED))
        for word in keyword_set(after[1]):
            words[word] += count
        for word in keyword_set(before[1]):
            words[word] -= count
    if unseen or deleted:
        mail.connection.execute(
            "UPDATE mailbox SET unseen = unseen + ?, deleted = deleted + ? WHERE number = ?", (unseen, deleted, number)
        )
    count_keywords(mail.connection, number, words, mail.parts.limits.keywords_max)
