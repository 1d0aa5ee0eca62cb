"""What SORT and THREAD compare (RFC 5256 §2, §3)."""

from attrs import frozen

from angarium.engine.mail.addresses import Address
from angarium.engine.mail.charset import decode_words, fold
from angarium.engine.mail.dates import sent_date
from angarium.engine.mail.envelope import Envelope
from angarium.engine.mail.header import Fields
from angarium.engine.mail.message_ids import message_id, references
from angarium.engine.mail.subjects import base_subject


@frozen
class SortKeys:
    """Keys that compare as plain strings and numbers.

    ``sent_utc`` and ``sent_date`` are None without a usable Date field: the internal date takes their place (RFC 5256 §2.2).
    ``is_reply``: the subject says that the message is a reply or forward.
    """

    subject_key: str
    is_reply: bool
    from_key: str
    to_key: str
    cc_key: str
    sent_utc: int | None
    sent_date: str | None
    message_id: str
    references: tuple[str, ...]


def sort_keys(fields: Fields, envelope: Envelope) -> SortKeys:
    """The keys of a message with these header fields (RFC 5256 §2, §3)."""
    subject = base_subject(decode_words(envelope.subject or b""))
    sent = sent_date(envelope.date) if envelope.date else None
    return SortKeys(
        fold(subject.text),
        subject.is_reply,
        address_key(envelope.from_),
        address_key(envelope.to),
        address_key(envelope.cc),
        sent.utc if sent else None,
        sent.day if sent else None,
        message_id(fields),
        references(fields),
    )


def address_key(addresses: tuple[Address, ...]) -> str:
    """The mailbox of the first address (RFC 5256 §3 SORT, ``CC``, ``FROM``, ``TO``)."""
    return fold(decode_words(addresses[0].mailbox or b"")) if addresses else ""
