"""The model of a store: dicts and lists, and what every operation means (``angarium.engine.operations``).

Nothing here is clever or fast. Each operation is one plain function in ``angarium.spec.model``, beside the RFC section
it serves; a real store is right when it answers as this one does (``angarium.store.contract``, ``tests/stateful``).

What two stores may do differently is given from outside, so that they can be given the same: the clock, the nonces and
the UIDVALIDITY values. Mod-sequences are comparable by order only: RFC 7162 §3.1 fixes no step. The model takes one
mod-sequence for each operation and mailbox, whatever the number of messages changed.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from typing import Any, Final

from angarium.engine import operations
from angarium.engine.operations import MailboxId, Operation
from angarium.spec.model import access, accounts, fetch, mailboxes, messages
from angarium.spec.model.state import World

EXECUTE: Final[Mapping[type, Callable[[World, Any], Any]]] = {
    operations.VerifyPassword: accounts.verify_password,
    operations.FetchScramVerifier: accounts.fetch_scram_verifier,
    operations.ListMailboxes: mailboxes.list_mailboxes,
    operations.FetchStatus: mailboxes.fetch_status,
    operations.CreateMailbox: mailboxes.create_mailbox,
    operations.DeleteMailbox: mailboxes.delete_mailbox,
    operations.RenameMailbox: mailboxes.rename_mailbox,
    operations.SetSubscription: mailboxes.set_subscription,
    operations.ReadRights: access.read_rights,
    operations.ReadAcl: access.read_acl,
    operations.ChangeAcl: access.change_acl,
    operations.ListShared: access.list_shared,
    operations.OpenMailbox: messages.open_mailbox,
    operations.ReadChanges: messages.read_changes,
    operations.FetchMessages: fetch.fetch_messages,
    operations.ReadContent: fetch.read_content,
    operations.SetFlags: messages.set_flags,
    operations.AppendMessages: messages.append_messages,
    operations.ReplaceMessage: messages.replace_message,
    operations.CopyMessages: messages.copy_messages,
    operations.ExpungeMessages: messages.expunge_messages,
    operations.SearchMessages: fetch.search_messages,
    operations.SortMessages: fetch.sort_messages,
    operations.ThreadMessages: fetch.thread_messages,
    operations.StageOctets: accounts.stage_octets,
    operations.ReadStaged: accounts.read_staged,
    operations.DiscardStaged: accounts.discard_staged,
    operations.ResolveRecipient: accounts.resolve_recipient,
}
"""What carries out each operation."""

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class ModelStore:
    """A store that forgets everything when it goes: for tests, and to read (``angarium.store.store.Store``).

    ``passwords`` are the users, ``groups`` their groups; ``on_change`` hears of mailboxes that changed, after the change.
    """

    def __init__(
        self,
        passwords: Mapping[str, str] | None = None,
        *,
        now: Callable[[], datetime] = lambda: EPOCH,
        uidvalidities: Iterator[int] | None = None,
        message_octets_max: int = 100_000_000,
        on_change: Callable[[MailboxId], None] | None = None,
        groups: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        nonces = map(accounts.nonce_from, iter(lambda: b"model", None), count(1))
        self.world: Final = World(
            passwords=dict(passwords or {}),
            now=now,
            uidvalidities=count(1) if uidvalidities is None else uidvalidities,
            nonce=nonces.__next__,
            message_octets_max=message_octets_max,
            groups=dict(groups or {}),
        )
        self.on_change: Final = on_change
        self._lock: Final = Lock()

    def execute(self, operation: Operation) -> Any:
        """Carry out one operation; one at a time, so that each is whole."""
        with self._lock:
            before = self._stamps()
            result = EXECUTE[type(operation)](self.world, operation)
            after = self._stamps()
        if self.on_change is not None:
            for id in before:
                if before[id] != after.get(id):
                    self.on_change(id)
        return result

    def is_quick(self, operation: Operation) -> bool:
        """Everything is in memory."""
        return True

    def _stamps(self) -> dict[MailboxId, int]:
        """The stamp of each mailbox, where somebody wants to hear of changes."""
        if self.on_change is None:
            return {}
        return {box.id: box.stamp for account in self.world.accounts.values() for box in account.mailboxes.values()}
