"""Operations carried out on the model, and how a refusal is to be answered (RFC 5530 §3, RFC 9051 §7.1)."""

from collections.abc import Mapping
from typing import Any, Final

from angarium.engine.operations import (
    HasChildren,
    InvalidMailboxName,
    MailboxExists,
    MailboxNotFound,
    MessageNotFound,
    Operation,
    PermissionDenied,
    StoreError,
    TooLarge,
    UnknownEncoding,
)
from angarium.grammar.imap.responses import Code, Condition
from angarium.spec.model.state import World
from angarium.spec.model_store import EXECUTE
from angarium.spec.protocol.answer import Answer, require

REFUSALS: Final[Mapping[type[StoreError], frozenset[Code]]] = {
    MessageNotFound: frozenset({Code.NONEXISTENT, Code.EXPUNGEISSUED}),
    MailboxNotFound: frozenset({Code.NONEXISTENT}),
    MailboxExists: frozenset({Code.ALREADYEXISTS}),
    HasChildren: frozenset({Code.HASCHILDREN}),
    InvalidMailboxName: frozenset({Code.CANNOT}),
    PermissionDenied: frozenset({Code.NOPERM, Code.CANNOT}),
    TooLarge: frozenset({Code.TOOBIG}),
    UnknownEncoding: frozenset({Code.UNKNOWN_CTE}),
}
"""Which code may say why the answer is NO."""

MISSING_TARGET: Final = frozenset({Code.TRYCREATE})
"""A target of APPEND, COPY or MOVE that could be created MUST be told as TRYCREATE (RFC 9051 §6.3.12)."""


def attempt(world: World, operation: Operation) -> Any:
    """Carry out an operation on the model; a refusal comes back as the value."""
    try:
        return EXECUTE[type(operation)](world, operation)
    except StoreError as refusal:
        return refusal


def expect_outcome(answer: Answer, outcome: Any, codes: frozenset[Code] | None = None) -> bool:
    """Demand OK where the model did it, NO with a fitting code where it refused; say whether it did it."""
    if not isinstance(outcome, StoreError):
        answer.expect(Condition.OK, rule="RFC 9051 §7.1.1: possible, so OK")
        return True
    answer.expect(Condition.NO, rule="RFC 9051 §7.1.2: impossible, so NO", because=type(outcome).__name__)
    allowed = codes or REFUSALS[type(outcome)]
    silent = answer.codes_optional and answer.code is None and codes is not MISSING_TARGET
    require(answer.code in allowed or silent, "RFC 5530 §3: the code says why", type(outcome).__name__, answer.tagged)
    return False
