r"""Flags as the database keeps them: system flags are bits, keywords one text (RFC 9051 §2.3.2).

Keywords stand sorted by their folded form, each between spaces (``' one two '``), so that equal sets are equal texts and
``instr`` finds one. A mailbox has one spelling of each keyword, the first.
"""

from functools import lru_cache
from sqlite3 import Connection
from typing import Final

from angarium.engine.operations import LimitReached

SYSTEM_FLAGS: Final = (rb"\Answered", rb"\Flagged", rb"\Deleted", rb"\Seen", rb"\Draft")
DELETED: Final = 4
SEEN: Final = 8
_BITS: Final = {flag.lower(): 1 << place for place, flag in enumerate(SYSTEM_FLAGS)}


def system_bit(flag: bytes) -> int:
    """Give the bit of a system flag, 0 for anything else."""
    return _BITS.get(flag.lower(), 0)


def split_flags(flags: tuple[bytes, ...]) -> tuple[int, tuple[str, ...]]:
    r"""Split flags into the bits of the system flags and the keywords; \Recent and unknown system flags are dropped."""
    bits, keywords = 0, []
    for flag in flags:
        if bit := system_bit(flag):
            bits |= bit
        elif not flag.startswith(b"\\"):
            keywords.append(flag.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8"))
    return bits, tuple(keywords)


@lru_cache(4096)
def join_flags(bits: int, keywords: str) -> tuple[bytes, ...]:
    """Give the flags of a message as the engine wants them: system flags first."""
    system = tuple(flag for place, flag in enumerate(SYSTEM_FLAGS) if bits >> place & 1)
    return system + tuple(word.encode() for word in keywords.split())


def keyword_text(keywords: set[str]) -> str:
    """Write a set of keywords in the form kept in the database."""
    return f" {' '.join(sorted(keywords, key=str.lower))} " if keywords else ""


def keyword_set(text: str) -> set[str]:
    """Read the form kept in the database."""
    return set(text.split())


def spell_keywords(connection: Connection, mailbox: int, keywords: tuple[str, ...]) -> dict[str, str]:
    """Give each keyword, folded, the spelling it has or will have in the mailbox: the first one used."""
    spelled: dict[str, str] = {}
    for keyword in keywords:
        folded = keyword.lower()
        if folded not in spelled:
            row = connection.execute("SELECT name FROM keyword WHERE mailbox = ? AND folded = ?", (mailbox, folded)).fetchone()
            spelled[folded] = row[0] if row else keyword
    return spelled


def count_keywords(connection: Connection, mailbox: int, changes: dict[str, int], keywords_max: int) -> None:
    """Add to the number of messages that have each keyword. Raises LimitReached when the mailbox would know too many.

    One that no message has any more keeps its spelling until room is needed.
    """
    if not any(changes.values()):
        return
    for name, change in changes.items():
        connection.execute(
            "INSERT INTO keyword (mailbox, folded, name, messages) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
            (mailbox, name.lower(), name, change),
        )
    if any(change > 0 for change in changes.values()) and _keywords(connection, mailbox) > keywords_max:
        connection.execute("DELETE FROM keyword WHERE mailbox = ? AND messages = 0", (mailbox,))
        if _keywords(connection, mailbox) > keywords_max:
            raise LimitReached(f"A mailbox can have {keywords_max} different keywords")


def _keywords(connection: Connection, mailbox: int) -> int:
    total: int = connection.execute("SELECT count(*) FROM keyword WHERE mailbox = ?", (mailbox,)).fetchone()[0]
    return total
