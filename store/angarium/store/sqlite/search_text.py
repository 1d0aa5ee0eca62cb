"""SEARCH keys that look at text (RFC 9051 §6.4.4): which contents in a scope have a string.

Indexed contents: those with all of the string's trigrams, found by the index, then verified. A string shorter than a trigram
is looked for in the stored texts. What is not indexed (yet) is decoded and looked at here. All three give the same
answer as a look at every message, which is what the tests compare with.
"""

import sqlite3
from typing import Final

from attrs import frozen

from angarium.engine.mail.charset import fold
from angarium.engine.mail.searchtext import header_values
from angarium.grammar.imap.search_keys import BodyContains, HeaderContains, TextContains
from angarium.store.sqlite.append import storable
from angarium.store.sqlite.blobs import Blobs
from angarium.store.sqlite.index import CONTENT_SQL, indexed_through, is_word, match_expression, some_trigrams, texts_of

TextKey = BodyContains | TextContains | HeaderContains

_TRIGRAMS_MAX: Final = 16
_MANY: Final = 100
"""So many candidates that it is worth looking first which of them need no verifying."""

_TEXTS: Final = {BodyContains: "text.body", TextContains: "text.headers, text.body", HeaderContains: "text.headers"}


@frozen
class Scope:
    """Which messages are looked at: a condition on ``message`` and perhaps ``content``, with its parameters."""

    sql: str
    parameters: tuple[object, ...]

    def messages(self, wanted: str = "") -> str:
        """Write what follows FROM, where ``wanted`` is asked for besides."""
        with_content = "content." in self.sql or "content." in wanted
        joined = "message JOIN content ON content.number = message.content" if with_content else "message"
        return f"{joined} WHERE {self.sql}"


def contents_with(connection: sqlite3.Connection, blobs: Blobs, key: TextKey, scope: Scope) -> list[int]:
    """Find the contents of messages in ``scope`` that ``key`` describes; the index is attached to the connection."""
    needle = storable(fold(key.text.decode("utf-8", "replace")))
    if not needle and not isinstance(key, HeaderContains):
        return [number for (number,) in connection.execute(f"SELECT message.content FROM {scope.messages()}", scope.parameters)]
    mark = indexed_through(connection)
    found = _indexed(connection, key, needle, scope, mark)
    if isinstance(key, HeaderContains):
        found = _with_field(connection, blobs, key.field, needle, found)
    return found + _scanned(connection, blobs, key, needle, scope, mark)


def _indexed(connection: sqlite3.Connection, key: TextKey, needle: str, scope: Scope, mark: int) -> list[int]:
    """Ask the index, and verify where needed. Verifying here takes a quarter of the time that ``instr`` takes in SQL.

    A text that has a field's value has the field's name too.
    """
    strings = [needle, fold(key.field.decode("ascii", "replace"))] if isinstance(key, HeaderContains) else [needle]
    if trigrams := [trigram for string in strings for trigram in some_trigrams(string, _TRIGRAMS_MAX)]:
        candidates = "message.content IN (SELECT rowid FROM search.trigrams WHERE trigrams MATCH ?)"
        extra: object = match_expression(trigrams)
    else:
        candidates, extra = "message.content <= ?", mark
    sql = f"SELECT DISTINCT message.content FROM {scope.messages()} AND {candidates}"
    found = [number for (number,) in connection.execute(sql, (*scope.parameters, extra))]
    sure = _with_word(connection, key, needle) if len(found) >= _MANY else frozenset()
    rows = connection.execute(
        f"SELECT text.content, {_TEXTS[type(key)]} FROM search.text WHERE text.content IN (SELECT value FROM json_each(?))",
        (str([number for number in found if number not in sure]),),
    )
    wanted = [string.encode() for string in strings]
    verified = [number for number, *texts in rows if any(all(each in text for each in wanted) for text in texts)]
    return [number for number in found if number in sure] + verified


def _with_word(connection: sqlite3.Connection, key: TextKey, needle: str) -> frozenset[int]:
    """Find contents that have the string as a word by itself: those need no verifying. Of other strings there are none."""
    if isinstance(key, HeaderContains) or not is_word(needle):
        return frozenset()
    column = "body : " if isinstance(key, BodyContains) else ""
    rows = connection.execute("SELECT rowid FROM search.words WHERE words MATCH ?", (f'{column}"{needle}"',))
    return frozenset(number for (number,) in rows)


def _with_field(connection: sqlite3.Connection, blobs: Blobs, field: bytes, needle: str, numbers: list[int]) -> list[int]:
    """Keep the contents that have the string in that very field; the text of the header does not tell where fields end."""
    kept = []
    for number in dict.fromkeys(numbers):
        row = connection.execute(
            "SELECT octets.header, content.digest, content.header_octets FROM octets"
            " JOIN content ON content.number = octets.content WHERE octets.content = ?",
            (number,),
        ).fetchone()
        header = blobs.read(row[1], 0, row[2]) if row[0] is None else row[0]
        if _field_has(header, field, needle):
            kept.append(number)
    return kept


def _field_has(header: bytes, field: bytes, needle: str) -> bool:
    return any(needle in storable(fold(value)) for value in header_values(header, field))


def _scanned(connection: sqlite3.Connection, blobs: Blobs, key: TextKey, needle: str, scope: Scope, mark: int) -> list[int]:
    numbers = connection.execute(
        f"SELECT DISTINCT message.content FROM {scope.messages()}"
        " AND (message.content > ? OR message.content IN (SELECT content FROM search.unindexed))",
        (*scope.parameters, mark),
    ).fetchall()
    found = []
    for (number,) in numbers:
        _, *row = connection.execute(f"{CONTENT_SQL} WHERE content.number = ?", (number,)).fetchone()
        if _has(key, needle, tuple(row), blobs):
            found.append(number)
    return found


def _has(key: TextKey, needle: str, row: tuple[bytes | None, bytes | None, bytes, int], blobs: Blobs) -> bool:
    """Look at one content as it is (RFC 9051 §6.4.4)."""
    if isinstance(key, HeaderContains):
        header = blobs.read(row[2], 0, row[3]) if row[0] is None else row[0]
        return _field_has(header, key.field, needle)
    _, texts = texts_of(row, blobs)
    if needle in storable(texts.body):
        return True
    return isinstance(key, TextContains) and needle in storable(texts.headers)
