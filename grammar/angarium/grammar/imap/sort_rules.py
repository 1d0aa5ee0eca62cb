"""Rules of SORT and THREAD to values (RFC 5256 §5)."""

from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import commands, responses, terminals
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm
from angarium.grammar.imap.terminals import Source

Rules = dict[str, Callable[[list[Any], Source], Any]]


def _criteria(token: Token) -> tuple[SortCriterion, ...]:
    """``sort-criteria`` (RFC 5256 §5)."""
    words = token[1:-1].upper().encode("ascii").split(b" ")
    before = [b"", *words]
    pairs = zip(words, before, strict=False)
    return tuple([SortCriterion(SortKey(word), modifier == b"REVERSE") for word, modifier in pairs if word != b"REVERSE"])


def _sort(children: list[Any], source: Source) -> commands.Sort:
    *returns, criteria, charset, key = children
    return commands.Sort(_criteria(criteria), key, terminals.string(charset, source), **(returns[0] if returns else {}))


def _thread(children: list[Any], source: Source) -> commands.Thread:
    algorithm, charset, key = children
    return commands.Thread(ThreadAlgorithm(algorithm.upper().encode("ascii")), key, terminals.string(charset, source))


def _sort_data(children: list[Any], source: Source) -> responses.SortData:
    numbers, *mod_sequence = children
    return responses.SortData(() if numbers is None else terminals.nz_numbers(numbers), *mod_sequence)


def _thread_data(children: list[Token | None], source: Source) -> responses.ThreadData:
    """Parentheses to depths: one that opens right behind another stands for a parent that is not there (RFC 5256 §4)."""
    members: list[tuple[int, int | None]] = []
    depth, depths, opened = 0, [], False
    for token in children:
        if token is None:
            break
        if token.type == "THREAD_BEGIN":
            if opened:
                members.append((depth, None))
                depth += 1
            depths.append(depth)
        elif token.type == "THREAD_END":
            depth = depths.pop()
        else:
            numbers = terminals.nz_numbers(token)
            members += enumerate(numbers, depth)
            depth += len(numbers)
        opened = token.type == "THREAD_BEGIN"
    return responses.ThreadData(tuple(members))


SORT_COMMAND_RULES: Final[Rules] = {"sort": _sort, "thread": _thread}
"""Rows of ``COMMAND_RULES``."""

SORT_RESPONSE_RULES: Final[Rules] = {"sort_data": _sort_data, "thread_data": _thread_data}
"""Rows of ``RESPONSE_RULES``."""
