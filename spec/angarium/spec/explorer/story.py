"""How the small world came to a state, as a transcript: what to read when the explorer has found something.

Each session is numbered from 1. UIDs and mod-sequences are those of the state at hand (``thaw.py``), so the same message may
have another UID in the next command; message numbers are what they are.
"""

from collections.abc import Iterator
from typing import Final

from angarium.spec.explorer.behaviour import Deed, Found
from angarium.spec.explorer.edge import Connect, Wake, octets_of
from angarium.spec.explorer.product import Explorer, packed, unpacked
from angarium.spec.explorer.thaw import inhabited, thaw_memory, thaw_store

IMAP4REV2: Final = b"IMAP4REV2"
Act = tuple[int, Deed]
"""Which session did what."""


def acts(explorer: Explorer, state: int) -> tuple[list[Act], list[int]]:
    """The moves, and what each session holds after them, in the order of the sessions."""
    way = [state]
    while (earlier := explorer.came_from[way[-1]]) >= 0:
        way.append(earlier)
    store, helds = unpacked(way.pop(), explorer.bounds.sessions)
    sessions = list(helds)
    told: list[Act] = []
    while way:
        target = way.pop()
        act, store, sessions = next(each for each in following(explorer, store, sessions) if packed_as(each, target))
        told.append(act)
    return told, sessions


def packed_as(each: tuple[Act, int, list[int]], target: int) -> bool:
    """Whether this is the state looked for."""
    _, store, sessions = each
    return packed(store, tuple(sessions)) == target


def following(explorer: Explorer, store: int, sessions: list[int]) -> Iterator[tuple[Act, int, list[int]]]:
    """What each session can do, and what comes of it, the sessions in their order."""
    behaviour = explorer.behaviour
    for number, held in enumerate(sessions):
        steps = behaviour.steps(store, held)
        for quiet in steps.quiet:
            yield (number, Deed(store, held, quiet.move)), store, [*sessions[:number], quiet.held, *sessions[number + 1 :]]
        for loud in steps.loud:
            after = [behaviour.carried(loud.effect, loud.store, other) for other in sessions]
            after[number] = loud.held
            yield (number, Deed(store, held, loud.move)), loud.store, after


def story(explorer: Explorer, found: Found) -> str:
    """The transcript up to and with what went wrong, and why it is wrong."""
    told, sessions = acts(explorer, explorer.visiting)
    if found.deed is not None:
        told.append((sessions.index(found.deed.held), found.deed))
    lines = [line for act in told for line in transcript(explorer, act)]
    return "\n".join([*lines, f"{type(found.reason).__name__}: {found.reason}"])


def transcript(explorer: Explorer, act: Act) -> Iterator[str]:
    """One move and its answer, as lines: ``1 C: t NOOP`` and ``1 S: t OK done``."""
    (number, deed), behaviour = act, explorer.behaviour
    session, move = behaviour.helds.values[deed.held], deed.move
    sent = octets_of(move, IMAP4REV2 in session.enabled)
    if isinstance(move, Connect | Wake):
        yield f"{number + 1} {'connects again' if isinstance(move, Connect) else 'is woken'}"
    yield from (f"{number + 1} C: {line}" for line in text(sent))
    if isinstance(move, Connect):
        return
    real = inhabited(thaw_store(behaviour.stores.values[deed.store], session))
    try:
        answered = behaviour.subject.server(thaw_memory(session), real.execute, sent)
    except Exception:  # what was found may be just that
        yield f"{number + 1} has no answer"
        return
    yield from (f"{number + 1} S: {line}" for line in text(answered.octets))


def text(octets: bytes) -> list[str]:
    """Lines of octets, to be read."""
    return octets.decode("utf-8", "backslashreplace").split("\r\n")[:-1]
