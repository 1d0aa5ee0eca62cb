"""Which messages of a mailbox a search still has to look at, as SQL that stays small however much was asked.

SQLite's parser has a stack of 100, and it plans a condition in time quadratic in its terms. So a long condition is answered once,
by a list of messages, and the list takes its place.
"""

from sqlite3 import Connection
from typing import Final

from angarium.store.sqlite.search_text import Scope

LISTED: Final = "message.key IN (SELECT value FROM json_each(?))"
_PARAMETERS_MAX: Final = 64


def settled(connection: Connection, scope: Scope) -> Scope:
    """Answer a long condition once and for all, where every key on text would have it answered anew."""
    if len(scope.parameters) < _PARAMETERS_MAX:
        return scope
    return Scope(f"message.key BETWEEN ? AND ? AND {LISTED}", (*scope.parameters[:2], str(message_keys(connection, scope))))


def narrowed(scope: Scope, condition: str, parameters: list[object]) -> Scope:
    """Leave only those messages of a scope that meet a condition."""
    return Scope(f"{scope.sql} AND ({condition})", (*scope.parameters, *parameters))


def message_keys(connection: Connection, scope: Scope) -> list[int]:
    """List the messages of a scope."""
    return [key for (key,) in connection.execute(f"SELECT message.key FROM {scope.messages()}", scope.parameters)]


def is_empty(connection: Connection, scope: Scope) -> bool:
    """Say whether no message is left."""
    return connection.execute(f"SELECT 1 FROM {scope.messages()} LIMIT 1", scope.parameters).fetchone() is None


def balanced(conditions: list[str], operator: str) -> str:
    """Join conditions as a balanced tree, that the stack of the parser grows with the logarithm of their number."""
    if not conditions:
        return "1"
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({balanced(conditions[:half], operator)}) {operator} ({balanced(conditions[half:], operator)})"
