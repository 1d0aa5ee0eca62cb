"""What an answer leaves open and a later one may settle: the judge picks, and comes back to pick again.

Where a rule cannot know which of several things happened (which message an unknown UID means, which moment an EXISTS
counted), it asks ``pick`` and goes on with one of them. ``ways`` runs such a judgement once for every sequence of picks.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from attrs import define, field

from angarium.spec.protocol.answer import Inadmissible

T = TypeVar("T")


@define
class Choices:
    """One sequence of picks: ``planned`` are to be made again, ``made`` are position and number of options of each so far."""

    planned: tuple[int, ...] = ()
    made: list[tuple[int, int]] = field(factory=list)

    def pick(self, options: Sequence[T]) -> T:
        """Go on with one of the options; the likeliest stands first."""
        if len(options) == 1:
            return options[0]
        depth = len(self.made)
        position = self.planned[depth] if depth < len(self.planned) else 0
        self.made.append((position, len(options)))
        return options[position]

    def following(self) -> "Choices | None":
        """The picks to try next: the last that has an option left takes it; None when there is none."""
        for depth in reversed(range(len(self.made))):
            position, options = self.made[depth]
            if position + 1 < options:
                return Choices((*(each for each, _ in self.made[:depth]), position + 1))
        return None


def ways(run: Callable[[Choices], T], failed: Callable[[Inadmissible], None]) -> Iterator[T]:
    """What ``run`` comes to, for every sequence of picks that is admissible; ``failed`` hears of the others."""
    choices: Choices | None = Choices()
    while choices is not None:
        try:
            result = run(choices)
        except Inadmissible as breach:
            failed(breach)
        else:
            yield result
        choices = choices.following()
