"""``resp-text-code`` rules to values (RFC 9051 §7.1, RFC 7162 §7, RFC 8474 §7)."""

from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import terminals
from angarium.grammar.imap.responses import Code, ResponseCode
from angarium.grammar.imap.terminals import Source

_CODES: Final = {code.value: code for code in Code}


def _number(children: list[Token], source: Source) -> ResponseCode:
    name, value = children
    return ResponseCode(_CODES[name.upper().encode("ascii")], (terminals.number(value, 1),))


def _appenduid(children: list[Token], source: Source) -> ResponseCode:
    uidvalidity, uids = children
    return ResponseCode(Code.APPENDUID, (terminals.number(uidvalidity, 1), terminals.number_set(uids)))


def _copyuid(children: list[Token], source: Source) -> ResponseCode:
    uidvalidity, from_uids, to_uids = children
    return ResponseCode(Code.COPYUID, (terminals.number(uidvalidity, 1), terminals.ranges(from_uids), terminals.ranges(to_uids)))


def _permanentflags(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.PERMANENTFLAGS, terminals.flags(children[0]))


def _badcharset(children: list[Any], source: Source) -> ResponseCode:
    charsets = [terminals.string(token, source) for token in children if token is not None]
    return ResponseCode(Code.BADCHARSET, tuple(charsets))


def _capability(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.CAPABILITY, tuple(children[0].encode("ascii").split(b" ")))


def _highestmodseq(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.HIGHESTMODSEQ, (terminals.nz_number64(children[0]),))


def _modified(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.MODIFIED, (terminals.number_set(children[0]),))


def _mailboxid(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.MAILBOXID, (children[0].encode("ascii"),))


def _inprogress(children: list[Any], source: Source) -> ResponseCode:
    tag, state = children
    if tag is None:
        return ResponseCode(Code.INPROGRESS)
    progress, goal = (None if part[0] in "Nn" else min(int(part[:20]), terminals.NUMBER_MAX) for part in state.split(" "))
    return ResponseCode(Code.INPROGRESS, (terminals.nstring(tag, source), progress, goal))


def _noupdate(children: list[Token], source: Source) -> ResponseCode:
    return ResponseCode(Code.NOUPDATE, (terminals.string(children[0], source),))


def _other(children: list[Any], source: Source) -> ResponseCode:
    name, text = children
    spelled = name.encode("ascii")
    code = _CODES.get(spelled.upper(), spelled)
    return ResponseCode(code, () if text is None else (text.encode("latin-1"),))


CODE_RULES: Final[dict[str, Callable[[list[Any], Source], ResponseCode]]] = {
    "code_number": _number,
    "code_appenduid": _appenduid,
    "code_copyuid": _copyuid,
    "code_permanentflags": _permanentflags,
    "code_badcharset": _badcharset,
    "code_capability": _capability,
    "code_highestmodseq": _highestmodseq,
    "code_modified": _modified,
    "code_mailboxid": _mailboxid,
    "code_inprogress": _inprogress,
    "code_noupdate": _noupdate,
    "code_other": _other,
}
"""Alias of the grammar files to the function that makes its value."""
