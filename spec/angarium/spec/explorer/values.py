r"""States of the small world as values: equal when no command can tell them apart, whatever numbers were given on the way.

UIDs, UIDVALIDITY and mod-sequences only ever grow, so a world that is written down with them never comes to the same state
twice. Only their order matters to the protocol (RFC 9051 §2.3.1.1, RFC 7162 §3.1). So:

- a message is its place among the messages of its mailbox (``Letter``, by ascending UID);
- what a session numbers is a list of places (``Entry``); messages that are gone and forgotten, but still in the numbering of
  some session, lie *before* a place;
- a mod-sequence is remembered as a question: has this message changed since the session looked (``Held.changed``)?

What a session holds (``Held``) is written relative to the store and to nothing else: sessions meet in the store only. That is
what lets ``product.py`` explore any number of sessions from the behaviour of one.
"""

from attrs import frozen

NO_BOX = -1
"""Nothing is selected."""
LOST_BOX = -2
"""The selected mailbox has been deleted under the session (RFC 2180 §3)."""

Flags = tuple[bytes, ...]


@frozen
class Letter:
    """A message: its flags; or, not ``alive``, one that was expunged and is remembered (RFC 7162 §3.2.3)."""

    flags: Flags = ()
    alive: bool = True


@frozen
class Box:
    r"""A mailbox; of ``unclaimed`` letters at the end no session knows yet that they are \Recent (RFC 3501 §2.3.2)."""

    name: str
    letters: tuple[Letter, ...] = ()
    unclaimed: int = 0


@frozen
class Store:
    """The mailboxes, INBOX first, and the names subscribed to (RFC 9051 §6.3.7)."""

    boxes: tuple[Box, ...]
    subscribed: tuple[str, ...] = ()

    @property
    def alive(self) -> int:
        """How many messages there are."""
        return sum(letter.alive for box in self.boxes for letter in box.letters)


@frozen
class Entry:
    r"""A message in a session's numbering (RFC 9051 §2.3.1.2).

    ``forgotten``: gone, and it lay before the letter at ``place``; else it is that letter. ``present``: it was there when the
    server looked last. ``known``: the flags that the client believes in.
    """

    place: int
    forgotten: bool = False
    present: bool = True
    known: Flags = ()
    recent: bool = False
    saved: bool = False


@frozen
class Held:
    """A session: what server and client know, in terms of the store (RFC 9051 §3).

    ``told``: so many letters lie below the last UID that was announced. ``changed``: letters with a mod-sequence above the one
    the server looked at last; ``stale``: anything has happened since. ``settled``: no removal is held back.
    """

    state: str
    enabled: tuple[bytes, ...] = ()
    idling: bool = False
    box: int = NO_BOX
    name: str = ""
    read_only: bool = False
    entries: tuple[Entry, ...] = ()
    told: int = 0
    changed: tuple[int, ...] = ()
    stale: bool = False
    settled: bool = True
    keywords: Flags = ()
    listed: Flags = ()


@frozen
class Moved:
    """What became of a mailbox: its new index, where each letter is now (``~n``: forgotten, before n), what has changed."""

    box: int
    letters: tuple[int, ...]
    changed: tuple[int, ...]
    touched: bool


Effect = tuple[Moved | None, ...]
"""What a command did to each mailbox, as the other sessions need to know it; None where it was deleted."""
