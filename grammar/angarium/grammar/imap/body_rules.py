"""``envelope`` and ``body`` rules to values (RFC 9051 §7.5.2, §9)."""

import re
from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import terminals
from angarium.grammar.imap.responses import (
    Address,
    BodyExtensions,
    BodyItem,
    BodyStructure,
    Envelope,
    MultiPart,
    Parameters,
    SinglePart,
)
from angarium.grammar.imap.terminals import NUMBER64_MAX, NUMBER_MAX, Source, octets_of

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\{[0-9]+\+?\}\r\n|[()]|[0-9]+|[Nn]', re.DOTALL)


def lists_of(token: Token, source: Source, start: int = 0) -> list[Any]:
    """The strings, numbers, NILs and parenthesised lists of a terminal, from octet ``start`` of it on."""
    top: list[Any] = []
    current, open_lists = top, []
    for piece in _PIECE.finditer(token, start):
        match piece[0][0]:
            case "(":
                open_lists.append(current)
                current = []
                open_lists[-1].append(current)
            case ")":
                current = open_lists.pop()
            case "N" | "n":
                current.append(None)
            case '"' | "{":
                current.append(octets_of(piece[0], (token.start_pos or 0) + piece.start(), source))
            case _:
                current.append(terminals.count(piece[0], (token.start_pos or 0) + piece.start(), NUMBER_MAX, "number"))
    return top


def envelope(token: Token, source: Source) -> Envelope:
    """``envelope`` at the end of a terminal (RFC 9051 §7.5.2)."""
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = lists_of(token, source, token.index("("))[0]
    return Envelope(
        date,
        subject,
        _addresses(from_),
        _addresses(sender),
        _addresses(reply_to),
        _addresses(to),
        _addresses(cc),
        _addresses(bcc),
        in_reply_to,
        message_id,
    )


def _addresses(addresses: list[Any] | None) -> tuple[Address, ...] | None:
    return None if addresses is None else tuple([Address(*fields) for fields in addresses])


def _parameters(texts: list[bytes] | None) -> Parameters:
    return None if texts is None else tuple(zip(texts[::2], texts[1::2], strict=True))


def _single_part(
    fields: list[Any],
    extensions: BodyExtensions | None,
    envelope: Envelope | None = None,
    body: BodyStructure | None = None,
    lines: int | None = None,
) -> SinglePart:
    kind, subtype, parameters, id, description, encoding, octets = fields
    return SinglePart(
        kind, subtype, _parameters(parameters), id, description, encoding, octets, envelope, body, lines, extensions
    )


def _basic(children: list[Any], source: Source) -> SinglePart:
    fields, extensions = children
    return _single_part(lists_of(fields, source), extensions)


def _text(children: list[Any], source: Source) -> SinglePart:
    fields, lines, extensions = children
    return _single_part(lists_of(fields, source), extensions, lines=terminals.number(lines, 0, NUMBER64_MAX))


def _message(children: list[Any], source: Source) -> SinglePart:
    fields, envelope_token, body, lines, extensions = children
    return _single_part(
        lists_of(fields, source),
        extensions,
        envelope(envelope_token, source),
        body,
        terminals.number(lines, 0, NUMBER64_MAX),
    )


def _multipart(children: list[Any], source: Source) -> MultiPart:
    parts, subtype, extensions = children
    return MultiPart(parts, terminals.string(subtype, source), extensions)


def _parts(children: list[BodyStructure], source: Source) -> tuple[BodyStructure, ...]:
    return tuple(children)


def _extensions(children: list[Any], source: Source) -> tuple[list[Any], tuple[Any, ...]]:
    fields, *future = children
    extensions = [_extension(each, source) if isinstance(each, Token) else each for each in future]
    return lists_of(fields, source), tuple(extensions)


def _extension(token: Token, source: Source) -> bytes | int | None:
    if token.isdigit():
        return terminals.number(token, 0, NUMBER64_MAX)
    return terminals.nstring(token, source)


def _extension_list(children: list[Any], source: Source) -> tuple[Any, ...]:
    return tuple(_extension(each, source) if isinstance(each, Token) else each for each in children)


def _extensions_of_part(children: list[Any], source: Source) -> BodyExtensions:
    (md5, *rest), future = _extensions(children, source)
    return BodyExtensions(md5, None, *_dsp_lang_loc(rest), future, len(rest) + 1)


def _extensions_of_multipart(children: list[Any], source: Source) -> BodyExtensions:
    (parameters, *rest), future = _extensions(children, source)
    return BodyExtensions(None, _parameters(parameters), *_dsp_lang_loc(rest), future, len(rest) + 1)


def _dsp_lang_loc(given: list[Any]) -> tuple[Any, Any, Any]:
    disposition, language, location = given + [None] * (3 - len(given))
    return (
        None if disposition is None else (disposition[0], _parameters(disposition[1])),
        tuple(language) if isinstance(language, list) else language,
        location,
    )


def _body_item(children: list[Any], source: Source) -> BodyItem:
    name, body = children
    return BodyItem(body, len(name) > len("BODY"))


BODY_RULES: Final[dict[str, Callable[[list[Any], Source], Any]]] = {
    "msg_att_body": _body_item,
    "body_type_basic": _basic,
    "body_type_text": _text,
    "body_type_msg": _message,
    "body_type_mpart": _multipart,
    "body_parts": _parts,
    "body_ext_1part": _extensions_of_part,
    "body_ext_mpart": _extensions_of_multipart,
    "body_extension_list": _extension_list,
}
"""Rule or alias of the grammar files to the function that makes its value."""
