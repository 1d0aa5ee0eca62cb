"""Searches that a server keeps up to date, as their client sees them (RFC 5267 §4.3)."""

from attrs import frozen

from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sorting import SortCriterion


@frozen
class Context:
    """What the client believes has been found, by the model's UIDs; ``criteria`` None: in the order of the mailbox.

    In ``key`` message numbers and ``$`` are what they meant when the command came.
    """

    uid: bool
    key: SearchKey
    criteria: tuple[SortCriterion, ...] | None
    results: tuple[int, ...]
