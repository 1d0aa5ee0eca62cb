"""Response values to octets (RFC 9051 §7, §9)."""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from angarium.grammar.imap import responses
from angarium.grammar.imap.render_acl import ACL_RESPONSES
from angarium.grammar.imap.render_body import render_body, render_envelope
from angarium.grammar.imap.render_fetch import render_fetch, render_uid_fetch
from angarium.grammar.imap.render_sort import render_sort, render_thread
from angarium.grammar.imap.render_values import (
    mailbox_octets,
    render_astring,
    render_date_time,
    render_flags,
    render_literal,
    render_mailbox,
    render_nstring,
    render_quoted,
    render_ranges,
    render_section,
    render_string,
)
from angarium.grammar.imap.responses import Code, Condition, NamespaceDescription, Response, ResponseCode, StatusValue
from angarium.grammar.imap.sequence_set import NumberList, NumberSet

__all__ = [
    "render_body",
    "render_date_time",
    "render_envelope",
    "render_flags",
    "render_nstring",
    "render_response",
    "render_section",
    "render_string",
    "render_tagged",
]

_NOT_TEXT: Final = re.compile(r"[\0\r\n]+")
_CODES_WITH_LIST: Final = {Code.PERMANENTFLAGS, Code.BADCHARSET, Code.MAILBOXID, Code.INPROGRESS}


def render_response(response: Response, utf8: bool = False) -> bytes:
    """A response with its CRLF (RFC 9051 §7).

    ``utf8``: mailbox names and text are UTF-8, as after ENABLE IMAP4rev2; else names are modified UTF-7 and ``?`` stands for
    what is not ASCII in text (RFC 9051 §9, ``text``).
    """
    return _RESPONSES[type(response)](response, utf8) + b"\r\n"


# RFC 9051 §7.1


@lru_cache(256)  # most texts are ours, and few
def _text(text: str, utf8: bool) -> bytes:
    return _NOT_TEXT.sub(" ", text).encode("utf-8" if utf8 else "ascii", "replace")


def _resp_text(text: str, code: ResponseCode | None, utf8: bool) -> bytes:
    octets = _text(text, utf8)
    if code is not None:
        return b"[" + _resp_text_code(code) + b"] " + octets
    # Text that begins like a code would be read as one; a space before it is text too.
    return b" " + octets if octets.startswith(b"[") else octets


def _resp_text_code(code: ResponseCode) -> bytes:
    name = code.code.value if isinstance(code.code, Code) else code.code
    arguments = [_code_argument(code.code, argument) for argument in code.arguments]
    if code.code is Code.PERMANENTFLAGS or (arguments and code.code in _CODES_WITH_LIST):
        return name + b" (" + b" ".join(arguments) + b")"
    return b" ".join([name, *arguments])


def _code_argument(code: Code | bytes, argument: Any) -> bytes:
    match argument:
        case None:
            return b"NIL"
        case int():
            return b"%d" % argument
        case NumberSet():
            return bytes(argument)
        case tuple():
            return render_ranges(argument)
        case _:
            octets: bytes = argument
            if code in (Code.INPROGRESS, Code.NOUPDATE):
                return b'"%b"' % octets  # a tag, which has nothing in it that would need a literal
            return render_astring(octets) if code is Code.BADCHARSET else octets


def render_tagged(tag: bytes, condition: Condition, text: str, code: ResponseCode | None = None, utf8: bool = False) -> bytes:
    """``response-tagged`` from its parts, with its CRLF (RFC 9051 §9)."""
    # _value_ is what .value looks up by way of a descriptor, four times as slowly.
    return b"%b %b %b\r\n" % (tag, condition._value_, _resp_text(text, code, utf8))


def _tagged(response: responses.Tagged, utf8: bool) -> bytes:
    return render_tagged(response.tag, response.condition, response.text, response.code, utf8)[:-2]


def _untagged(response: responses.Untagged, utf8: bool) -> bytes:
    return b"* %b %b" % (response.condition.value, _resp_text(response.text, response.code, utf8))


def _continuation(response: responses.Continuation, utf8: bool) -> bytes:
    if response.challenge is not None:
        return b"+ " + b64encode(response.challenge)
    return b"+ " + _resp_text(response.text, response.code, utf8)


# RFC 9051 §7.2, RFC 2971


def _capability(response: responses.CapabilityData, utf8: bool) -> bytes:
    return b" ".join([b"* CAPABILITY", *response.capabilities])


def _enabled(response: responses.Enabled, utf8: bool) -> bytes:
    return b" ".join([b"* ENABLED", *response.capabilities])


def _id(response: responses.IdData, utf8: bool) -> bytes:
    return b"* ID " + render_id_parameters(response.parameters)


def render_id_parameters(parameters: tuple[tuple[bytes, bytes | None], ...] | None) -> bytes:
    """``id_params_list`` (RFC 2971 §4)."""
    if parameters is None:
        return b"NIL"
    return b"(" + b" ".join([render_string(name) + b" " + render_nstring(value) for name, value in parameters]) + b")"


# RFC 9051 §7.3


def _separator(separator: str | None) -> bytes:
    """One QUOTED-CHAR, which no literal can stand for (RFC 9051 §9, mailbox-list)."""
    if separator is None:
        return b"NIL"
    return b'"%b%b"' % (b"\\" if separator in '"\\' else b"", separator.encode("utf-8"))


