"""A sentence's parse tree for people: rule by rule, with the RFC section each rule comes from.

The sections are read from the comments of the grammar files, which cite them above each group of rules.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from attrs import frozen
from lark import Lark, Token, Tree

from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.grammar_files import build, grammar_text
from angarium.grammar.imap.parse_command import parse_command
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.syntax_errors import abnf_name
from angarium.grammar.imap.terminals import source_of

_CITATION: Final = re.compile(r"RFC \d+ §[\d.]*\d|RFC \d+ appendix [A-Z.\d]*\w")
_DEFINITION: Final = re.compile(r"(?:%(?:extend|override) )?[?!]*(\w+)(?:\.\d+)?:")
_ALIAS: Final = re.compile(r"-> (\w+)")
_RESPONSE: Final = re.compile(rb"[*+] |[^ ]+ (?:OK|NO|BAD) ", re.IGNORECASE)
Cut = Callable[[int, int], bytes]
_PUNCTUATION: Final = {"_SP", "LPAR", "RPAR", "STAR", "PLUS"}


@frozen
class Node:
    """A rule with the octets it covers; ``section`` is where it is defined, such as ``RFC 9051 §6.4.5``."""

    rule: str
    section: str
    text: bytes
    children: tuple["Node", ...] = ()


def explain(frame: Frame, utf8: bool = False) -> Node:
    """The parse tree of a command or response; raises what ``parse_command`` or ``parse_response`` would.

    Spaces and punctuation between the parts are in ``text`` only. A literal is its announcement and its octets.
    """
    if _RESPONSE.match(frame.octets):
        parse_response(frame, utf8)
        start = "response"
    else:
        parse_command(frame, utf8)
        start = "command"
    text = frame.octets.decode("latin-1")
    literals = source_of(frame, 0, utf8).literals

    def cut(begin: int, end: int) -> bytes:
        """The octets as they were sent: the frame's, and behind each announcement the literal that it announced."""
        pieces = bytearray()
        for at, literal in literals.items():
            if begin < at <= end and isinstance(literal, bytes):
                pieces += frame.octets[begin:at] + literal
                begin = at
        return bytes(pieces + frame.octets[begin:end])

    return _node(_parser().parse(text, start=start), cut)


@cache
def _parser() -> Lark:
    return build("command", "response", keep_all_tokens=True)


def _name(rule: str) -> str:
    return abnf_name(rule) if rule.isupper() else rule.replace("_", "-").strip("-")


@cache
def _rules() -> dict[str, tuple[str, str]]:
    """ABNF name and section of each rule, alias and terminal of the grammar files; the first definition counts."""
    rules: dict[str, tuple[str, str]] = {}
    section = rule = ""
    in_comment = False
    for line in grammar_text().splitlines():
        if line.startswith("//"):
            # A comment's first citation says where the rules below come from, the others why they are as they are.
            cited = _CITATION.search(line)
            section = cited[0] if cited and not in_comment else section
            in_comment = in_comment or bool(cited)
            continue
        in_comment = False
        if definition := _DEFINITION.match(line):
            rule = definition[1]
            rules.setdefault(rule, (_name(rule), section))
        for alias in _ALIAS.findall(line):
            rules.setdefault(alias, (_name(rule), section))
    return rules


def _node(tree: Tree[Token] | Token, cut: Cut) -> Node:
    if isinstance(tree, Token):
        rule, section = _rules()[tree.type]
        # A terminal that leaves no trace is a keyword: it stands for itself.
        return Node(f'"{tree.strip().upper()}"' if tree.type.startswith("_") else rule, section, cut(*_span([tree])))
    tokens = list(tree.scan_values(lambda value: isinstance(value, Token)))
    children = [
        _node(child, cut)
        for child in tree.children
        if child is not None and not (isinstance(child, Token) and child.type in _PUNCTUATION)
    ]
    return Node(*_rules()[tree.data], cut(*_span(tokens)), tuple(children))


def _span(tokens: list[Token]) -> tuple[int, int]:
    """Where the first token begins and the last one ends."""
    return (tokens[0].start_pos or 0, (tokens[-1].start_pos or 0) + len(tokens[-1])) if tokens else (0, 0)
