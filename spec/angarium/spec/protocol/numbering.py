"""Which UID and mod-sequence of the server stands for which of the model (RFC 9051 §2.3.1.1, RFC 7162 §3.1).

A server chooses both; only their order is given. Of each mailbox we keep the pairs that responses have revealed, and demand
that the order is the same on both sides. ``exact`` is for our own stores, which count as the model does.
"""

from bisect import bisect_left
from math import inf

from attrs import define, evolve, field

Pair = tuple[float, float]


@define
class Order:
    """Pairs of a model's number and the server's, ascending on both sides."""

    pairs: list[Pair] = field(factory=list)

    def fits(self, model: float, told: float) -> bool:
        """Take note of a pair if the order allows it; say whether it does."""
        at = bisect_left(self.pairs, (model, -inf))
        lower = self.pairs[at - 1][1] if at else -inf
        if at < len(self.pairs) and self.pairs[at][0] == model:
            return self.pairs[at][1] == told
        upper = self.pairs[at][1] if at < len(self.pairs) else inf
        if not lower < told < upper:
            return False
        self.pairs.insert(at, (model, told))
        return True

    def rises(self, model: float, told: float) -> bool:
        """The same, where what was told before may since have grown."""
        at = bisect_left(self.pairs, (model, -inf))
        if at < len(self.pairs) and self.pairs[at][0] == model and self.pairs[at][1] < told:
            del self.pairs[at]
        return self.fits(model, told)

    def bounds(self, model: float) -> tuple[float, float]:
        """Between which numbers the server's is, both possible when they are equal."""
        at = bisect_left(self.pairs, (model, -inf))
        if at < len(self.pairs) and self.pairs[at][0] == model:
            return self.pairs[at][1], self.pairs[at][1]
        return (self.pairs[at - 1][1] if at else 0, self.pairs[at][1] if at < len(self.pairs) else inf)


@define
class Numbering:
    """The numbers of one mailbox."""

    exact: bool = True
    uids: Order = field(factory=Order)
    steps: Order = field(factory=Order)
    modseqs: dict[tuple[int, int], int] = field(factory=dict)

    def copy(self) -> "Numbering":
        """The same again, to be changed by itself."""
        return evolve(self, uids=Order(list(self.uids.pairs)), steps=Order(list(self.steps.pairs)), modseqs=dict(self.modseqs))

    def is_uid(self, uid: int, told: int) -> bool:
        """Say whether the server's UID may mean this message, as it does from now on (RFC 9051 §2.3.1.1)."""
        return uid == told if self.exact else self.uids.fits(uid, told)

    def goes_on_from(self, former: "Numbering") -> bool:
        """Say whether all UIDs may be above those of a mailbox gone, as they are from now on (RFC 9051 §6.3.4)."""
        used = max((told for model, told in former.uids.pairs if model == int(model)), default=0)
        return self.uids.fits(0, used)

    def is_uidnext(self, uidnext: int, told: int) -> bool:
        """Say whether all UIDs so far are below, and all later ones not (RFC 9051 §2.3.1.1)."""
        return uidnext == told if self.exact else self.uids.fits(uidnext - 0.5, told - 0.5)

    def is_modseq(self, uid: int, modseq: int, told: int) -> bool:
        """Say whether the message may have this mod-sequence: it stays until a change, and changes ascend (RFC 7162 §3.1)."""
        if self.exact:
            return modseq == told
        known = self.modseqs.get((uid, modseq))
        if known is not None:
            return known == told
        if not self._between(modseq, told):
            return False
        self.modseqs[uid, modseq] = told
        return True

    def possible_modseqs(self, uid: int, modseqs: list[int], told: int) -> list[int]:
        """Which of the model's mod-sequences the message may have had then, the latest first; one that was told before is it."""
        before = [modseq for modseq in modseqs if self.modseqs.get((uid, modseq)) == told]
        return before or [modseq for modseq in reversed(modseqs) if self.copy().is_modseq(uid, modseq, told)]

    def possible_highest(self, highest: list[int], told: int) -> list[int]:
        """After which of the model's changes this may have been the highest mod-sequence."""
        return [each for each in dict.fromkeys(highest) if self.copy().is_highest(each, told)]

    def is_highest(self, highest: int, told: int) -> bool:
        """Say whether no mod-sequence so far is above, and every later one is (RFC 7162 §3.1.2.1)."""
        if self.exact:
            return highest == told
        below = max((value for (_, step), value in self.modseqs.items() if step <= highest), default=0)
        above = min((value for (_, step), value in self.modseqs.items() if step > highest), default=inf)
        return below <= told < above and self.steps.rises(highest + 0.5, told + 0.5)

    def _between(self, modseq: int, told: int) -> bool:
        """One step may take several mod-sequences, but those of a later step are all greater (RFC 7162 §3.1)."""
        steps = [*self.modseqs.items()]
        lower = max((value for (_, step), value in steps if step < modseq), default=0)
        upper = min((value for (_, step), value in steps if step > modseq), default=inf)
        low, high = self.steps.bounds(modseq)
        return lower < told < upper and low < told < high

    def may_name(self, uid: int, low: int, high: int) -> tuple[bool, ...]:
        """Whether the UIDs ``low`` to ``high`` name this message: one answer, or both where it is not known."""
        if self.exact:
            return (low <= uid <= high,)
        least, most = self.uids.bounds(uid)
        if least == most:
            return (low <= least <= high,)
        if low <= least + 1 and most - 1 <= high and most < inf:
            return (True,)
        return (False,) if most <= low or high <= least else (False, True)

    def may_exceed(self, uid: int, modseq: int, since: int) -> tuple[bool, ...]:
        """Whether the message has changed since the server's ``since``: one answer, or both where it is not known."""
        if self.exact:
            return (modseq > since,)
        known = self.modseqs.get((uid, modseq))
        if known is not None:
            return (known > since,)
        low, high = self.steps.bounds(modseq)
        lower = max([low, *(value for (_, step), value in self.modseqs.items() if step < modseq)])
        upper = min([high, *(value for (_, step), value in self.modseqs.items() if step > modseq)])
        if lower >= since:
            return (True,)
        return (False,) if upper <= since + 1 else (True, False)
