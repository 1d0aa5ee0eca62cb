"""BODY and BODYSTRUCTURE (RFC 9051 §7.5.2, ``body`` in §9)."""

from attrs import frozen

from angarium.engine.mail.charset import extended_in_utf8
from angarium.engine.mail.envelope import envelope, render_envelope
from angarium.engine.mail.media import Parameters
from angarium.engine.mail.nstring import nstring, string
from angarium.engine.mail.structure import Part
from angarium.engine.mail.textual_form import encoded_octets, needs_encoding


@frozen
class RenderedStructure:
    """The same structure without and with extension data."""

    body: bytes
    bodystructure: bytes


def render_structure(part: Part) -> RenderedStructure:
    """``body`` without and with extension data, both at once (RFC 9051 §7.5.2)."""
    if part.children:
        children = [render_structure(child) for child in part.children]
        subtype = string(part.subtype)
        extension = b"%b %b" % (_parameters(part.params), _common_extension(part))
        return RenderedStructure(
            b"(%b %b)" % (b"".join([child.body for child in children]), subtype),
            b"(%b %b %b)" % (b"".join([child.bodystructure for child in children]), subtype, extension),
        )
    binary = needs_encoding(part)
    basic = b"%b %b %b %b %b %b %d" % (
        string(part.type),
        string(part.subtype),
        _parameters(part.params),
        nstring(part.id),
        nstring(part.description),
        b'"BASE64"' if binary else string(part.encoding),
        encoded_octets(part.octets) if binary else part.octets,
    )
    extension = b"%b %b" % (nstring(part.md5), _common_extension(part))
    if part.message is not None:
        inner = render_structure(part.message)
        basic = b"%b %b" % (basic, render_envelope(envelope(part.message.fields)))
        return RenderedStructure(
            b"(%b %b %d)" % (basic, inner.body, part.lines),
            b"(%b %b %d %b)" % (basic, inner.bodystructure, part.lines, extension),
        )
    if part.type == b"TEXT":
        basic = b"%b %d" % (basic, part.lines)
    return RenderedStructure(b"(%b)" % basic, b"(%b %b)" % (basic, extension))


def _parameters(params: Parameters) -> bytes:
    """``body-fld-param`` (RFC 9051 §9); values in a charset are shown in UTF-8 (§7.5.2)."""
    if not params:
        return b"NIL"
    shown = ((name, extended_in_utf8(value) if name[-1:] == b"*" else value) for name, value in params)
    return b"(" + b" ".join([b"%b %b" % (string(name), string(value)) for name, value in shown]) + b")"


def _common_extension(part: Part) -> bytes:
    """Disposition, language and location, which end the extension data of every body (RFC 9051 §7.5.2)."""
    disposition, language = part.disposition, part.language
    return b"%b %b %b" % (
        b"NIL" if disposition is None else b"(%b %b)" % (string(disposition[0]), _parameters(disposition[1])),
        b"(" + b" ".join(map(string, language)) + b")" if len(language) > 1 else nstring(language[0] if language else None),
        nstring(part.location),
    )
