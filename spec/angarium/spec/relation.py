"""Which histories are admissible: the model as a relation over what concurrent sessions sent and heard (RFC 9051 §2-§7).

A command takes effect at one moment between its first octet and its tagged response, so there may be many courses that
things have taken. ``judge`` looks for one that explains everything that was heard. It goes through the events in order; at
each end of a command it carries the command out, if that has not been done, and judges the answer. Where that fails it goes
back: perhaps another command that was on its way took effect before (real time is kept, since a command is carried out no
sooner than it was sent and no later than it was answered). The usual history has little that overlaps, and costs nothing.

A command that only looks may have looked at any moment, and FETCH at several (``protocol.turn.Turn``). Commands of one
session take effect in their order (§5.5). A connection may break at any time (§7.1.5); whether a command that was not
answered took effect is open.
"""

import argparse
import sys
from collections.abc import Hashable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from attrs import define, field

from angarium.spec.history import Closed, Connected, History, Received, Sent, SentGarbage, from_text, lines_of_events
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.protocol.beginnings import beginnings
from angarium.spec.protocol.choices import Choices, ways
from angarium.spec.protocol.course import Course
from angarium.spec.protocol.exchanges import Exchanges, exchanges_of
from angarium.spec.protocol.separators import with_our_separator

TRIES_MAX: Final = 20_000


class Undecided(Inadmissible):
    """So much overlaps that not all courses were tried; the rule is what ended the one that came furthest."""


@define
class _Judgement:
    """A history under judgement: the breach that was found furthest on, and how many tries were made."""

    history: History
    exchanges: Exchanges
    worst: Inadmissible | None = None
    tries: int = 0
    tries_max: int = TRIES_MAX
    seen: set[Hashable] = field(factory=set)

    def has_been_here(self, at: int, course: Course) -> bool:
        """Whether another order of effects has led to the same, and to no good; asked only where orders are open."""
        if not course.sessions_that_may_advance():
            return False
        signature = hash((at, course.signature()))
        known = signature in self.seen
        self.seen.add(signature)
        return known

    def failed(self, at: int, breach: Inadmissible) -> None:
        """Remember the breach, if none was found further on: there the likeliest course ends."""
        self.tries += 1
        if self.worst is None or self.worst.event is None or at > self.worst.event:
            breach.event, breach.session = at, self.history[at].session
            self.worst = breach


def judge(history: History, store: ModelStore, *, exact: bool = False, tries_max: int = TRIES_MAX) -> None:
    """Find a course of events that explains the history, or raise ``Inadmissible`` with the rule and the event.

    ``store`` is what the server had to begin with. ``exact``: UIDs and mod-sequences are the model's, as with our own stores;
    otherwise the server chooses them, the hierarchy separator and what a new account has, and may leave undone what it should do.
    """
    history = history if exact else with_our_separator(history)
    judgement = _Judgement(history, exchanges_of(history, in_order=exact), tries_max=tries_max)
    trail: list[Iterator[tuple[int, Course]]] = [((0, course) for course in beginnings(history, store, exact))]
    while trail:
        if judgement.tries > tries_max:
            raise undecided(judgement)
        reached = next(trail[-1], None)
        if reached is None:
            trail.pop()
            continue
        at = _pass_quiet(judgement, *reached)
        if at == len(history):
            return
        if judgement.has_been_here(at, reached[1]):
            continue
        trail.append(_onward(judgement, at, reached[1]))
    assert judgement.worst is not None, "a trail ends at the end of the history or at a breach"
    raise judgement.worst


def undecided(judgement: _Judgement) -> Undecided:
    """The breach that was found furthest on, with a grain of salt."""
    worst = judgement.worst
    assert worst is not None, "only breaches are counted"
    breach = Undecided(worst.rule, *worst.evidence, f"after {judgement.tries} tries")
    breach.event, breach.session = worst.event, worst.session
    return breach


def _pass_quiet(judgement: _Judgement, at: int, course: Course) -> int:
    """Go through the events that leave nothing to decide; where the first of the others is."""
    exchanges = judgement.exchanges
    while at < len(judgement.history):
        match judgement.history[at]:
            case Connected(session):
                course.connect(session)
            case Sent(session) | SentGarbage(session):
                course.ask(exchanges.begun[at])
            case Received() if at in exchanges.ended or at in exchanges.pushed:
                return at
            case Closed(session):
                course.close(session)
        at += 1
    return at


def _onward(judgement: _Judgement, at: int, course: Course) -> Iterator[tuple[int, Course]]:
    """The courses that things may take at this event: the answer is as it should be, or something else happened before."""
    failed = partial(judgement.failed, at)

    def settled(choices: Choices) -> Course:
        onward = course.copy()
        if at in judgement.exchanges.ended:
            onward.finish(judgement.exchanges.ended[at], at, choices)
        else:
            onward.hear(judgement.history[at].session, judgement.exchanges.pushed[at], at, choices)
        return onward

    def advanced(session: int, choices: Choices) -> Course | None:
        onward = course.copy()
        return onward if onward.advance(session, at, choices) else None

    for found in ways(settled, failed):
        yield at + 1, found
    for session in course.sessions_that_may_advance():
        for reached in ways(partial(advanced, session), failed):
            if reached is not None:
                yield at, reached


def told(breach: Inadmissible, lines: Sequence[int]) -> str:
    """A breach for people: the rule, where it was broken, and what shows it."""
    assert breach.event is not None, "a history is judged event by event"
    where = f"event {breach.event}, line {lines[breach.event]}, session {breach.session}"
    return "\n".join([breach.rule, f"  {where}", *(f"  {each!r}" for each in breach.evidence)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a history that begins with empty mailboxes; 0: admissible, 1: not, 2: not a history, or not to be decided."""
    parser = argparse.ArgumentParser(prog="python -m angarium.spec.relation", description=main.__doc__)
    parser.add_argument("history", type=Path, help="a file as angarium.spec.history.to_text writes it")
    parser.add_argument("--user", default="mira:secret", metavar="NAME:PASSWORD", help="who may log in (default: %(default)s)")
    parser.add_argument("--exact", action="store_true", help="UIDs and mod-sequences are those of our own stores")
    chosen = parser.parse_args(arguments)
    name, _, password = chosen.user.partition(":")
    try:
        text = chosen.history.read_text("utf-8")
        history = from_text(text)
    except (OSError, ValueError) as failure:
        print(f"{chosen.history}: {failure}", file=sys.stderr)
        return 2
    try:
        judge(history, ModelStore({name: password}), exact=chosen.exact)
    except Inadmissible as breach:
        print(told(breach, lines_of_events(text)))
        return 2 if isinstance(breach, Undecided) else 1
    print("admissible")
    return 0


if __name__ == "__main__":
    sys.exit(main())
