"""From a parse tree to a value: one walk, a table of functions, a limit on depth."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lark import Token, Tree

from angarium.grammar.imap.syntax_errors import ValueRefused
from angarium.grammar.imap.terminals import Source

NESTING_MAX: Final = 100
"""Levels of a tree; a search-key or a body may nest without end by the RFC, memory and stack may not."""

Rules = Mapping[str, Callable[[list[Any], Source], Any]]


def value_of(tree: Tree[Token], rules: Rules, source: Source, levels: int = NESTING_MAX) -> Any:
    """The value of ``tree``: its children's values first, left to right, then its own."""
    if not levels:
        raise ValueRefused(_start(tree), tree.data.replace("_", "-"))
    children = [value_of(child, rules, source, levels - 1) if isinstance(child, Tree) else child for child in tree.children]
    return rules[tree.data](children, source)


def _start(tree: Tree[Token]) -> int:
    """Offset of the first token in the tree that left a trace."""
    first: Tree[Token] | Token | None = tree
    while isinstance(first, Tree):
        first = next((child for child in first.children if child is not None), None)
    return first.start_pos or 0 if first is not None else 0
