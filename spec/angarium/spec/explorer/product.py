r"""Breadth-first through every state of the small world: a store, and what each of some sessions holds.

What a session's move does depends on the store and on that session alone, so the behaviour of the server is worked out for
pairs of these (``behaviour.py``), and the states of the whole, which are many more, are walked by looking up. In every state
every move of every session is followed. Sessions are interchangeable, so a state has them in order of their numbers.

What needs more than one session to be seen is checked here: no message is \Recent to two (RFC 3501 §2.3.2).
"""

import time
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define, field

from angarium.spec.explorer.behaviour import Behaviour, Found
from angarium.spec.explorer.bounds import INBOX, Bounds
from angarium.spec.explorer.edge import FRESH, Subject, Transition
from angarium.spec.explorer.values import Box, Held, Store
from angarium.spec.protocol.answer import Inadmissible, require

EMPTY: Final = Store((Box(INBOX),))
"""Where it begins: a new user (RFC 9051 §5.1)."""
BITS: Final = 21
"""Of a state, for each number in it."""
MASK: Final = (1 << BITS) - 1
BATCH: Final = 256
"""States between two looks at the clock."""


@define
class Report:
    """What has been seen; ``complete`` when there is nothing left to see.

    ``moves`` were carried out by the server, one for each edge of each pair of store and session; ``beyond`` counts edges out
    of the bounds; ``rows`` are the transitions taken.
    """

    bounds: Bounds
    complete: bool = False
    states: int = 0
    edges: int = 0
    beyond: int = 0
    seconds: float = 0.0
    depths: list[int] = field(factory=list)
    stores: int = 0
    helds: int = 0
    pairs: int = 0
    moves: int = 0
    rows: frozenset[Transition] = frozenset()


Progress = Callable[[Report, int], None]
"""Hears of the report so far and of the number of states that are waiting."""


class Explorer:
    """A breadth-first search that remembers how it came to each state."""

    def __init__(self, subject: Subject, bounds: Bounds) -> None:
        self.bounds: Final = bounds
        self.behaviour: Final = Behaviour(subject, bounds)
        fresh = self.behaviour.helds.number(FRESH)
        self.start: Final = packed(self.behaviour.stores.number(EMPTY), (fresh,) * bounds.sessions)
        self.came_from: Final[dict[int, int]] = {self.start: -1}
        self.report: Final = Report(bounds)
        self.visiting = self.start

    def run(self, *, depth: int | None = None, seconds: float | None = None, progress: Progress | None = None) -> Report:
        """Explore until nothing is left, or as deep or as long as allowed. Raises ``Found``."""
        began = time.monotonic()
        frontier = [self.start]
        while frontier and (depth is None or len(self.report.depths) < depth):
            self.report.depths.append(len(frontier))
            following: list[int] = []
            for number, state in enumerate(frontier, start=1):
                self._visit(state, following)
                if number % BATCH == 0 or number == len(frontier):
                    self._summarize(time.monotonic() - began)
                    if progress is not None:
                        progress(self.report, len(frontier) - number + len(following))
                    if seconds is not None and self.report.seconds > seconds:
                        return self.report
            frontier = following
        self.report.complete = not frontier
        return self.report

    def _visit(self, state: int, following: list[int]) -> None:
        """Follow every edge of a state; what is new goes to ``following``."""
        self.visiting = state
        came_from = self.came_from
        for new in self.neighbours(state):
            if new not in came_from:
                came_from[new] = state
                following.append(new)
                if self.bounds.recent:
                    self._check_recent(new)

    def neighbours(self, state: int) -> Iterator[int]:
        """The states that one move leads to, some of them more than once."""
        store, helds = unpacked(state, self.bounds.sessions)
        behaviour = self.behaviour
        for place, held in enumerate(helds):
            steps = behaviour.steps(store, held)
            self.report.edges += steps.edges
            self.report.beyond += steps.beyond
            if place and helds[place - 1] == held:
                continue  # sessions that hold the same do the same
            others = helds[:place] + helds[place + 1 :]
            for quiet in steps.quiet:
                yield packed(store, (*others, quiet.held))
            for loud in steps.loud:
                carried = [behaviour.carried(loud.effect, loud.store, other) for other in others]
                yield packed(loud.store, (*carried, loud.held))

    def _check_recent(self, state: int) -> None:
        number, helds = unpacked(state, self.bounds.sessions)
        store = self.behaviour.stores.values[number]
        try:
            check_recent(store, [self.behaviour.helds.values[held] for held in helds])
        except Inadmissible as reason:
            self.visiting = state
            raise Found(None, reason) from reason

    def _summarize(self, seconds: float) -> None:
        report, behaviour = self.report, self.behaviour
        report.seconds = seconds
        report.states = len(self.came_from)
        report.stores, report.helds = len(behaviour.stores), len(behaviour.helds)
        report.pairs, report.moves = behaviour.pairs, behaviour.moves_made
        report.rows = frozenset(behaviour.rows)


def packed(store: int, helds: tuple[int, ...]) -> int:
    """A state as one number, the sessions in order."""
    state = store
    for held in sorted(helds):
        state = state << BITS | held
    return state


def unpacked(state: int, sessions: int) -> tuple[int, tuple[int, ...]]:
    """The store and the sessions of a state."""
    helds = tuple(state >> BITS * place & MASK for place in range(sessions - 1, -1, -1))
    return state >> BITS * sessions, helds


def check_recent(store: Store, helds: list[Held]) -> None:
    r"""No message is \Recent to two sessions that have it selected for writing, or to one and to nobody yet (RFC 3501 §2.3.2)."""
    claimed = [
        (index, place)
        for index, box in enumerate(store.boxes)
        for place in range(len(box.letters) - box.unclaimed, len(box.letters))
    ]
    for held in helds:
        if not held.read_only:
            claimed += [(held.box, entry.place) for entry in held.entries if entry.recent and not entry.forgotten]
    require(len(claimed) == len(set(claimed)), "RFC 3501 §2.3.2: a message is recent to one session at most", claimed, helds)
