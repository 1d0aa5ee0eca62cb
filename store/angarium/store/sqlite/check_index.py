"""Check of the search index: that it holds exactly the texts of the contents below its mark."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from angarium.store.sqlite.append import storable
from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.index import (
    CONTENT_SQL,
    both,
    discard_index,
    indexed_through,
    is_indexable,
    match_all,
    open_index,
    texts_of,
)
from angarium.store.sqlite.mail import Mail


def check_index(mail: Mail, repair: bool, path: Path) -> Iterator[Finding]:
    """Compare the index with the messages. The repair is to throw it away: it makes itself again."""
    if not path.exists():
        return
    try:
        with closing(open_index(path, renew=False)) as index:
            wrong = _first_wrong(mail, index)
    except sqlite3.DatabaseError as error:
        wrong = f"the search index is damaged ({error})"
    if wrong is not None:
        if repair:
            discard_index(path)
        yield Finding(mail.user, None, None, wrong, "thrown away, it will be made again" if repair else None)


def _first_wrong(mail: Mail, index: sqlite3.Connection) -> str | None:
    index.execute("BEGIN")
    if (answer := index.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
        return f"the search index is damaged ({answer})"
    mark = indexed_through(index)
    if mark > mail.connection.execute("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'content'").fetchone()[0]:
        return "the search index is newer than the mail"
    unindexed = {number for (number,) in index.execute("SELECT content FROM unindexed")}
    for row in mail.connection.execute(f"{CONTENT_SQL} WHERE content.number <= ? ORDER BY content.number", (mark,)):
        number, header, texts = row[0], *texts_of(row[1:], mail.parts.blobs(mail.user))
        expected = (storable(texts.headers).encode(), storable(texts.body).encode()) if is_indexable(header, texts) else None
        kept = index.execute("SELECT headers, body FROM text WHERE content = ?", (number,)).fetchone()
        if kept != expected or (kept is None) != (number in unindexed):
            return f"the search index has another text of content {number}"
        if kept is not None and not match_all(index, number, both(*kept)):
            return f"the search index would not find content {number}"
    return None
