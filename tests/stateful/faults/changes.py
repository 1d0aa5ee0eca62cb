"""What faults are made of: ways to change the tables and handlers of the engine, what it says, and what a store does.

Each returns a ``Change``, which puts the fault in by way of ``pytest.MonkeyPatch``, so that it is gone after the test.
"""

import re
from collections.abc import Callable, Generator
from typing import Any

import pytest
from attrs import evolve

from angarium.engine.imap import connection
from angarium.engine.imap.asks import Outcome
from angarium.engine.imap.state import State
from angarium.engine.imap.tables import COMMAND_OF
from angarium.engine.imap.wire import Wire
from angarium.engine.operations import Operation
from angarium.grammar.imap.responses import Condition, Response, ResponseCode
from angarium.spec.model_store import ModelStore
from stateful.faults import judged

Change = Callable[[pytest.MonkeyPatch], None]
Execute = Callable[[Operation], Any]
StoreFault = Callable[[ModelStore, Operation, Execute], Any]
"""Carries out an operation wrongly; the last argument carries it out rightly."""


def both(*changes: Change) -> Change:
    """Several changes that make one fault."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        for change in changes:
            change(patch)

    return apply


def replaced(where: object, name: str, value: object) -> Change:
    """Another function or value in a module or class of the engine."""
    return lambda patch: patch.setattr(where, name, value)


def row(command: type, **columns: object) -> Change:
    """A row of the command table with other columns."""
    return lambda patch: patch.setitem(COMMAND_OF, command, evolve(COMMAND_OF[command], **columns))


def transition(before: State, command: type, condition: Condition, after: State) -> Change:
    """Another state after this outcome."""
    rows = {**connection.TRANSITIONS, (before, command, condition): after}
    return replaced(connection, "TRANSITIONS", rows)


def answers(command: type, change: Callable[[Outcome], Outcome]) -> Change:
    """The tagged response of a command is another."""
    right = COMMAND_OF[command].handler

    def handler(session: Any, value: Any) -> Generator[Any, Any, Outcome]:
        answer = right(session, value)
        return change(answer if isinstance(answer, Outcome) else (yield from answer))

    return row(command, handler=handler)


def writable(command: type) -> Change:
    """A command works as if the mailbox had not been opened by EXAMINE."""
    right = COMMAND_OF[command].handler

    def handler(session: Any, value: Any) -> Generator[Any, Any, Outcome]:
        read_only, session.mailbox.read_only = session.mailbox.read_only, False
        try:
            return (yield from right(session, value))
        finally:
            if session.selected is not None:
                session.mailbox.read_only = read_only

    return row(command, handler=handler)


def obeyed(command: type, change: Callable[[Any], Any]) -> Change:
    """A command is taken for another one of its kind."""
    right = COMMAND_OF[command].handler
    return row(command, handler=lambda session, value: right(session, change(value)))


def without_code(outcome: Outcome) -> Outcome:
    """The tagged response without its code."""
    return evolve(outcome, code=None)


def says(change: Callable[[Any, Response], Response | None]) -> Change:
    """Responses that are values are changed before they are said, or dropped."""
    right = Wire.say

    def say(wire: Wire, response: Response) -> None:
        said = change(wire._session, response)
        if said is not None:
            right(wire, said)

    return replaced(Wire, "say", say)


def unsaid(*kinds: type) -> Change:
    """Responses of these types are never sent."""
    return says(lambda session, response: None if isinstance(response, kinds) else response)


def altered(kind: type, change: Callable[[Any], Any]) -> Change:
    """Responses of one type are changed."""
    return says(lambda session, response: change(response) if isinstance(response, kind) else response)


def recoded(code: object, change: Callable[[Any], Any] | None) -> Change:
    """Untagged responses with this code have other arguments; None: are not sent."""

    def say(session: Any, response: Any) -> Response | None:
        found = getattr(response, "code", None)
        if not isinstance(found, ResponseCode) or found.code is not code:
            return response
        return None if change is None else evolve(response, code=evolve(found, arguments=change(found.arguments)))

    return says(say)


def writes(pattern: bytes, replacement: bytes) -> Change:
    """What is sent is rewritten, line by line: the pattern is a regular expression."""
    right, expression = Wire.write, re.compile(pattern, re.MULTILINE)
    return replaced(Wire, "write", lambda wire, octets: right(wire, expression.sub(replacement, octets)))


def store(fault: StoreFault) -> Change:
    """A store that does something wrongly."""

    class FaultyStore(ModelStore):
        def execute(self, operation: Operation) -> Any:
            return fault(self, operation, super().execute)

    return replaced(judged, "make_store", FaultyStore)


def asked(kind: type, change: Callable[[Any], Any]) -> Change:
    """A store that is asked for something, and does something else."""
    return store(lambda model, operation, execute: execute(change(operation) if isinstance(operation, kind) else operation))


def answered(kind: type, change: Callable[[ModelStore, Any, Any], Any]) -> Change:
    """A store that answers something else, or spoils things after it has answered; given the operation and the result."""

    def fault(model: ModelStore, operation: Operation, execute: Execute) -> Any:
        result = execute(operation)
        return change(model, operation, result) if isinstance(operation, kind) else result

    return store(fault)
