"""``envelope`` and ``body`` as octets (RFC 9051 §7.5.2, §9); also what a store makes once, at delivery."""

from angarium.grammar.imap.render_values import render_nstring, render_string
from angarium.grammar.imap.responses import (
    Address,
    BodyExtensions,
    BodyStructure,
    Envelope,
    Extension,
    MultiPart,
    Parameters,
    SinglePart,
)


def render_envelope(envelope: Envelope) -> bytes:
    """``envelope`` (RFC 9051 §7.5.2)."""
    fields = [
        render_nstring(envelope.date),
        render_nstring(envelope.subject),
        _addresses(envelope.from_),
        _addresses(envelope.sender),
        _addresses(envelope.reply_to),
        _addresses(envelope.to),
        _addresses(envelope.cc),
        _addresses(envelope.bcc),
        render_nstring(envelope.in_reply_to),
        render_nstring(envelope.message_id),
    ]
    return b"(" + b" ".join(fields) + b")"


def _addresses(addresses: tuple[Address, ...] | None) -> bytes:
    if not addresses:
        return b"NIL"
    return b"(" + b"".join([_address(address) for address in addresses]) + b")"


def _address(address: Address) -> bytes:
    fields = (address.name, address.adl, address.mailbox, address.host)
    return b"(" + b" ".join([render_nstring(field) for field in fields]) + b")"


def render_body(body: BodyStructure, extensible: bool) -> bytes:
    """``body``; with ``extensible`` as BODYSTRUCTURE has it, else as BODY (RFC 9051 §7.5.2)."""
    if isinstance(body, SinglePart):
        fields = _single_part(body, extensible)
    else:
        fields = [b"".join([render_body(part, extensible) for part in body.parts]), render_string(body.subtype)]
    if extensible and body.extensions is not None:
        fields += _extensions(body.extensions, isinstance(body, MultiPart))
    return b"(" + b" ".join(fields) + b")"


def _single_part(part: SinglePart, extensible: bool) -> list[bytes]:
    fields = [
        render_string(part.type),
        render_string(part.subtype),
        _parameters(part.parameters),
        render_nstring(part.id),
        render_nstring(part.description),
        render_string(part.encoding),
        b"%d" % part.octets,
    ]
    if part.envelope is not None and part.body is not None:
        fields += [render_envelope(part.envelope), render_body(part.body, extensible)]
    if part.lines is not None:
        fields.append(b"%d" % part.lines)
    return fields


def _parameters(parameters: Parameters) -> bytes:
    if not parameters:
        return b"NIL"
    return b"(" + b" ".join([render_string(name) + b" " + render_string(value) for name, value in parameters]) + b")"


def _extensions(extensions: BodyExtensions, multipart: bool) -> list[bytes]:
    fields = [
        _parameters(extensions.parameters) if multipart else render_nstring(extensions.md5),
        _disposition(extensions.disposition),
        _language(extensions.language),
        render_nstring(extensions.location),
    ][: extensions.given]
    return fields + [_extension(extension) for extension in extensions.extensions]


def _disposition(disposition: tuple[bytes, Parameters] | None) -> bytes:
    if disposition is None:
        return b"NIL"
    return b"(" + render_string(disposition[0]) + b" " + _parameters(disposition[1]) + b")"


def _language(language: bytes | tuple[bytes, ...] | None) -> bytes:
    if isinstance(language, tuple):
        return b"(" + b" ".join([render_string(tag) for tag in language]) + b")"
    return render_nstring(language)


def _extension(extension: Extension) -> bytes:
    if isinstance(extension, tuple):
        return b"(" + b" ".join([_extension(each) for each in extension]) + b")"
    if isinstance(extension, int):
        return b"%d" % extension
    return render_nstring(extension)
