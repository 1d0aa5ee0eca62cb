"""Structured MIME fields: media type, disposition, their parameters (RFC 2045 §5, RFC 2183 §2, RFC 2231).

Read leniently where mail is sloppy: a value may hold spaces without quotes, a quote may never close. A field that does not
even begin as the RFC says counts as absent (RFC 2045 §5.2).
"""

import re
from typing import Final

from angarium.engine.mail.lexical import strip_comments, unquote
from angarium.engine.mail.limits import parameters_max

Parameters = tuple[tuple[bytes, bytes], ...]
"""Upper-case attribute names and values, in the order of the field."""

_USUAL_TYPE: Final = re.compile(
    rb"([!#-'*+.^-~0-9A-Z-]++)/([!#-'*+.^-~0-9A-Z-]++)"
    rb"(?:; ?([!#-'+.^-~0-9A-Z-]++)=(?:\"([^\"\\]*+)\"|([!#-'*+.^-~0-9A-Z-]++)))?"
)
_TYPE: Final = re.compile(rb"\s*+([^\s;/()<>@,:\\\"\[\]?=]++)\s*+/\s*+([^\s;/()<>@,:\\\"\[\]?=]++)")
_TOKEN: Final = re.compile(rb"\s*+([^\s;()<>@,\\\"\[\]?=]++)")
_PARAMETER: Final = re.compile(rb";\s*+([^\s;=\"]++)\s*+=\s*+(?:\"((?:[^\"\\]++|\\.)*)\"?|([^;]*+))", re.DOTALL)
_SECTION: Final = re.compile(rb"([^*]+)(?:\*(0|[1-9][0-9]{0,8}))?(\*)?")
_NOT_ATTRIBUTE_CHAR: Final = re.compile(rb"[^!#$&+\-.^_`{|}~0-9A-Za-z]")


def content_type(value: bytes) -> tuple[bytes, bytes, Parameters] | None:
    """``content``: type and subtype in upper case, and the parameters (RFC 2045 §5.1)."""
    usual = _USUAL_TYPE.fullmatch(value)
    if usual is not None:
        kind, subtype, name, quoted, token = usual.groups()
        params = () if name is None else ((name.upper(), token if quoted is None else quoted),)
        return kind.upper(), subtype.upper(), params
    if b"(" in value:
        value = strip_comments(value)
    match = _TYPE.match(value)
    if match is None:
        return None
    return match[1].upper(), match[2].upper(), parameters(value, match.end())


def content_disposition(value: bytes) -> tuple[bytes, Parameters] | None:
    """``disposition``: the type in upper case and the parameters (RFC 2183 §2)."""
    if b"(" in value:
        value = strip_comments(value)
    match = _TOKEN.match(value)
    if match is None:
        return None
    return match[1].upper(), parameters(value, match.end())


def content_transfer_encoding(value: bytes) -> bytes:
    """``mechanism`` in upper case; 7BIT where the field is void (RFC 2045 §6.1)."""
    if b"(" in value:
        value = strip_comments(value)
    match = _TOKEN.match(value)
    return match[1].upper() if match else b"7BIT"


def content_language(value: bytes) -> tuple[bytes, ...]:
    """The language tags of a Content-Language field (RFC 3282 §2)."""
    if b"(" in value:
        value = strip_comments(value)
    return tuple(tag for item in value.split(b",")[:parameters_max] if (tag := item.strip()))


def parameters(value: bytes, start: int) -> Parameters:
    """The parameters of a field body from ``start`` on, continuations joined (RFC 2045 §5.1, RFC 2231 §3)."""
    if value.find(b";", start) < 0:
        return ()
    found: list[tuple[bytes, bytes]] = []
    for match in _PARAMETER.finditer(value, start):
        name, quoted, plain = match.groups()
        if quoted is None:
            quoted = plain.strip()
        elif b"\\" in quoted:
            quoted = unquote(quoted)
        found.append((name.upper(), quoted))
        if len(found) == parameters_max:
            break
    if b"*" in value:
        return _join_continuations(found)
    return tuple(found)


def _join_continuations(found: list[tuple[bytes, bytes]]) -> Parameters:
    """Join ``name*0``, ``name*1``, ... to ``name``, or to ``name*`` when a piece of it is percent-encoded (RFC 2231 §3, §4.1).

    A joined ``name*`` stays in the encoded form, charset and language first, which is what clients know how to read. Pieces
    that do not count up from 0 are left as they are.
    """
    pieces: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    for name, value in found:
        match = _SECTION.fullmatch(name)
        if match and match[2]:
            pieces.setdefault(match[1], {}).setdefault(int(match[2]), (value, bool(match[3])))
    whole = {name: sections for name, sections in pieces.items() if sorted(sections) == list(range(len(sections)))}
    joined: list[tuple[bytes, bytes]] = []
    for name, value in found:
        match = _SECTION.fullmatch(name)
        if match is None or match[2] is None or match[1] not in whole:
            joined.append((name, value))
        elif match[2] == b"0":
            joined.append(_joined(match[1], [whole[match[1]][at] for at in range(len(whole[match[1]]))]))
    return tuple(joined)


def _joined(attribute: bytes, sections: list[tuple[bytes, bool]]) -> tuple[bytes, bytes]:
    if not any(encoded for _, encoded in sections):
        return attribute, b"".join(value for value, _ in sections)
    prefix = b"" if sections[0][1] else b"''"
    return attribute + b"*", prefix + b"".join(value if encoded else percent_encode(value) for value, encoded in sections)


def percent_encode(value: bytes) -> bytes:
    """``extended-other-values``: every octet that is no attribute-char as ``%XX`` (RFC 2231 §7)."""
    return _NOT_ATTRIBUTE_CHAR.sub(lambda match: b"%%%02X" % match[0][0], value)
