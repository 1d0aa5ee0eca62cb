"""``msg-att`` terminals to values: each item of a FETCH response but BODY and BODYSTRUCTURE is one (RFC 9051 §7.5.2)."""

from collections.abc import Callable
from typing import Final

from lark import Token

from angarium.grammar.imap import responses, terminals
from angarium.grammar.imap.body_rules import envelope
from angarium.grammar.imap.responses import FetchDatum, Rfc822Item
from angarium.grammar.imap.syntax_errors import ValueRefused
from angarium.grammar.imap.terminals import NUMBER64_MAX, NUMBER_MAX, Source


def fetch_datum(token: Token, source: Source) -> FetchDatum:
    """The value of one item."""
    return _ITEMS[token.type](token, source)


def _argument(token: Token, start: int, kind: str) -> Token:
    """The rest of a terminal from its octet ``start`` on, in its place."""
    return Token(kind, token[start:], (token.start_pos or 0) + start, end_pos=token.end_pos)


def _flags(token: Token, source: Source) -> FetchDatum:
    return responses.Flags(terminals.flags(_argument(token, len("FLAGS "), "FLAG_LIST")))


def _uid(token: Token, source: Source) -> FetchDatum:
    return responses.Uid(terminals.number(_argument(token, len("UID "), "NZ_NUMBER")))


def _size(token: Token, source: Source) -> FetchDatum:
    return responses.Size(terminals.number(_argument(token, len("RFC822.SIZE "), "NUMBER64"), 0, NUMBER64_MAX))


def _internal_date(token: Token, source: Source) -> FetchDatum:
    return responses.InternalDate(terminals.date_time(_argument(token, len("INTERNALDATE "), "DATE_TIME")))


def _mod_sequence(token: Token, source: Source) -> FetchDatum:
    digits = token[len("MODSEQ (") : -1]
    return responses.ModSequence(
        terminals.nz_number64(Token("MOD_SEQUENCE_VALUE", digits, (token.start_pos or 0) + len("MODSEQ (")))
    )


def _object_id(token: Token) -> bytes | None:
    """The ``objectid`` in the parentheses of a terminal, None for NIL (RFC 8474 §7)."""
    return token[token.index("(") + 1 : -1].encode("ascii") if token.endswith(")") else None


def _email_id(token: Token, source: Source) -> FetchDatum:
    return responses.EmailId(_object_id(token) or b"")


def _thread_id(token: Token, source: Source) -> FetchDatum:
    return responses.ThreadId(_object_id(token))


def _save_date(token: Token, source: Source) -> FetchDatum:
    argument = _argument(token, len("SAVEDATE "), "DATE_TIME")
    return responses.SaveDate(terminals.date_time(argument) if argument.startswith('"') else None)


def _preview(token: Token, source: Source) -> FetchDatum:
    return responses.Preview(_content(token, len("PREVIEW "), source))


def _envelope(token: Token, source: Source) -> FetchDatum:
    return responses.EnvelopeItem(envelope(token, source))


def _content(token: Token, start: int, source: Source) -> bytes | None:
    """The ``nstring`` or ``literal8`` from octet ``start`` of a terminal on."""
    argument = _argument(token, start, "NSTRING")
    if argument.startswith("~"):
        literal = terminals.literal(argument, source)
        if isinstance(literal, bytes):
            return literal
        raise ValueRefused(argument.start_pos or 0, "literal8")  # it went to the store, which a response never does
    return terminals.nstring(argument, source)


def _section(token: Token, source: Source) -> FetchDatum:
    section, origin, _, end = terminals.section(token, source)
    return responses.BodySection(section, _content(token, end + 1, source), origin)


def _rfc822(token: Token, source: Source) -> FetchDatum:
    name, _, _ = token.partition(" ")
    return responses.Rfc822(Rfc822Item(name.upper().encode("ascii")), _content(token, len(name) + 1, source))


def _binary(token: Token, source: Source) -> FetchDatum:
    section, origin, _, end = terminals.section(token, source)
    return responses.BinarySection(section.part, _content(token, end + 1, source), origin)


def _binary_size(token: Token, source: Source) -> FetchDatum:
    section, _, _, end = terminals.section(token, source)
    return responses.BinarySize(section.part, terminals.number(_argument(token, end + 1, "NUMBER"), 0, NUMBER_MAX))


_ITEMS: Final[dict[str, Callable[[Token, Source], FetchDatum]]] = {
    "MSG_ATT_FLAGS": _flags,
    "MSG_ATT_UID": _uid,
    "MSG_ATT_SIZE": _size,
    "MSG_ATT_INTERNALDATE": _internal_date,
    "MSG_ATT_MODSEQ": _mod_sequence,
    "MSG_ATT_EMAILID": _email_id,
    "MSG_ATT_THREADID": _thread_id,
    "MSG_ATT_SAVEDATE": _save_date,
    "MSG_ATT_PREVIEW": _preview,
    "MSG_ATT_ENVELOPE": _envelope,
    "MSG_ATT_SECTION": _section,
    "MSG_ATT_RFC822": _rfc822,
    "MSG_ATT_BINARY": _binary,
    "MSG_ATT_BINARY_SIZE": _binary_size,
}
