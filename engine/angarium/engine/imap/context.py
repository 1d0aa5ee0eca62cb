"""A search that is kept up to date (RFC 5267 §4.3); what happens to it stands in ``context_updates.py``."""

from array import array
from bisect import bisect_left

from attrs import frozen

from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sorting import SortCriterion


@frozen
class Context:
    """A search with UPDATE: ``found`` are UIDs in the order of ``criteria``, or of the mailbox where these are None."""

    uid: bool
    key: SearchKey
    criteria: tuple[SortCriterion, ...] | None
    found: "array[int]"

    def has(self, uid: int) -> bool:
        """Whether the message is in the result."""
        if self.criteria is not None:
            return uid in self.found
        place = bisect_left(self.found, uid)
        return place < len(self.found) and self.found[place] == uid
