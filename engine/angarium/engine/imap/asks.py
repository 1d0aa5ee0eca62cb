"""What the handler of a command yields, and what it returns.

A handler is a generator function ``(session, command)``. It yields what it asks of the connection and gets an answer back:

| yielded | sent back |
|---|---|
| an ``Operation`` | its result; a ``StoreError`` is raised where the handler stands |
| a ``Response`` or ``Octets`` | ``None``; it goes out before the tagged response |
| ``NextLine`` | the next line from the client (AUTHENTICATE, IDLE), or why there is none |
| ``BeginTls`` | ``None`` once TLS is up |
| ``BeginCompression``, ``EndCompression`` | ``None`` once it has begun or ended |

and returns an ``Outcome``, from which the connection makes the tagged response. ``Refused`` ends a handler from deeper down.
A handler that asks nothing is a plain function that returns its ``Outcome``.
"""

from collections.abc import Generator
from typing import Any, Final, TypeVar, get_args

from attrs import frozen

from angarium.engine.operations import MailboxId, Operation
from angarium.grammar.imap.responses import Code, Condition, Response, ResponseCode


@frozen
class Octets:
    """Responses rendered already: FETCH and other answers of many lines."""

    octets: bytes


@frozen
class NextLine:
    """Wait for a line that is no command (RFC 9051 §6.2.2, §6.3.13).

    With ``poll_seconds`` waiting ends after that time with ``NothingCame``; with ``watch`` it ends when that mailbox changes.
    """

    poll_seconds: float | None = None
    watch: MailboxId | None = None


@frozen
class NothingCame:
    """The wait of ``NextLine`` ended without a line: ``woken`` where the watched mailbox may have changed."""

    woken: bool


@frozen
class BeginTls:
    """Send what is due, forget what has been received, start TLS (RFC 9051 §6.2.1)."""


@frozen
class BeginCompression:
    """Send what is due and ``outcome``, then compress (RFC 4978 §3)."""

    outcome: "Outcome"


@frozen
class EndCompression:
    """Send what is due and ``outcome`` as the last that is compressed (RFC 8437 §4.1)."""

    outcome: "Outcome"


Ask = Operation | Response | Octets | NextLine | BeginTls | BeginCompression | EndCompression

T = TypeVar("T")
Asking = Generator[Ask, Any, T]
"""A piece of a handler."""

OPERATIONS: Final = frozenset(get_args(Operation))


@frozen
class Outcome:
    """The tagged response, but for the tag (RFC 9051 §7.1)."""

    condition: Condition
    text: str
    code: ResponseCode | None = None


class Refused(Exception):
    """Ends a command with ``outcome``."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome: Final = outcome


def ok(text: str, code: Code | None = None, *arguments: object) -> Outcome:
    """Answer OK (RFC 9051 §7.1.1)."""
    return Outcome(Condition.OK, text, ResponseCode(code, arguments) if code else None)


def no(text: str, code: Code | None = None, *arguments: object) -> Outcome:
    """Answer NO (RFC 9051 §7.1.2)."""
    return Outcome(Condition.NO, text, ResponseCode(code, arguments) if code else None)


def bad(text: str, code: Code | None = None) -> Outcome:
    """Answer BAD (RFC 9051 §7.1.3)."""
    return Outcome(Condition.BAD, text, ResponseCode(code) if code else None)
