"""What goes beyond one user's database: rights on others' mailboxes, finding them, copying between owners (RFC 4314).

An owner's lists lie in the owner's database. The accounts know besides which identifiers an owner has ever named, so that LIST
opens only databases where it may find something, and a question about a user who shares nothing, or does not exist, opens none.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen
from lark import Token

from angarium.engine.acl import applying, settable
from angarium.engine.operations import (
    Appended,
    AppendMessages,
    ChangeAcl,
    Column,
    Copied,
    CopyMessages,
    DiscardStaged,
    FetchMessages,
    LimitReached,
    ListShared,
    MessageRow,
    NewMessage,
    Operation,
    Page,
    ReadContent,
    ReadRights,
    SharedMailbox,
    StageOctets,
    UserName,
)
from angarium.grammar.imap.commands import StagedLiteral
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.grammar.imap.terminals import date_time
from angarium.store.accounts import Accounts
from angarium.store.sqlite.access import change_acl, read_rights, shared_mailboxes
from angarium.store.sqlite.expunge import remove_messages
from angarium.store.sqlite.mail import Mail, require_mailbox

_COLUMNS: Final = Column.FLAGS | Column.INTERNALDATE | Column.SIZE | Column.CONTENT
_IN_MEMORY_OCTETS_MAX: Final = 65_536
_PIECE_OCTETS: Final = 1_048_576
_COPY_OCTETS_MAX: Final = 268_435_456
"""What one copy between owners may come to: it is put together in memory, large messages aside."""

Work = Callable[[UserName, Callable[[Mail], Any]], Any]


@frozen
class Sharing:
    """The operations that look across users; ``groups``: the members of each."""

    accounts: Accounts
    read: Work
    write: Work
    execute: Callable[[Operation], Any]
    groups: Mapping[str, frozenset[str]]

    def read_rights(self, operation: ReadRights) -> str:
        """Carry out ``ReadRights``."""
        groups = self._groups_of(operation.user)
        if operation.user != operation.owner and operation.owner not in self.accounts.sharers(applying(operation.user, groups)):
            return ""
        rights: str = self.read(operation.owner, lambda mail: read_rights(mail, operation, groups))
        return rights

    def list_shared(self, operation: ListShared) -> tuple[SharedMailbox, ...]:
        """Carry out ``ListShared``."""
        user, groups = operation.user, self._groups_of(operation.user)
        found: list[SharedMailbox] = []
        for owner in self.accounts.sharers(applying(user, groups)):
            if owner != user:
                found += self.read(owner, lambda mail: shared_mailboxes(mail, user, groups))
        return tuple(found)

    def change_acl(self, operation: ChangeAcl) -> None:
        """Carry out ``ChangeAcl``. The accounts learn of it first: what they know may be too much, never too little."""
        self.accounts.note_sharer(operation.user, operation.identifier)
        self.write(operation.user, lambda mail: change_acl(mail, operation))

    def _groups_of(self, user: UserName) -> tuple[str, ...]:
        return tuple(name for name, members in self.groups.items() if user in members)

    def copy(self, operation: CopyMessages) -> Copied:
        """Carry out ``CopyMessages`` where two owners are concerned or some flags must stay behind: append, then remove."""
        source = operation.source
        self.read(source.owner, lambda mail: require_mailbox(mail.connection, source.number))
        staged: list[str] = []
        try:
            rows = self._gathered(operation, staged)
            new = tuple(message for _, message in rows)
            appended: Appended = self.execute(AppendMessages(operation.user, operation.name, new))
        except BaseException:
            for token in staged:
                self.execute(DiscardStaged(token))
            raise
        uids = [uid for uid, _ in rows]
        highest: int = self.write(source.owner, lambda mail: _removed(mail, source.number, uids if operation.move else []))
        return Copied(appended.mailbox, appended.uidvalidity, tuple(zip(uids, appended.uids, strict=True)), highest)

    def _gathered(self, operation: CopyMessages, staged: list[str]) -> list[tuple[int, NewMessage]]:
        gathered: list[tuple[int, NewMessage]] = []
        octets = 0
        for row in self._rows(operation):
            octets += row.size
            if octets > _COPY_OCTETS_MAX:
                raise LimitReached("That is too much at a time between two users: copy fewer messages")
            gathered.append((row.uid, self._new(operation, row, staged)))
        return gathered

    def _rows(self, operation: CopyMessages) -> Iterator[MessageRow]:
        wanted = operation.uids
        while wanted.ranges:
            page: Page = self.execute(FetchMessages(operation.source, wanted, _COLUMNS))
            yield from page.rows
            if page.next_uid is None:
                return
            wanted = wanted.intersection(NumberSet(((page.next_uid, 2**32),)))

    def _new(self, operation: CopyMessages, row: MessageRow, staged: list[str]) -> NewMessage:
        flags, moment = settable(row.flags, operation.may), date_time(Token("DATE_TIME", row.internal_date.decode("ascii")))
        if row.content is not None and row.size <= _IN_MEMORY_OCTETS_MAX:
            return NewMessage(row.content, flags, moment)
        token: str | None = None
        for offset in range(0, row.size, _PIECE_OCTETS):
            octets = self.execute(ReadContent(operation.source, row.uid, offset, _PIECE_OCTETS))
            token = self.execute(StageOctets(octets, token))
            if offset == 0:
                staged.append(token)
        assert token is not None
        return NewMessage(StagedLiteral(token, row.size), flags, moment)


def _removed(mail: Mail, number: int, uids: list[int]) -> int:
    """Remove what has been moved; the mod-sequence of the source."""
    remove_messages(mail, number, NumberSet.from_numbers(uids).ranges)
    row = mail.connection.execute("SELECT highest_modseq FROM mailbox WHERE number = ?", (number,)).fetchone()
    highest: int = row[0] if row else 0
    return highest
