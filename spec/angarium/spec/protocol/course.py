"""One course that things may have taken: the worlds one after the other, and how far each connection has come.

``worlds`` has one entry for each effect, the last is now; ``first`` is the number of the earliest that is still of interest.
A command on its way is an ``Asking``: sent when world ``since`` was the latest, carried out or not.
"""

from collections.abc import Hashable
from typing import Any, Final

from attrs import define, evolve, field

from angarium.engine.operations import UserName
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Condition, Expunged, Response, Tagged, Untagged, Vanished
from angarium.spec.model.state import Mailbox, World
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Answer, require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.copies import copied_world
from angarium.spec.protocol.exchanges import Exchange
from angarium.spec.protocol.offers import learn
from angarium.spec.protocol.replay import replay, require_modseq, require_only_updates
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.rules.fetch import reads_body
from angarium.spec.protocol.session import Session, State
from angarium.spec.protocol.turn import Turn
from angarium.spec.protocol.verdict import carry_out_exchange, changes_nothing, judge_exchange

LOOKS: Final = (c.Search, c.Sort, c.Thread, c.Status, c.List, c.Lsub, c.Select)
"""Commands that change nothing that is judged, but tell what was so at one moment."""

CHANGES: Final = (
    c.Create, c.Delete, c.Rename, c.Subscribe, c.Unsubscribe, c.Append, c.Close, c.Expunge, c.Store, c.Copy, c.Move, c.Fetch,
    c.Replace,
)  # fmt: skip
"""Commands whose effect has its place among those of others; FETCH may set ``\\Seen``."""


@define
class Asking:
    """A command on its way; ``at`` is the world that its effect made, None before it took effect."""

    exchange: Exchange
    since: int
    at: int | None = None
    outcome: Any = None


@define
class Talk:
    """One connection: the model's session, the commands on their way, and the latest world when it was last spoken to.

    ``changed``: the world that the last effect of its commands made.
    """

    session: Session
    since: int
    changed: int = 0
    asked: list[Asking] = field(factory=list)
    greeted: bool = False
    closed: bool = False

    def copy(self) -> "Talk":
        """The same again, to be changed by itself."""
        return evolve(self, session=self.session.copy(), asked=[evolve(each) for each in self.asked])


