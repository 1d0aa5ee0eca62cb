"""``msg-att``: the items of a FETCH response as octets (RFC 9051 §7.5.2)."""

from collections.abc import Callable
from typing import Any, Final

from angarium.grammar.imap import responses
from angarium.grammar.imap.render_body import render_body, render_envelope
from angarium.grammar.imap.render_values import (
    render_date_time,
    render_flags,
    render_literal,
    render_nstring,
    render_section,
    render_section_part,
)
from angarium.grammar.imap.responses import FetchData, FetchDatum, Prerendered, UidFetchData


def render_fetch(response: FetchData) -> bytes:
    """``message-data`` with FETCH, without the ``*`` and the CRLF (RFC 9051 §7.5.2)."""
    return b"%d FETCH (%b)" % (response.sequence_number, _items(response.items))


def render_uid_fetch(response: UidFetchData) -> bytes:
    """``uidfetch-resp``, without the ``*`` and the CRLF (RFC 9586 §3.3)."""
    return b"%d UIDFETCH (%b)" % (response.uid, _items(response.items))


def _items(items: tuple[FetchDatum, ...]) -> bytes:
    return b" ".join([_ITEMS[type(item)](item) for item in items])


def _uid(item: responses.Uid) -> bytes:
    return b"UID %d" % item.uid


def _flags(item: responses.Flags) -> bytes:
    return b"FLAGS " + render_flags(item.flags)


def _internal_date(item: responses.InternalDate) -> bytes:
    return b"INTERNALDATE " + render_date_time(item.date_time)


def _size(item: responses.Size) -> bytes:
    return b"RFC822.SIZE %d" % item.octets


def _mod_sequence(item: responses.ModSequence) -> bytes:
    return b"MODSEQ (%d)" % item.mod_sequence


def _email_id(item: responses.EmailId) -> bytes:
    return b"EMAILID (%b)" % item.object_id


def _thread_id(item: responses.ThreadId) -> bytes:
    return b"THREADID NIL" if item.object_id is None else b"THREADID (%b)" % item.object_id


def _save_date(item: responses.SaveDate) -> bytes:
    return b"SAVEDATE " + (b"NIL" if item.date_time is None else render_date_time(item.date_time))


def _preview(item: responses.Preview) -> bytes:
    return b"PREVIEW " + render_nstring(item.text)


def _envelope(item: responses.EnvelopeItem) -> bytes:
    envelope = item.envelope
    return b"ENVELOPE " + (envelope.octets if isinstance(envelope, Prerendered) else render_envelope(envelope))


def _body(item: responses.BodyItem) -> bytes:
    body = item.structure
    octets = body.octets if isinstance(body, Prerendered) else render_body(body, item.extensible)
    return (b"BODYSTRUCTURE " if item.extensible else b"BODY ") + octets


def _content(octets: bytes | None) -> bytes:
    # Always a literal, even where quoted would do: that is what clients have met from every server.
    return b"NIL" if octets is None else render_literal(octets)


def _origin(origin: int | None) -> bytes:
    return b" " if origin is None else b"<%d> " % origin


def _body_section(item: responses.BodySection) -> bytes:
    return b"BODY" + render_section(item.section) + _origin(item.origin) + _content(item.octets)


def _rfc822(item: responses.Rfc822) -> bytes:
    return item.item.value + b" " + _content(item.octets)


def _binary_section(item: responses.BinarySection) -> bytes:
    tilde = b"~" if item.octets is not None and b"\0" in item.octets else b""
    return b"BINARY[" + render_section_part(item.part) + b"]" + _origin(item.origin) + tilde + _content(item.octets)


def _binary_size(item: responses.BinarySize) -> bytes:
    return b"BINARY.SIZE[%b] %d" % (render_section_part(item.part), item.octets)


_ITEMS: Final[dict[type[FetchDatum], Callable[[Any], bytes]]] = {
    responses.Uid: _uid,
    responses.Flags: _flags,
    responses.InternalDate: _internal_date,
    responses.Size: _size,
    responses.ModSequence: _mod_sequence,
    responses.EmailId: _email_id,
    responses.ThreadId: _thread_id,
    responses.SaveDate: _save_date,
    responses.Preview: _preview,
    responses.EnvelopeItem: _envelope,
    responses.BodyItem: _body,
    responses.BodySection: _body_section,
    responses.Rfc822: _rfc822,
    responses.BinarySection: _binary_section,
    responses.BinarySize: _binary_size,
}
