r"""What a server had when the history begins: what the caller says, or else what LIST tells (RFC 9051 §6.3.9).

An account of which the caller says nothing is a new one. The mailboxes that another server gives it are its own choice, so
they are also learnt: those that LIST names before any command of that user did, empty, with the special uses that it tells; and
the subscriptions that LIST and LSUB tell of (RFC 3501 §6.3.9), unless a command changed these before.
"""

from collections.abc import Iterator
from typing import Final

from attrs import define, field

from angarium.engine.operations import UserName
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import ListData
from angarium.spec.history import History, Received, Sent
from angarium.spec.model.mailboxes import canonical, superiors
from angarium.spec.model.state import Account, World
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.copies import copied_world
from angarium.spec.protocol.course import Course
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.rules.create_special_use import SPECIAL_USES

NO_MAILBOX: Final = {b"\\noselect", b"\\nonexistent"}
"""Attributes of names that are no mailboxes (RFC 9051 §7.3.1)."""


@define
class _Names:
    """What is said of the mailboxes of one user: those learnt with their special uses, those that a command named first.

    ``subscribed`` are the subscriptions learnt, ``settled`` the names that SUBSCRIBE or UNSUBSCRIBE named first.
    """

    learnt: dict[str, set[bytes]] = field(factory=dict)
    named: set[str] = field(factory=set)
    subscribed: set[str] = field(factory=set)
    settled: set[str] = field(factory=set)


def beginnings(history: History, store: ModelStore, exact: bool) -> Iterator[Course]:
    """The ways in which it may begin; one alone for our own server, whose new accounts we know."""
    yield Course.beginning(store, exact)
    unknown = [UserName(user) for user in store.world.passwords if user not in store.world.accounts]
    if unknown and not exact:
        names = names_of(history, unknown[0])
        world = copied_world(store.world)
        for user in unknown:
            known = names.get(user, _Names())
            open_account(world, user, known.learnt)
            world.account(user).subscriptions |= known.subscribed
        yield Course([world], Revealed(exact))


def open_account(world: World, user: UserName, learnt: dict[str, set[bytes]]) -> None:
    """A new account with INBOX and these mailboxes."""
    account = world.accounts[user] = Account(user)
    for name in dict.fromkeys(("INBOX", *learnt)):
        world.new_mailbox(account, name, tuple(sorted(learnt.get(name, ()))))


def names_of(history: History, somebody: UserName) -> dict[UserName, _Names]:
    """What each user's sessions say of mailboxes; ``somebody`` is one whose LOGIN we did not see."""
    users: dict[int, UserName] = {}
    names: dict[UserName, _Names] = {}
    for event in history:
        mine = names.setdefault(users.get(event.session, somebody), _Names())
        match event:
            case Sent(session, command=c.Login(userid=userid)):
                users[session] = UserName(userid.decode("utf-8", "replace"))
            case Sent(command=command):
                for name in map(canonical, names_in(command)):
                    mine.named |= {name, *superiors(name)}
                    mine.settled |= {name} if isinstance(command, c.Subscribe | c.Unsubscribe) else set()
            case Received(response=ListData() as data):
                _learn_subscription(mine, data)
                if not data.lsub:
                    _learn(mine, data)
    return names


def names_in(command: c.Command) -> list[str]:
    """The mailboxes that a command names."""
    return [getattr(command, each) for each in ("mailbox", "new_name") if hasattr(command, each)]


def _learn(names: _Names, data: ListData) -> None:
    """Take note of a mailbox, unless a command may have made it."""
    attributes = {each.lower() for each in data.attributes}
    name = canonical(data.mailbox)
    if name and name not in names.named - names.learnt.keys() and not attributes & NO_MAILBOX:
        names.learnt.setdefault(name, set()).update(use for use in SPECIAL_USES if use.lower() in attributes)


def _learn_subscription(names: _Names, data: ListData) -> None:
    r"""Take note of a subscription, unless a command may have made it; ``\Noselect`` in LSUB may be a name above one."""
    attributes = {each.lower() for each in data.attributes}
    told = b"\\noselect" not in attributes if data.lsub else b"\\subscribed" in attributes
    if told and canonical(data.mailbox) not in names.settled:
        names.subscribed.add(canonical(data.mailbox))
