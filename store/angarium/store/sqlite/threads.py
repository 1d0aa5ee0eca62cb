"""Threads (RFC 8474 §5.2): a message joins the one that its references or its own id are known to belong to.

The table ``thread`` remembers every message id met, so that a THREADID does not depend on what else is still there, and stays.
"""

import sqlite3
from typing import Final

from angarium.engine.mail.object_ids import thread_id

_NAMES_MAX: Final = 500
"""Parameters of one statement."""


def join_thread(connection: sqlite3.Connection, references: tuple[str, ...], message_id: str, digest: bytes) -> str:
    """Give the thread of a message that is being added, and remember the ids it names as belonging there."""
    names = [name for name in (*references, message_id) if name]
    known: dict[str, str] = {}
    for some in (names[at : at + _NAMES_MAX] for at in range(0, len(names), _NAMES_MAX)):
        places = ", ".join("?" * len(some))
        known.update(connection.execute(f"SELECT message_id, thread_id FROM thread WHERE message_id IN ({places})", some))
    found = thread_id(references, message_id, digest, known)
    new = [(name, found) for name in dict.fromkeys(names) if name not in known]
    if new:
        connection.executemany("INSERT INTO thread VALUES (?, ?)", new)
    return found
