"""Everything about a message that is computed once, when it arrives (RFC 9051 §6.4.5, RFC 5256, RFC 8970)."""

from attrs import frozen

from angarium.engine.mail.bodystructure import render_structure
from angarium.engine.mail.envelope import envelope, render_envelope
from angarium.engine.mail.header import Octets
from angarium.engine.mail.partmap import dump
from angarium.engine.mail.preview import preview
from angarium.engine.mail.sortkeys import sort_keys
from angarium.engine.mail.structure import parse_message


@frozen
class Prerendered:
    """The static data items of a message, as octets of a response, and its sort and thread keys.

    ``header_octets`` is the length of the header block with the empty line that ends it; ``partmap`` is for
    ``partmap.load``. The keys are explained in ``sortkeys.SortKeys``.
    """

    size: int
    header_octets: int
    envelope: bytes
    body: bytes
    bodystructure: bytes
    partmap: bytes
    subject_key: str
    is_reply: bool
    from_key: str
    to_key: str
    cc_key: str
    sent_utc: int | None
    sent_date: str | None
    message_id: str
    references: tuple[str, ...]
    preview: str


def prerender(octets: Octets) -> Prerendered:
    """Look at a message once, of whatever quality it is; never fails."""
    message = parse_message(octets)
    message_envelope = envelope(message.fields)
    structure = render_structure(message)
    keys = sort_keys(message.fields, message_envelope)
    return Prerendered(
        size=message.end,
        header_octets=message.body,
        envelope=render_envelope(message_envelope),
        body=structure.body,
        bodystructure=structure.bodystructure,
        partmap=dump(message),
        subject_key=keys.subject_key,
        is_reply=keys.is_reply,
        from_key=keys.from_key,
        to_key=keys.to_key,
        cc_key=keys.cc_key,
        sent_utc=keys.sent_utc,
        sent_date=keys.sent_date,
        message_id=keys.message_id,
        references=keys.references,
        preview=preview(octets, message),
    )
