"""What SORT sorts by, and what a thread is (RFC 5256 §3, §4)."""

from enum import Enum

from attrs import frozen


class SortKey(Enum):
    """``sort-key`` (RFC 5256 §3, BASE.6.4.SORT; RFC 5957 §4)."""

    ARRIVAL = b"ARRIVAL"
    CC = b"CC"
    DATE = b"DATE"
    FROM = b"FROM"
    SIZE = b"SIZE"
    SUBJECT = b"SUBJECT"
    TO = b"TO"
    DISPLAYFROM = b"DISPLAYFROM"
    DISPLAYTO = b"DISPLAYTO"


@frozen
class SortCriterion:
    """``sort-criterion``: a key, in descending order with ``reverse`` (RFC 5256 §3)."""

    key: SortKey
    reverse: bool = False


class ThreadAlgorithm(Enum):
    """``thread-alg`` (RFC 5256 §3, BASE.6.4.THREAD).

    REFS was proposed after the RFC and never became one: REFERENCES without regard to subjects, the thread with the newest
    message last, whatever the message's age when it was sent.
    """

    ORDEREDSUBJECT = b"ORDEREDSUBJECT"
    REFERENCES = b"REFERENCES"
    REFS = b"REFS"


ThreadMembers = tuple[tuple[int, int | None], ...]
"""Threads, one after the other, each member before those that answer it: how many ancestors it has there, and its number.

The number is ``None`` for a parent that is not among the messages found. Kept flat, since threads nest without limit
(RFC 5256 §4, BASE.7.2.THREAD).
"""
