"""Response rules to values: one row per rule of the grammar files (RFC 9051 §7)."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import responses, terminals
from angarium.grammar.imap.acl_rules import ACL_RESPONSE_RULES
from angarium.grammar.imap.body_rules import BODY_RULES
from angarium.grammar.imap.code_rules import CODE_RULES
from angarium.grammar.imap.command_rules import id_parameters
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.fetch_rules import fetch_datum
from angarium.grammar.imap.mailbox_name import canonical, decode_modified_utf7
from angarium.grammar.imap.responses import Condition, Continuation, NamespaceDescription, Response, ResponseCode, StatusValue
from angarium.grammar.imap.sequence_set import NumberList, NumberSet
from angarium.grammar.imap.sort_rules import SORT_RESPONSE_RULES
from angarium.grammar.imap.syntax_errors import ValueRefused
from angarium.grammar.imap.terminals import NUMBER64_MAX, Source

Children = list[Any]


def _value(response: Callable[..., Response], low: int = 0) -> Callable[[Children, Source], Response]:
    """The rule's only child, a number of at least ``low``, is the value's only field."""
    return lambda children, source: response(terminals.number(children[0], low))


def _given(children: Children, source: Source) -> tuple[Any, ...]:
    return tuple(child for child in children if child is not None)


def _nothing(children: Children, source: Source) -> None:
    """Extension data that no value has a place for: a client must accept and may ignore it (RFC 9051 §7)."""


def mailbox(children: list[Token], source: Source) -> str:
    """``mailbox`` as a server says it: what is not modified UTF-7 is taken as UTF-8 or as it stands (RFC 3501 §5.1)."""
    octets = terminals.string(children[0], source)
    return canonical(mailbox_text(octets, source.utf8))


def mailbox_text(octets: bytes, utf8: bool) -> str:
    """Octets of a name in a response to text, whatever the server has sent (RFC 3501 §5.1)."""
    if not utf8 and octets.isascii():
        try:
            return decode_modified_utf7(octets)
        except ValueError:
            return octets.decode("ascii")
    return octets.decode("utf-8", "replace")


def _text(text: Token | None) -> str:
    return "" if text is None else text.encode("latin-1").decode("utf-8", "replace")


# RFC 9051 §7.1


def _resp_text(children: Children, source: Source) -> tuple[str, ResponseCode | None]:
    code, text = children
    return _text(text), code


def _tagged(children: Children, source: Source) -> Response:
    tag, condition, (text, code) = children
    return responses.Tagged(tag.encode("ascii"), Condition(condition.upper().encode("ascii")), text, code)


def _untagged(children: Children, source: Source) -> Response:
    condition, (text, code) = children
    return responses.Untagged(Condition(condition.upper().encode("ascii")), text, code)


def _continuation(children: Children, source: Source) -> Response:
    data = children[0]
    if isinstance(data, Token):
        return Continuation(challenge=b64decode(data))
    text, code = data
    # RFC 9051 §9: base64 may be empty too, and an empty challenge is what a line without text says.
    return Continuation(text, code) if text or code else Continuation(challenge=b"")


# RFC 9051 §7.2, RFC 2971


def _capability(children: list[Token], source: Source) -> Response:
    return responses.CapabilityData(tuple(children[0].encode("ascii").split(b" ")))


def _enabled(children: Children, source: Source) -> Response:
    return responses.Enabled(() if children[0] is None else tuple(children[0].encode("ascii").split(b" ")))


def _id(children: Children, source: Source) -> Response:
    return responses.IdData(id_parameters(children, source))


# RFC 9051 §7.3


def _list(children: Children, source: Source) -> responses.ListData:
    flags, separator, name, extended = children
    return responses.ListData(
        terminals.flags(flags),
        _separator(separator),
        name,
        next((each for each in extended or () if isinstance(each, tuple)), None),
        next((each for each in extended or () if isinstance(each, str)), None),
    )


def _separator(token: Token) -> str | None:
    if token[0] in "Nn":
        return None
    return terminals.octets_of(token, 0, Source(utf8=True)).decode("utf-8")


def _lsub(children: Children, source: Source) -> Response:
    listed = _list(children, source)
    return responses.ListData(listed.attributes, listed.separator, listed.mailbox, listed.child_info, listed.old_name, lsub=True)


def _child_info(children: list[Token], source: Source) -> tuple[bytes, ...]:
    return tuple(terminals.string(token, source) for token in children)


def _old_name(children: list[str], source: Source) -> str:
    return children[0]


def _status(children: Children, source: Source) -> Response:
    name, *values = children
    return responses.StatusData(name, tuple(_status_att_val(token) for token in values if token is not None))


def _status_att_val(token: Token) -> tuple[StatusItem, StatusValue]:
    name, _, value = token.partition(" ")
    item, start = StatusItem(name.upper().encode("ascii")), (token.start_pos or 0) + len(name) + 1
    if (item is StatusItem.MAILBOXID) != value.startswith("("):
        raise ValueRefused(start, "status-att-val")
    if item is StatusItem.MAILBOXID:
        return item, value[1:-1].encode("ascii")
    if item is StatusItem.APPENDLIMIT and value.upper() == "NIL":
        return item, None
    return item, terminals.count(value, start, NUMBER64_MAX, "number64")


def _namespace_response(children: Children, source: Source) -> Response:
    return responses.NamespaceData(*children)


def _namespace(children: Children, source: Source) -> tuple[NamespaceDescription, ...] | None:
    return None if isinstance(children[0], Token) else tuple(children)


def _namespace_descr(children: Children, source: Source) -> NamespaceDescription:
    prefix = mailbox_text(terminals.string(children[0], source), source.utf8)
    return NamespaceDescription(prefix, _separator(children[1]))


def _flags(children: list[Token], source: Source) -> Response:
    return responses.FlagsData(terminals.flags(children[0]))


def _search(children: Children, source: Source) -> Response:
    numbers, *mod_sequence = children
    if numbers is None:
        return responses.SearchData(())
    return responses.SearchData(terminals.nz_numbers(numbers), *mod_sequence)


def _mod_sequence(children: list[Token], source: Source) -> int:
    return terminals.nz_number64(children[0])


def _esearch(children: Children, source: Source) -> Response:
    tag, uid, *data = children
    given = [each for each in data if each is not None]
    values: dict[str, Any] = dict(each for each in given if isinstance(each, tuple))
    updates = tuple(update for each in given if isinstance(each, list) for update in each)
    return responses.EsearchData(tag, uid is not None, **values, updates=updates)


def _esearch_number(children: list[Token], source: Source) -> tuple[str, int]:
    name, number = children
    return {"MIN": "minimum", "MAX": "maximum", "COUNT": "count"}[name.upper()], terminals.number(number)


def _esearch_all(children: list[Token], source: Source) -> tuple[str, NumberSet | NumberList]:
    return "all", terminals.number_list(children[0])


def _esearch_partial(children: list[Token], source: Source) -> tuple[str, responses.PartialResults]:
    wanted, found = children
    numbers = None if found[0] in "Nn" else terminals.number_list(found)
    return "partial", responses.PartialResults(terminals.partial_range(wanted), numbers)


def _esearch_update(children: list[Token], source: Source) -> list[responses.ResultUpdate]:
    name, *pairs = children
    removes = name.upper() == "REMOVEFROM"
    return [
        responses.ResultUpdate(removes, terminals.number(position), terminals.number_list(numbers))
        for position, numbers in zip(pairs[::2], pairs[1::2], strict=True)
    ]


def _esearch_modseq(children: list[Token], source: Source) -> tuple[str, int]:
    return "mod_sequence", terminals.nz_number64(children[0])


def _search_correlator(children: list[Token], source: Source) -> bytes:
    return terminals.string(children[0], source)


# RFC 9051 §7.4, §7.5; RFC 7162 §3.2.10


def _vanished(children: Children, source: Source) -> Response:
    earlier, uids = children
    return responses.Vanished(terminals.number_set(uids), earlier is not None)


def _fetch(children: Children, source: Source) -> Response:
    number, *items = children
    return responses.FetchData(terminals.number(number, 1), _items(items, source))


def _uid_fetch(children: Children, source: Source) -> Response:
    uid, *items = children
    return responses.UidFetchData(terminals.number(uid, 1), _items(items, source))


def _items(items: Children, source: Source) -> tuple[responses.FetchDatum, ...]:
    return tuple([fetch_datum(item, source) if isinstance(item, Token) else item for item in items])


RESPONSE_RULES: Final[dict[str, Callable[[Children, Source], Any]]] = {
    **BODY_RULES,
    **CODE_RULES,
    **SORT_RESPONSE_RULES,
    **ACL_RESPONSE_RULES,
    "mailbox": mailbox,
    "resp_text": _resp_text,
    "response_tagged": _tagged,
    "untagged_condition": _untagged,
    "continue_req": _continuation,
    "capability_data": _capability,
    "enable_data": _enabled,
    "id_response": _id,
    "list_data": _list,
    "lsub_data": _lsub,
    "mbox_list_extended": _given,
    "childinfo_extended_item": _child_info,
    "oldname_extended_item": _old_name,
    "other_extended_item": _nothing,
    "tagged_ext_val": _nothing,
    "status_data": _status,
    "namespace_response": _namespace_response,
    "namespace": _namespace,
    "namespace_descr": _namespace_descr,
    "namespace_response_extension": _nothing,
    "flags_data": _flags,
    "search_data": _search,
    "search_sort_mod_seq": _mod_sequence,
    "esearch_response": _esearch,
    "search_correlator": _search_correlator,
    "esearch_number": _esearch_number,
    "esearch_all": _esearch_all,
    "esearch_modseq": _esearch_modseq,
    "esearch_partial": _esearch_partial,
    "esearch_update": _esearch_update,
    "esearch_other": _nothing,
    "exists": _value(responses.Exists),
    "recent": _value(responses.Recent),
    "expunge_data": _value(responses.Expunged, 1),
    "expunged_resp": _vanished,
    "fetch_data": _fetch,
    "uidfetch_resp": _uid_fetch,
}
"""Rule or alias of the grammar files to the function that makes its value."""
