"""What the server does, by store and session, worked out once for each such pair and looked up from then on."""

from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

from attrs import frozen

from angarium.spec.explorer.alphabet import moves
from angarium.spec.explorer.bounds import INBOX, Bounds
from angarium.spec.explorer.edge import Edge, Move, Subject, Transition, edge
from angarium.spec.explorer.freeze import carried_over
from angarium.spec.explorer.values import Effect, Held, Store

T = TypeVar("T", bound=Hashable)


class Numbered(Generic[T]):
    """Values, and numbers for them, which are quicker to compare."""

    def __init__(self) -> None:
        self.values: Final[list[T]] = []
        self._numbers: Final[dict[T, int]] = {}

    def number(self, value: T) -> int:
        """The number of a value, the next one if it is new."""
        known = self._numbers.get(value)
        if known is None:
            known = self._numbers[value] = len(self.values)
            self.values.append(value)
        return known

    def __len__(self) -> int:
        return len(self.values)


@frozen
class Quiet:
    """A move that leaves the store alone: what the session holds then."""

    held: int
    move: Move


@frozen
class Loud:
    """A move that changes the store, and what that means to the other sessions."""

    store: int
    held: int
    effect: int
    move: Move


@frozen
class Steps:
    """All that a session can do at a store, one move for each thing that can come of it.

    ``edges`` counts all moves, those that change nothing too; ``beyond`` those that lead out of the bounds.
    """

    edges: int
    beyond: int
    quiet: tuple[Quiet, ...]
    loud: tuple[Loud, ...]


@frozen
class Deed:
    """A move made at a store by a session that holds something, by their numbers."""

    store: int
    held: int
    move: Move


class Found(Exception):
    """The server does what it may not: with this deed, or by what all its sessions hold when ``deed`` is None."""

    def __init__(self, deed: Deed | None, reason: Exception) -> None:
        super().__init__(str(reason))
        self.deed: Final = deed
        self.reason: Final = reason


class Behaviour:
    """The server under exploration as a table that fills itself."""

    def __init__(self, subject: Subject, bounds: Bounds) -> None:
        self.subject: Final = subject
        self.bounds: Final = bounds
        self.stores: Final = Numbered[Store]()
        self.helds: Final = Numbered[Held]()
        self.effects: Final = Numbered[Effect]()
        self.rows: Final[set[Transition]] = set()
        self.moves_made = 0
        self._steps: Final[dict[tuple[int, int], Steps]] = {}
        self._carried: Final[dict[tuple[int, int, int], int]] = {}

    @property
    def pairs(self) -> int:
        """How many pairs of store and session have been worked out."""
        return len(self._steps)

    def steps(self, store: int, held: int) -> Steps:
        """All that the session can do at this store. Raises ``Found``."""
        known = self._steps.get((store, held))
        if known is None:
            known = self._steps[store, held] = self._worked_out(store, held)
        return known

    def carried(self, effect: int, store: int, held: int) -> int:
        """What another session holds after ``effect`` has led to ``store``."""
        key = effect, store, held
        known = self._carried.get(key)
        if known is None:
            value = carried_over(self.helds.values[held], self.effects.values[effect], self.stores.values[store])
            known = self._carried[key] = self.helds.number(value)
        return known

    def _worked_out(self, store: int, held: int) -> Steps:
        quiet: dict[int, Quiet] = {}
        loud: dict[tuple[int, int, int], Loud] = {}
        edges = beyond = 0
        for each in self._edges(store, held):
            edges += 1
            if not within(self.bounds, each.store, each.held):
                beyond += 1
            elif each.effect is None:
                session = self.helds.number(each.held)
                quiet.setdefault(session, Quiet(session, each.move))
            else:
                key = self.stores.number(each.store), self.helds.number(each.held), self.effects.number(each.effect)
                loud.setdefault(key, Loud(*key, each.move))
        quiet.pop(held, None)
        return Steps(edges, beyond, tuple(quiet.values()), tuple(loud.values()))

    def _edges(self, store: int, held: int) -> Iterable[Edge]:
        at, session = self.stores.values[store], self.helds.values[held]
        for move in moves(self.bounds, session):
            try:
                found = edge(self.subject, self.bounds, at, session, move)
            except Exception as reason:  # whatever goes wrong in a server is to be told with the way that leads there
                raise Found(Deed(store, held, move), reason) from reason
            self.moves_made += 1
            if found.row is not None:
                self.rows.add(found.row)
            yield found


def within(bounds: Bounds, store: Store, held: Held) -> bool:
    """Whether the small world has room for this."""
    named = {box.name for box in store.boxes} <= {INBOX, *bounds.names}
    return named and len(store.boxes) <= 2 and store.alive <= bounds.messages and len(held.entries) <= bounds.view
