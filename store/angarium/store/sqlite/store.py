"""The store on SQLite: one database per user under ``<folder>/users`` (``docs/reference/store.md``).

A table names the function of each operation and how it is run: reading, in a snapshot of its own; writing, in the user's
group commit; or as it says itself. Failures of SQLite and of the file system leave here as the store's errors.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from angarium.engine import operations as ops
from angarium.engine.operations import MailboxId, Operation, UserName
from angarium.store.accounts import Accounts
from angarium.store.sqlite import (
    access,
    append,
    changes,
    copy,
    expunge,
    flags,
    mailboxes,
    messages,
    opening,
    rename,
    replace,
    search,
    sorting,
    status,
)
from angarium.store.sqlite.connections import BUSY_SECONDS, IDLE_MAX, Connections
from angarium.store.sqlite.failures import translate
from angarium.store.sqlite.group_commit import GroupCommit
from angarium.store.sqlite.mail import Limits, Mail, Parts
from angarium.store.sqlite.sharing import Sharing
from angarium.store.sqlite.staging import Staging
from angarium.store.sqlite.stamps import Stamps
from angarium.store.sqlite.uid_maps import UidMaps
from angarium.store.sqlite.upkeep import Upkeep
from angarium.store.sqlite.use import use

_READS: Final[Mapping[type, Callable[[Mail, Any], Any]]] = {
    ops.ListMailboxes: mailboxes.list_mailboxes,
    ops.FetchStatus: status.fetch_status,
    ops.ReadAcl: access.read_acl,
    ops.FetchMessages: messages.fetch_messages,
    ops.ReadContent: messages.read_content,
    ops.SearchMessages: search.search_messages,
    ops.SortMessages: sorting.sort_messages,
    ops.ThreadMessages: sorting.thread_messages,
}
_SEARCHES: Final = (ops.SearchMessages, ops.SortMessages, ops.ThreadMessages)
_WRITES: Final[Mapping[type, Callable[[Mail, Any], Any]]] = {
    ops.CreateMailbox: mailboxes.create_mailbox,
    ops.DeleteMailbox: mailboxes.delete_mailbox,
    ops.RenameMailbox: rename.rename_mailbox,
    ops.SetSubscription: mailboxes.set_subscription,
    ops.SetFlags: flags.set_flags,
    ops.ExpungeMessages: expunge.expunge_messages,
}


class SqliteStore:
    """Carries out operations on the mail in a folder (``angarium.store.store.Store``); several processes may do so at once.

    ``on_change`` hears of mailboxes whose messages have changed, after the commit. ``domains``: the ones whose mail is taken,
    any if empty. ``expunged_kept_seconds``: how long the octets of expunged messages stay on the disk. ``groups``: whose members
    have the rights of ``group:NAME`` (RFC 4314 §2).
    """

    def __init__(
        self,
        folder: Path,
        *,
        on_change: Callable[[MailboxId], None] | None = None,
        domains: frozenset[str] = frozenset(),
        delimiter: str = "+",
        initial_mailboxes: Mapping[str, tuple[bytes, ...]] = mailboxes.SPECIAL_USE_MAILBOXES,
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.time,
        busy_seconds: float = BUSY_SECONDS,
        connections_max: int = IDLE_MAX,
        expunged_kept_seconds: int = 0,
        upkeep: bool = True,
        groups: Mapping[str, frozenset[str]] = {},
    ) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._in_use: Final = use(folder)
            try:
                self._parts: Final = Parts(
                    folder=folder,
                    stamps=Stamps(folder / "stamps"),
                    staging=Staging(folder / "staging"),
                    uid_maps=UidMaps(),
                    limits=limits,
                    clock=clock,
                    initial_mailboxes=dict(initial_mailboxes),
                    keep_seconds=expunged_kept_seconds,
                    announce=self._announce,
                )
                self.accounts: Final = Accounts(folder, domains=domains, delimiter=delimiter)
            except BaseException:
                self._in_use.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise translate(error) from error
        self._on_change: Final = on_change
        self._connections: Final = Connections(folder, self._new_user, connections_max, busy_seconds)
        self._writers: Final[dict[UserName, GroupCommit]] = {}
        self._writers_lock: Final = threading.Lock()
        self._upkeep: Final = Upkeep(self._parts, self._connections, self.write)
        self._upkeep_wanted: Final = upkeep
        self._sharing: Final = Sharing(self.accounts, self.read, self.write, self.execute, groups)
        self._specials: Final[Mapping[type, Callable[[Any], Any]]] = {
            ops.ReadRights: self._sharing.read_rights,
            ops.ListShared: self._sharing.list_shared,
            ops.ChangeAcl: self._sharing.change_acl,
            ops.CopyMessages: self._copy_messages,
            ops.OpenMailbox: self._open_mailbox,
            ops.ReadChanges: self._read_changes,
            ops.AppendMessages: self._append_messages,
            ops.ReplaceMessage: self._replace_message,
            ops.StageOctets: lambda operation: self._parts.staging.add(operation.octets, operation.token),
            ops.ReadStaged: lambda operation: self._parts.staging.read(operation.token, operation.offset, operation.octets),
            ops.DiscardStaged: lambda operation: self._parts.staging.discard(operation.token),
            ops.VerifyPassword: self.accounts.verify_password,
            ops.FetchScramVerifier: self.accounts.fetch_scram_verifier,
            ops.ResolveRecipient: self.accounts.resolve_recipient,
        }

    def execute(self, operation: Operation) -> Any:
        """Carry out ``operation`` (``angarium.engine.operations``)."""
        kind = type(operation)
        try:
            if (special := self._specials.get(kind)) is not None:
                return special(operation)
            user = _user_of(operation)
            if (reading := _READS.get(kind)) is not None:
                result = self.read(user, lambda mail: reading(mail, operation))
            else:
                writing = _WRITES[kind]
                result = self.write(user, lambda mail: writing(mail, operation))
        except (sqlite3.Error, OSError) as error:
            raise translate(error) from error
        if kind in _SEARCHES and self._upkeep_wanted:
            self._upkeep.note(user)
        return result

    def is_quick(self, operation: Operation) -> bool:
        """Only looking for changes where there are none is."""
        return (
            type(operation) is ops.ReadChanges
            and operation.stamp != 0
            and self._parts.stamps.read(operation.mailbox) == operation.stamp
        )

    def read(self, user: UserName, work: Callable[[Mail], Any]) -> Any:
        """Do ``work`` in a snapshot of the user's mail."""
        with self._connections.lend(user) as connection:
            connection.execute("BEGIN")
            return work(Mail(connection, user, self._parts))

    def write(self, user: UserName, work: Callable[[Mail], Any]) -> Any:
        """Do ``work`` in a transaction on the user's mail, durably; others may share the transaction."""
        writer = self._writers.get(user)
        if writer is None:
            with self._writers_lock:
                writer = self._writers.setdefault(user, GroupCommit(user, self._parts, self._connections))
        return writer.run(work)

    def catch_up(self, user: UserName, progress: Callable[[int, int], None] | None = None) -> None:
        """Index and purge all there is now of a user, instead of some time later."""
        try:
            self._upkeep.catch_up(user, progress)
        except (sqlite3.Error, OSError) as error:
            raise translate(error) from error

    def close(self) -> None:
        """End the upkeep and close what is open."""
        self._upkeep.close()
        self._connections.close()
        self.accounts.close()
        self._parts.stamps.close()
        self._in_use.close()

    def _announce(self, touched: set[MailboxId]) -> None:
        if self._upkeep_wanted:
            for user in {mailbox.owner for mailbox in touched}:
                self._upkeep.note(user)
        if self._on_change is not None:
            for mailbox in touched:
                self._on_change(mailbox)

    def _new_user(self, connection: sqlite3.Connection, user: UserName) -> None:
        """Give the user of a new database the first mailboxes."""
        connection.execute("BEGIN IMMEDIATE")
        mail = Mail(connection, user, self._parts)
        if connection.execute("SELECT 1 FROM state").fetchone() is None:
            connection.execute("INSERT INTO state VALUES (1, 0, ?)", (mail.now(),))
            mailboxes.make_initial_mailboxes(mail)
        connection.execute("COMMIT")

    def _open_mailbox(self, operation: ops.OpenMailbox) -> ops.OpenedMailbox:
        with self._connections.lend(operation.user) as connection:
            opened = opening.open_mailbox(Mail(connection, operation.user, self._parts), operation)
        if operation.claim_recent and opened.recent_from < opened.uidnext:
            return evolve(opened, recent_from=self._claim(opened.id, opened.uidnext))
        return opened

    def _read_changes(self, operation: ops.ReadChanges) -> ops.Changes | None:
        if self.is_quick(operation):
            return None
        owner = operation.mailbox.owner
        with self._connections.lend(owner) as connection:
            found = changes.read_changes(Mail(connection, owner, self._parts), operation)
        if found is None:
            return None
        result, uidnext = found
        if operation.claim_recent and result.recent_from < uidnext:
            return evolve(result, recent_from=self._claim(operation.mailbox, uidnext))
        return result

    def _claim(self, mailbox: MailboxId, uidnext: int) -> int:
        claimed: int = self.write(mailbox.owner, lambda mail: opening.claim_recent(mail, mailbox.number, uidnext))
        return claimed

    def _copy_messages(self, operation: ops.CopyMessages) -> ops.Copied:
        if operation.source.owner != operation.user or operation.may != "swt":
            return self._sharing.copy(operation)
        copied: ops.Copied = self.write(operation.user, lambda mail: copy.copy_messages(mail, operation))
        return copied

    def _append_messages(self, operation: ops.AppendMessages) -> ops.Appended:
        appended: ops.Appended = self._with_rendered(operation, operation.messages, append.append_messages)
        return appended

    def _replace_message(self, operation: ops.ReplaceMessage) -> ops.Replaced:
        replaced: ops.Replaced = self._with_rendered(operation, (operation.message,), replace.replace_message)
        return replaced

    def _with_rendered(
        self,
        operation: Any,
        messages: tuple[ops.NewMessage, ...],
        work: Callable[[Mail, Any, list[append.Rendered]], Any],
    ) -> Any:
        """Render messages outside the transaction that stores them; their staged literals are used up by it."""
        user = operation.user
        if user not in self._writers:
            with self._connections.lend(user):
                pass  # a database is made before the first blob is (``users.is_bereft``)
        with append.rendering(self._parts, user, messages) as rendered:
            result = self.write(user, lambda mail: work(mail, operation, rendered))
        append.discard_staged(self._parts.staging, messages)
        return result


def _user_of(operation: Any) -> UserName:
    """Say whose mail an operation is about."""
    user: UserName | None = getattr(operation, "user", None)
    return operation.mailbox.owner if user is None else user
