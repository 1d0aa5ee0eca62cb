"""``search-return-opts`` and CANCELUPDATE to values (RFC 9051 §6.4.4, RFC 4466 §2.6.1, RFC 5267 §4, RFC 9394 §3.1)."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import terminals
from angarium.grammar.imap.commands import CancelUpdate, SearchReturn
from angarium.grammar.imap.sequence_set import PartialRange
from angarium.grammar.imap.syntax_errors import ValueRefused
from angarium.grammar.imap.terminals import Source


def _search_return_opts(children: list[Any], source: Source) -> dict[str, Any]:
    """The fields of Search and Sort that RETURN fills; PARTIAL stands once, and not beside ALL (RFC 9394 §3.1)."""
    returns = frozenset(SearchReturn(each.upper().encode("ascii")) for each in children if isinstance(each, Token))
    partial = only_partial(children, "search-return-opt", excluded=SearchReturn.ALL in returns)
    return {"returns": returns, "partial": partial}


def only_partial(given: Iterable[Any], rule: str, excluded: bool = False) -> PartialRange | None:
    """The one PARTIAL among what has been given; a second, or any where something else excludes it, is refused."""
    partials = [each for each in given if isinstance(each, tuple)]
    if len(partials) > (0 if excluded else 1):
        raise ValueRefused(partials[-1][1], rule)
    return partials[0][0] if partials else None


def _modifier_partial(children: list[Token], source: Source) -> tuple[PartialRange, int]:
    return terminals.partial_range(children[0]), children[0].start_pos or 0


def _cancelupdate(children: list[Token], source: Source) -> CancelUpdate:
    return CancelUpdate(tuple(terminals.string(tag, source) for tag in children))


RETURN_RULES: Final[dict[str, Callable[[list[Any], Source], Any]]] = {
    "search_return_opts": _search_return_opts,
    "modifier_partial": _modifier_partial,
    "cancelupdate": _cancelupdate,
}
"""Rows of ``COMMAND_RULES``."""
