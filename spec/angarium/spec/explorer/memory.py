"""What a server remembers of a connection that is at rest, as plain values, and how the explorer talks to a server.

A server is a function here: what it remembered before, and the octets that came, give what it says and what it remembers
then. Nothing else may matter (RFC 9051 §3), and because nothing does, a connection can be put into any state and left again
without a history. ``tests/explorer`` makes Angarium's engine such a function.
"""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from angarium.engine.operations import MailboxId, Operation

Execute = Callable[[Operation], Any]
"""Carries out an operation, or raises a ``StoreError``."""


@frozen
class Selection:
    r"""What is remembered of the selected mailbox (RFC 9051 §3.3).

    ``view`` are the UIDs that message numbers stand for, ``present`` those of them that were there when the store was looked at
    last, at ``mod_sequence`` and ``stamp``; up to ``settled`` all has been told. ``recent`` and ``saved`` are UIDs, too.
    """

    mailbox: MailboxId
    name: str
    read_only: bool
    view: tuple[int, ...]
    present: tuple[int, ...]
    mod_sequence: int
    settled: int
    stamp: int
    keywords: tuple[bytes, ...]
    recent: tuple[int, ...]
    saved: tuple[int, ...]


@frozen
class Memory:
    """What is remembered of a connection (RFC 9051 §3); ``enabled`` by capability name, upper case."""

    state: str
    user: str = ""
    enabled: frozenset[bytes] = frozenset()
    idling: bool = False
    selection: Selection | None = None


@frozen
class Answered:
    """What the server said, and what it remembers then; None once it has hung up."""

    octets: bytes
    memory: Memory | None


Server = Callable[[Memory, Execute, bytes], Answered]
"""Octets go in, an answer comes out; no octets wake a session that idles (RFC 9051 §6.3.13)."""
