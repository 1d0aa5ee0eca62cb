"""ENVELOPE (RFC 9051 §7.5.2, RFC 3501 §7.4.2)."""

from attrs import frozen

from angarium.engine.mail.addresses import Address, address_list
from angarium.engine.mail.header import Fields
from angarium.engine.mail.nstring import nstring


@frozen
class Envelope:
    """The members in the order of the RFC; encoded-words stay as they are (RFC 2047), text is unfolded."""

    date: bytes | None
    subject: bytes | None
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    in_reply_to: bytes | None
    message_id: bytes | None


def envelope(fields: Fields) -> Envelope:
    """The envelope of a message with these header fields; Sender and Reply-To default to From (RFC 9051 §7.5.2)."""
    get = fields.get
    from_ = _addresses(get(b"from"))
    return Envelope(
        get(b"date"),
        get(b"subject"),
        from_,
        _addresses(get(b"sender")) or from_,
        _addresses(get(b"reply-to")) or from_,
        _addresses(get(b"to")),
        _addresses(get(b"cc")),
        _addresses(get(b"bcc")),
        get(b"in-reply-to"),
        get(b"message-id"),
    )


def render_envelope(value: Envelope) -> bytes:
    """``envelope`` (RFC 9051 §9)."""
    from_ = _render_addresses(value.from_)
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(value.date),
        nstring(value.subject),
        from_,
        from_ if value.sender is value.from_ else _render_addresses(value.sender),
        from_ if value.reply_to is value.from_ else _render_addresses(value.reply_to),
        _render_addresses(value.to),
        _render_addresses(value.cc),
        _render_addresses(value.bcc),
        nstring(value.in_reply_to),
        nstring(value.message_id),
    )


def _addresses(value: bytes | None) -> tuple[Address, ...]:
    return address_list(value) if value else ()


def _render_addresses(addresses: tuple[Address, ...]) -> bytes:
    """``"(" 1*address ")" / nil`` (RFC 9051 §9)."""
    if not addresses:
        return b"NIL"
    return b"(" + b"".join(map(_render_address, addresses)) + b")"


def _render_address(address: Address) -> bytes:
    return b"(%b %b %b %b)" % (
        nstring(address.name),
        nstring(address.route),
        nstring(address.mailbox),
        nstring(address.host),
    )
