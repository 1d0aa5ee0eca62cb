"""SORT and THREAD (RFC 5256): what a search finds, by the keys that were stored with each content at delivery.

SQLite compares text octet by octet, and so does i;unicode-casemap once the text is folded (RFC 5051 §2), as these keys are.
"""

from typing import Final

from angarium.engine.mail import display
from angarium.engine.mail.display import display_key
from angarium.engine.mail.threads import ThreadKeys, thread
from angarium.engine.operations import SearchMessages, Sorted, SortMessages, ThreadMessages, Threads
from angarium.grammar.imap.sorting import SortCriterion, SortKey
from angarium.store.sqlite.append import storable
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.search import matching_rows

_SENT: Final = "ifnull(content.sent_utc, message.internal_utc)"
_COLUMNS: Final = {
    SortKey.ARRIVAL: "message.internal_utc",
    SortKey.CC: "content.cc_key",
    SortKey.DISPLAYFROM: f"display_key(content.envelope, {display.FROM})",
    SortKey.DISPLAYTO: f"display_key(content.envelope, {display.TO})",
    SortKey.DATE: _SENT,
    SortKey.FROM: "content.from_key",
    SortKey.SIZE: "message.octets",
    SortKey.SUBJECT: "content.subject_key",
    SortKey.TO: "content.to_key",
}
_THREAD_COLUMNS: Final = f"{_SENT}, message.internal_utc, content.subject_key, content.is_reply, content.message_id, content.refs"


def sort_messages(mail: Mail, operation: SortMessages) -> Sorted:
    """Carry out ``SortMessages``."""
    mail.connection.create_function("display_key", 2, _storable_display_key, deterministic=True)
    search = SearchMessages(operation.mailbox, operation.key, operation.within)
    order = ", ".join([*map(_term, operation.criteria), "message.key"])
    rows = matching_rows(mail, search, "message.modseq", order)
    highest = max((modseq for _, modseq in rows), default=0) if operation.want_modseq else 0
    return Sorted(tuple([uid for uid, _ in rows]), highest)


def _term(criterion: SortCriterion) -> str:
    return _COLUMNS[criterion.key] + (" DESC" if criterion.reverse else "")


def thread_messages(mail: Mail, operation: ThreadMessages) -> Threads:
    """Carry out ``ThreadMessages``."""
    search = SearchMessages(operation.mailbox, operation.key, operation.within)
    rows = matching_rows(mail, search, _THREAD_COLUMNS, "message.key")
    return Threads(thread(operation.algorithm, [_thread_keys(*row) for row in rows]))


def _storable_display_key(envelope: bytes, place: int) -> str:
    return storable(display_key(envelope, place))


def _thread_keys(uid: int, sent: int, received: int, subject: str, is_reply: int, message_id: str, references: str) -> ThreadKeys:
    return ThreadKeys(uid, sent, received, subject, bool(is_reply), message_id, references.split(" ") if references else ())
