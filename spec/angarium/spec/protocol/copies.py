"""Copies of a world, to try what might happen next and come back (``ProtocolModel.copy``, ``angarium.spec.relation``).

Messages never change and are shared; everything that changes is copied, one dict for each mailbox.
"""

from copy import copy

from attrs import evolve

from angarium.spec.model.state import Account, Mailbox, World
from angarium.spec.model_store import ModelStore


def copied_store(store: ModelStore) -> ModelStore:
    """A store with a copy of the world; nobody is told of its changes."""
    world = store.world
    copied = ModelStore(
        world.passwords,
        now=world.now,
        uidvalidities=copy(world.uidvalidities),
        message_octets_max=world.message_octets_max,
        groups=world.groups,
    )
    copied.world.accounts.update({user: copied_account(account) for user, account in world.accounts.items()})
    copied.world.staged.update(world.staged)
    copied.world.last_token = world.last_token
    return copied


def copied_world(world: World) -> World:
    """The same world, to be changed by itself; clock and nonces are shared."""
    accounts = {user: copied_account(account) for user, account in world.accounts.items()}
    return evolve(world, uidvalidities=copy(world.uidvalidities), accounts=accounts, staged=dict(world.staged))


def copied_account(account: Account) -> Account:
    """One user's mailboxes, subscriptions and threads."""
    mailboxes = {number: copied_mailbox(mailbox) for number, mailbox in account.mailboxes.items()}
    return evolve(account, mailboxes=mailboxes, subscriptions=set(account.subscriptions), threads=dict(account.threads))


def copied_mailbox(mailbox: Mailbox) -> Mailbox:
    """One mailbox; its messages are shared, they never change."""
    return evolve(
        mailbox,
        messages=dict(mailbox.messages),
        expunged=dict(mailbox.expunged),
        spellings=dict(mailbox.spellings),
        acl=dict(mailbox.acl),
    )
