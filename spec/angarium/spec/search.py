"""What SEARCH finds, word by word as the RFC says it (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 7162 §3.1.5 and extensions).

One message against one key, no index and no shortcut: this is the meaning against which a store's search is measured.
Text is compared decoded, without regard to case, as a substring (RFC 9051 §6.4.4, RFC 5051).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol

from angarium.engine.mail.charset import fold
from angarium.engine.mail.prerender import prerender
from angarium.engine.mail.searchtext import header_values, search_texts
from angarium.engine.mail.structure import parse_message
from angarium.grammar.imap.search_keys import (
    All,
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    EmailIdIs,
    HasFlag,
    HeaderContains,
    Larger,
    ModSequenceSince,
    Not,
    Older,
    Or,
    SaveDateSupported,
    SearchKey,
    SequenceIs,
    Smaller,
    TextContains,
    ThreadIdIs,
    UidIs,
    Younger,
)


class Searchable(Protocol):
    """What SEARCH looks at in a message."""

    @property
    def uid(self) -> int:
        """Its UID."""

    @property
    def modseq(self) -> int:
        """Its mod-sequence."""

    @property
    def internal_date(self) -> datetime:
        """When it was received."""

    @property
    def content(self) -> bytes:
        """The whole of it."""

    @property
    def email_id(self) -> bytes:
        """Its EMAILID."""

    @property
    def thread_id(self) -> str:
        """Its THREADID."""

    @property
    def saved(self) -> datetime | None:
        """When it came into its mailbox, None where that is not known."""

    def has(self, flag: bytes) -> bool:
        """Say whether ``flag`` is set."""


def matches(key: SearchKey, message: Searchable, now: datetime | None = None) -> bool:
    """Say whether the message is one that ``key`` describes; some keys ask what time it is (RFC 9051 §6.4.4, RFC 5032 §2)."""
    match key:
        case All():
            return True
        case Not(inner):
            return not matches(inner, message, now)
        case Or(left, right):
            return matches(left, message, now) or matches(right, message, now)
        case And(keys):
            return all(matches(each, message, now) for each in keys)
        case HasFlag(flag):
            return message.has(flag)
        case Larger(octets):
            return len(message.content) > octets
        case Smaller(octets):
            return len(message.content) < octets
        case UidIs(uids):
            return message.uid in uids.resolve(message.uid)
        case ModSequenceSince(mod_sequence):
            return message.modseq >= mod_sequence
        case EmailIdIs(object_id):
            return message.email_id == object_id
        case ThreadIdIs(object_id):
            return message.thread_id.encode() == object_id
        case SaveDateSupported():
            return message.saved is not None
        case Older(seconds):
            return age_in_seconds(message, now) >= seconds
        case Younger(seconds):
            return age_in_seconds(message, now) <= seconds
        case DateIs(field, test, day):
            return date_matches(message, field, test, day)
        case HeaderContains() | BodyContains() | TextContains():
            return text_matches(key, message.content)
        case SequenceIs():
            raise AssertionError("sequence numbers are a session's; the engine turns them into UIDs")


def age_in_seconds(message: Searchable, now: datetime | None) -> int:
    """How long ago the message was received, to the second (RFC 5032 §2)."""
    assert now is not None, "OLDER and YOUNGER need a clock"
    return round((now.replace(microsecond=0) - message.internal_date.replace(microsecond=0)).total_seconds())


DATE_TESTS: dict[DateTest, Callable[[date, date], bool]] = {
    DateTest.BEFORE: date.__lt__,
    DateTest.ON: date.__eq__,
    DateTest.SINCE: date.__ge__,
}
"""How a message's day compares to the key's (RFC 9051 §6.4.4)."""


def date_matches(message: Searchable, field: DateField, test: DateTest, day: date) -> bool:
    """Compare a date as written, time and zone disregarded; no ``Date:`` matches nothing (RFC 9051 §6.4.4).

    Where there is no save date, the internal date stands for it (RFC 8514 §4.3).
    """
    if field is DateField.SAVED and message.saved is not None:
        return DATE_TESTS[test](message.saved.astimezone(UTC).date(), day)
    if field is not DateField.SENT:
        return DATE_TESTS[test](message.internal_date.date(), day)
    sent = prerender(message.content).sent_date
    return sent is not None and DATE_TESTS[test](date.fromisoformat(sent), day)


def text_matches(key: HeaderContains | BodyContains | TextContains, content: bytes) -> bool:
    """Look for the text where the key says: a field, the body, or header and body (RFC 9051 §6.4.4)."""
    wanted = fold(key.text.decode("utf-8", "replace"))
    part = parse_message(content)
    if isinstance(key, HeaderContains):
        return any(wanted in fold(value) for value in header_values(content[: part.body], key.field))
    texts = search_texts(content, part)
    if isinstance(key, BodyContains):
        return wanted in texts.body
    return wanted in texts.headers or wanted in texts.body