@define
class Course:
    """One course of events, up to an event of the history."""

    worlds: list[World]
    revealed: Revealed
    first: int = 0
    talks: dict[int, Talk] = field(factory=dict)

    @classmethod
    def beginning(cls, store: ModelStore, exact: bool) -> "Course":
        """Nothing has happened yet."""
        world = copied_world(store.world)
        for user in world.passwords:
            world.account(UserName(user))
        return cls([world], Revealed(exact))

    def copy(self) -> "Course":
        """The same again, to go on otherwise; worlds are not changed once they are there."""
        talks = {number: talk.copy() for number, talk in self.talks.items()}
        return Course(list(self.worlds), self.revealed.copy(), self.first, talks)

    @property
    def now(self) -> int:
        """The number of the latest world."""
        return self.first + len(self.worlds) - 1

    def signature(self) -> Hashable:
        """The same for two courses that go on alike, whatever the order in which they came here."""
        talks = tuple((number, repr(talk.session), self._signature_of(talk)) for number, talk in self.talks.items())
        return talks, tuple(map(signature_of, self.worlds)), repr(self.revealed)

    def _signature_of(self, talk: Talk) -> Hashable:
        asked = (
            (each.exchange.begun, each.since - self.first, each.at and each.at - self.first, repr(each.outcome))
            for each in talk.asked
        )
        return talk.since - self.first, max(talk.changed - self.first, 0), talk.closed, tuple(asked)

    # What the clients do

    def connect(self, session: int) -> None:
        """A new connection (RFC 9051 §3.1); what an earlier one of that number left is on its way still."""
        before = self.talks.get(session)
        if before is not None and before.asked:
            before.closed = True
            self.talks[-1 - len(self.talks)] = before
        self.talks[session] = Talk(Session(session, capabilities=frozenset()), self.now)

    def ask(self, exchange: Exchange) -> None:
        """A command has been sent."""
        talk = self.talks[exchange.session]
        talk.since = self.now
        talk.asked.append(Asking(exchange, self.now))

    def close(self, session: int) -> None:
        """The connection is gone (RFC 9051 §7.1.5)."""
        self.talks[session].closed = True

    # What the server does

    def sessions_that_may_advance(self) -> list[int]:
        """Those with a command on its way that could have its effect before anything is heard of it."""
        return [number for number, talk in self.talks.items() if any(each.at is None and may_change(each) for each in talk.asked)]

    def advance(self, number: int, event: int, choices: Choices) -> bool:
        """Let the next command of a session take effect; the one before it has been answered by then (RFC 9051 §5.5)."""
        talk = self.talks[number]
        oldest = talk.asked[0]
        if oldest.at is None and may_change(oldest):
            self._take_effect(talk, oldest, choices)
            return True
        if len(talk.asked) < 2 or isinstance(oldest.exchange.command, c.Idle):
            return False
        if oldest.exchange.tagged is None:
            talk.asked.remove(oldest)
        else:
            self.finish(oldest.exchange, event, choices)
        return True

    def finish(self, exchange: Exchange, event: int, choices: Choices) -> None:
        """A command is answered: carry it out, if that has not been done, and judge."""
        talk = self.talks[exchange.session]
        asking = next((each for each in talk.asked if each.exchange is exchange), None)
        if asking is None:
            return  # judged already, when a command behind it took effect
        if asking.at is None:
            self._take_effect(talk, asking, choices)
        self.revealed.begun, self.revealed.now = exchange.begun, event
        judge_exchange(exchange, self._turn(talk, asking, choices), asking.outcome)
        talk.asked.remove(asking)
        if exchange.tagged is not None:
            learn(talk.session, (*exchange.untagged, exchange.tagged))
        self._forget()

    def hear(self, session: int, response: Response, event: int, choices: Choices) -> None:
        """Something came that answers no command (RFC 9051 §5.2, §5.3, §6.3.13)."""
        talk = self.talks[session]
        self.revealed.now = event
        if not talk.greeted:
            self._greet(talk, response)
            return
        if not talk.asked:
            removal = isinstance(response, Expunged) or (isinstance(response, Vanished) and not response.earlier)
            require(not removal, "RFC 9051 §7.5.1: no EXPUNGE while no command is in progress", response)
        told = replay(self._moments(talk.since), talk.session, (response,), self.revealed, choices)
        require_only_updates(told)
        require_modseq(talk.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
        learn(talk.session, (response,))
        if isinstance(response, Untagged) and response.condition is Condition.BYE:
            talk.session.deselect()
            talk.session.state = State.LOGOUT

    # Inside

    def _greet(self, talk: Talk, response: Response) -> None:
        """The greeting says in which state the session begins (RFC 9051 §7.1)."""
        talk.greeted = True
        learn(talk.session, (response,))
        if isinstance(response, Untagged) and response.condition is Condition.PREAUTH:
            talk.session.state, talk.session.user = State.AUTHENTICATED, UserName(next(iter(self.worlds[-1].passwords)))

    def _moments(self, since: int) -> tuple[World, ...]:
        return tuple(self.worlds[since - self.first :])

    def _take_effect(self, talk: Talk, asking: Asking, choices: Choices) -> None:
        """Carry a command out on a copy of the latest world, which becomes the next one if the command changes anything."""
        exchange = asking.exchange
        earliest = max(asking.since, talk.changed)
        asking.at = choices.pick(range(self.now, earliest - 1, -1)) if isinstance(exchange.command, LOOKS) else self.now
        looked_at = self.worlds[asking.at - self.first]
        world = copied_world(looked_at) if may_change(asking) else looked_at
        asking.outcome = carry_out_exchange(exchange, self._turn(talk, asking, choices, world))
        if may_change(asking) and not changes_nothing(exchange):
            if not self.revealed.exact:
                self.revealed.bury(self.worlds[-1], world)
            self.worlds.append(world)
            asking.at = talk.changed = self.now

    def _turn(self, talk: Talk, asking: Asking, choices: Choices, world: World | None = None) -> Turn:
        """The command with its answer, and the worlds that the answer may tell of."""
        exchange, at = asking.exchange, self.now if asking.at is None else asking.at
        tagged = exchange.tagged or Tagged(exchange.tag, Condition.OK)
        answer = Answer(exchange.untagged, tagged, codes_optional=not self.revealed.exact)
        moments, after = self._moments(asking.since), self._moments(at)
        return Turn(world or after[0], talk.session, answer, self.revealed, choices, moments, after, exchange.lines)

    def _forget(self) -> None:
        """Drop the worlds that nothing can tell of any more."""
        since = [talk.since for talk in self.talks.values() if not talk.closed]
        since += [asking.since for talk in self.talks.values() for asking in talk.asked]
        earliest = min([self.now, *since])
        del self.worlds[: earliest - self.first]
        self.first = earliest


def signature_of(world: World) -> Hashable:
    """What is in a world, to tell whether it is another one."""
    return tuple(
        (user, frozenset(account.subscriptions), tuple(contents_of(mailbox) for mailbox in account.mailboxes.values()))
        for user, account in world.accounts.items()
    )


def contents_of(mailbox: Mailbox) -> Hashable:
    """All of a mailbox that a rule may look at."""
    numbers = (mailbox.id, mailbox.name, mailbox.uidnext, mailbox.highest_modseq)
    return numbers, tuple(mailbox.messages.values()), tuple(mailbox.expunged.items()), tuple(mailbox.spellings.items())


def may_change(asking: Asking) -> bool:
    """Say whether others may notice that the command was carried out."""
    command = asking.exchange.command
    if isinstance(command, c.Fetch):
        return any(map(reads_body, command.items))
    return isinstance(command, CHANGES)
