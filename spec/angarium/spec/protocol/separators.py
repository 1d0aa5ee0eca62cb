"""Hierarchy separators of other servers (RFC 9051 §5.1.1): a history is told with ours, and theirs in its place."""

from typing import Any, Final

from attrs import evolve, fields_dict

from angarium.engine.operations import SEPARATOR
from angarium.grammar.imap.responses import ListData
from angarium.spec.history import Event, History, Received, Sent

NAMES: Final = ("mailbox", "new_name", "old_name", "reference", "pattern", "patterns", "separator")
"""Fields of commands and responses where a separator may stand."""


def with_our_separator(history: History) -> History:
    """The same history with names as we would write them: the two separators change places, so that no name gets lost."""
    told = (event.response for event in history if isinstance(event, Received))
    separators = (each.separator for each in told if isinstance(each, ListData) and each.separator)
    theirs = next(separators, SEPARATOR)
    return history if theirs == SEPARATOR else tuple(_exchanged(event, theirs) for event in history)


def _exchanged(event: Event, theirs: str) -> Event:
    table = str.maketrans({theirs: SEPARATOR, SEPARATOR: theirs})
    match event:
        case Sent(command=command):
            return evolve(event, command=_translated(command, table))
        case Received(response=response):
            return evolve(event, response=_translated(response, table))
    return event


def _translated(spoken: Any, table: dict[int, str]) -> Any:
    """A command or response with its names in other letters."""
    changed: dict[str, Any] = {}
    for name in NAMES:
        match getattr(spoken, name, None) if name in fields_dict(type(spoken)) else None:
            case str(value):
                changed[name] = value.translate(table)
            case tuple(values) if name == "patterns":
                changed[name] = tuple(each.translate(table) for each in values)
    return evolve(spoken, **changed) if changed else spoken
