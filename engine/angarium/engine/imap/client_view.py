"""What a client knows of the mailbox it has selected, kept up to date by the server's untagged data (RFC 9051 §5.2, §7.4).

Sequence numbers are positions: EXISTS adds at the end, EXPUNGE takes one out and moves the rest down, VANISHED takes
messages out by UID (RFC 7162 §3.2.10). A UID is known once a FETCH response has told it; until then it is ``None``.
"""

from attrs import Factory, define

from angarium.grammar.imap.responses import (
    Code,
    Exists,
    Expunged,
    FetchData,
    FlagsData,
    Recent,
    Response,
    ResponseCode,
    Uid,
    Untagged,
    Vanished,
)
from angarium.grammar.imap.sequence_set import NumberSet


class ServerMisbehaved(Exception):
    """The server has said what the RFC forbids, or more than the limits allow; nothing on this connection can be trusted now."""


@define
class MailboxView:
    """The selected mailbox as the server has described it so far (RFC 9051 §6.3.2)."""

    mailbox: str
    read_only: bool = False
    uids: list[int | None] = Factory(list)
    recent: int = 0
    uidvalidity: int | None = None
    uidnext: int | None = None
    highest_modseq: int | None = None
    flags: tuple[bytes, ...] = ()
    permanent_flags: tuple[bytes, ...] | None = None

    @property
    def exists(self) -> int:
        """How many messages there are."""
        return len(self.uids)

    def apply(self, response: Response) -> None:
        """Take in one response; those that say nothing of a mailbox change nothing."""
        match response:
            case Exists(messages):
                self._exists(messages)
            case Expunged(number):
                self._check(number, "EXPUNGE")
                del self.uids[number - 1]
            case Vanished(uids, earlier=False):
                self._vanished(uids)
            case FetchData(number, items):
                self._check(number, "FETCH")
                for item in items:
                    if isinstance(item, Uid):
                        self._learn(number, item.uid)
            case Recent(messages):
                self.recent = messages
            case FlagsData(flags):
                self.flags = flags
            case Untagged(code=ResponseCode() as code):
                self.apply_code(code)

    def apply_code(self, code: ResponseCode) -> None:
        """Take in a response code of SELECT, untagged or tagged (RFC 9051 §7.1)."""
        match code:
            case ResponseCode(Code.UIDVALIDITY, (int() as number,)):
                self.uidvalidity = number
            case ResponseCode(Code.UIDNEXT, (int() as number,)):
                self.uidnext = number
            case ResponseCode(Code.HIGHESTMODSEQ, (int() as number,)):
                self.highest_modseq = number
            case ResponseCode(Code.NOMODSEQ):
                self.highest_modseq = None
            case ResponseCode(Code.PERMANENTFLAGS, flags):
                self.permanent_flags = tuple(flag for flag in flags if isinstance(flag, bytes))
            case ResponseCode(Code.READ_ONLY):
                self.read_only = True
            case ResponseCode(Code.READ_WRITE):
                self.read_only = False

    def _exists(self, messages: int) -> None:
        if messages < self.exists:
            raise ServerMisbehaved(f"EXISTS fell from {self.exists} to {messages} without EXPUNGE")
        self.uids.extend([None] * (messages - self.exists))

    def _check(self, number: int, what: str) -> None:
        if not 1 <= number <= self.exists:
            raise ServerMisbehaved(f"{what} of message {number}, and there are {self.exists}")

    def _learn(self, number: int, uid: int) -> None:
        known = self.uids[number - 1]
        if known is not None and known != uid:
            raise ServerMisbehaved(f"message {number} had UID {known} and now has {uid}")
        self.uids[number - 1] = uid

    def _vanished(self, uids: NumberSet) -> None:
        """Remove by UID; where some positions are unknown, only the count stays certain."""
        left = [uid for uid in self.uids if uid is None or uid not in uids]
        missed = len(uids) - (self.exists - len(left))
        if missed > left.count(None):
            raise ServerMisbehaved(f"VANISHED of {len(uids)} messages, more than are left")
        self.uids = left if not missed else [None] * (len(left) - missed)
