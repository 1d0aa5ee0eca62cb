"""What IMAP answers to each refusal or failure of the store (RFC 5530 §3, RFC 9051 §7.1). Nobody else chooses these codes."""

from typing import Final

from attrs import frozen

from angarium.engine.imap.asks import Outcome
from angarium.engine.operations import (
    AuthenticationFailed,
    HasChildren,
    InvalidMailboxName,
    LimitReached,
    MailboxExists,
    MailboxNotFound,
    MessageNotFound,
    OverQuota,
    PermissionDenied,
    RecipientUnknown,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    TooLarge,
    UnknownEncoding,
)
from angarium.grammar.imap.commands import Append, Command, Copy, Move, Replace
from angarium.grammar.imap.responses import Code, Condition, ResponseCode


@frozen
class Answer:
    """A row of ``ANSWERS``; ``text`` serves where the error has none."""

    code: Code
    text: str


ANSWERS: Final[dict[type[StoreError], Answer]] = {
    AuthenticationFailed: Answer(Code.AUTHENTICATIONFAILED, "wrong user name or password"),
    MessageNotFound: Answer(Code.NONEXISTENT, "no such message"),
    MailboxNotFound: Answer(Code.NONEXISTENT, "no such mailbox"),
    MailboxExists: Answer(Code.ALREADYEXISTS, "the mailbox exists already"),
    HasChildren: Answer(Code.HASCHILDREN, "the mailbox has children"),
    InvalidMailboxName: Answer(Code.CANNOT, "no mailbox may have this name"),
    PermissionDenied: Answer(Code.NOPERM, "not allowed"),
    OverQuota: Answer(Code.OVERQUOTA, "no room left"),
    TooLarge: Answer(Code.TOOBIG, "the message is too large"),
    UnknownEncoding: Answer(Code.UNKNOWN_CTE, "there is NUL where no transfer encoding could carry it"),
    LimitReached: Answer(Code.LIMIT, "a limit has been reached"),
    RecipientUnknown: Answer(Code.NONEXISTENT, "no such recipient"),
    StoreBusy: Answer(Code.INUSE, "busy, try again"),
    StoreUnavailable: Answer(Code.UNAVAILABLE, "the mail store is not available"),
    StoreError: Answer(Code.UNAVAILABLE, "the mail store failed"),
}

NEEDS_TARGET: Final = (Append, Copy, Move, Replace)
"""Commands whose missing mailbox the client may create and try again (RFC 9051 §6.3.12, §6.4.7)."""


def outcome_of(error: StoreError, command: Command) -> Outcome:
    """Make the tagged NO for an error that ended a command (RFC 9051 §7.1.2)."""
    row = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    create_first = isinstance(error, MailboxNotFound) and isinstance(command, NEEDS_TARGET)
    code = Code.TRYCREATE if create_first else row.code
    return Outcome(Condition.NO, str(error) or row.text, ResponseCode(code))