def _list(response: responses.ListData, utf8: bool) -> bytes:
    parts = [
        b"* LSUB" if response.lsub else b"* LIST",
        render_flags(response.attributes),
        _separator(response.separator),
        render_mailbox(response.mailbox, utf8),
    ]
    extended = []
    if response.child_info is not None:
        options = [b'"' + option + b'"' for option in response.child_info]
        extended.append(b'"CHILDINFO" (' + b" ".join(options) + b")")
    if response.old_name is not None:
        extended.append(b'"OLDNAME" (' + render_mailbox(response.old_name, utf8) + b")")
    if extended:
        parts.append(b"(" + b" ".join(extended) + b")")
    return b" ".join(parts)


def _namespace(response: responses.NamespaceData, utf8: bool) -> bytes:
    parts = (response.personal, response.other_users, response.shared)
    return b"* NAMESPACE " + b" ".join([_namespaces(part, utf8) for part in parts])


def _namespaces(descriptions: tuple[NamespaceDescription, ...] | None, utf8: bool) -> bytes:
    if not descriptions:
        return b"NIL"
    return b"(" + b"".join([_namespace_description(each, utf8) for each in descriptions]) + b")"


def _namespace_description(description: NamespaceDescription, utf8: bool) -> bytes:
    prefix = mailbox_octets(description.prefix, utf8)
    return b"(%b %b)" % (
        render_quoted(prefix, utf8) or render_literal(prefix),
        _separator(description.separator),
    )


def _status(response: responses.StatusData, utf8: bool) -> bytes:
    items = b" ".join([b"%b %b" % (item.value, _status_value(value)) for item, value in response.items])
    return b"* STATUS %b (%b)" % (render_mailbox(response.mailbox, utf8), items)


def _status_value(value: StatusValue) -> bytes:
    if value is None:
        return b"NIL"
    return b"%d" % value if isinstance(value, int) else b"(%b)" % value


def _esearch(response: responses.EsearchData, utf8: bool) -> bytes:
    parts = [b"* ESEARCH"]
    if response.tag is not None:
        parts.append(b'(TAG "' + response.tag + b'")')
    if response.uid:
        parts.append(b"UID")
    data = (
        (b"MIN", response.minimum),
        (b"MAX", response.maximum),
        (b"ALL", response.all),
        (b"COUNT", response.count),
        (b"MODSEQ", response.mod_sequence),
    )
    parts += [b"%b %b" % (name, _search_return_value(value)) for name, value in data if value is not None]
    if response.partial is not None:
        numbers = response.partial.numbers
        parts.append(b"PARTIAL (%b %b)" % (bytes(response.partial.range), b"NIL" if numbers is None else bytes(numbers)))
    for removes, updates in groupby(response.updates, lambda update: update.removes):
        pairs = b" ".join([b"%d %b" % (update.position, bytes(update.numbers)) for update in updates])
        parts.append(b"%b (%b)" % (b"REMOVEFROM" if removes else b"ADDTO", pairs))
    return b" ".join(parts)


def _search_return_value(value: int | NumberSet | NumberList) -> bytes:
    return b"%d" % value if isinstance(value, int) else bytes(value)


def _search(response: responses.SearchData, utf8: bool) -> bytes:
    parts = [b"* SEARCH", *[b"%d" % number for number in response.numbers]]
    # RFC 7162 §7: the mod-sequence stands only behind at least one number.
    if response.mod_sequence is not None and response.numbers:
        parts.append(b"(MODSEQ %d)" % response.mod_sequence)
    return b" ".join(parts)


def _flags(response: responses.FlagsData, utf8: bool) -> bytes:
    return b"* FLAGS " + render_flags(response.flags)


# RFC 9051 §7.4, §7.5; RFC 7162


def _exists(response: responses.Exists, utf8: bool) -> bytes:
    return b"* %d EXISTS" % response.messages


def _recent(response: responses.Recent, utf8: bool) -> bytes:
    return b"* %d RECENT" % response.messages


def _expunged(response: responses.Expunged, utf8: bool) -> bytes:
    return b"* %d EXPUNGE" % response.sequence_number


def _vanished(response: responses.Vanished, utf8: bool) -> bytes:
    return b"* VANISHED %b%b" % (b"(EARLIER) " if response.earlier else b"", bytes(response.uids))


def _fetch(response: responses.FetchData, utf8: bool) -> bytes:
    return b"* " + render_fetch(response)


def _uid_fetch(response: responses.UidFetchData, utf8: bool) -> bytes:
    return b"* " + render_uid_fetch(response)


_RESPONSES: Final[dict[type[Response], Callable[[Any, bool], bytes]]] = {
    responses.Tagged: _tagged,
    responses.Untagged: _untagged,
    responses.Continuation: _continuation,
    responses.CapabilityData: _capability,
    responses.Enabled: _enabled,
    responses.IdData: _id,
    responses.ListData: _list,
    responses.NamespaceData: _namespace,
    responses.StatusData: _status,
    responses.FlagsData: _flags,
    **ACL_RESPONSES,
    responses.Exists: _exists,
    responses.Recent: _recent,
    responses.Expunged: _expunged,
    responses.Vanished: _vanished,
    responses.SearchData: _search,
    responses.SortData: render_sort,
    responses.ThreadData: render_thread,
    responses.EsearchData: _esearch,
    responses.FetchData: _fetch,
    responses.UidFetchData: _uid_fetch,
}
