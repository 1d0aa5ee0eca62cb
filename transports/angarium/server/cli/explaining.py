r"""``angarium explain``: how an IMAP command is read, rule by rule, with the section of the RFC that says so."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from angarium.grammar.imap.explain import Node
from angarium.grammar.imap.explain import explain as explain_frame
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.syntax_errors import CommandSyntaxError, ResponseSyntaxError
from angarium.server.cli.complaints import FINE, ProblemFound, UsageError
from angarium.server.cli.output import print_json

OCTETS_MAX = 1_048_576


def explain(chosen: Namespace) -> int:
    """Print the parse tree of a command or response, or say where it stops being one."""
    frame = read_frame(os.fsencode(chosen.text).replace(rb"\r\n", b"\r\n"))
    try:
        node = explain_frame(frame, chosen.utf8)
    except (CommandSyntaxError, ResponseSyntaxError) as error:
        raise ProblemFound(f"not IMAP: {error}, which is here: {_rest(frame.octets, error.octet)}") from error
    if chosen.json:
        print_json(_as_json(node))
    elif sys.stdout.isatty():
        _print_tree(node)
    else:
        print("\n".join("  " * depth + _line(node) for depth, node in flatten(node)))
    return FINE


def read_frame(octets: bytes) -> Frame:
    """Cut literals out as the server does (RFC 9051 §4.3); what follows the first whole command is wrong use."""
    framer = Framer(OCTETS_MAX, OCTETS_MAX, OCTETS_MAX, OCTETS_MAX + 1)
    framer.feed(octets.removesuffix(b"\r\n") + b"\r\n")
    while (event := framer.next()) is not None:
        if isinstance(event, Frame):
            if framer.next() is not None:
                raise UsageError("give one command: there is something after its end")
            return event
        if not isinstance(event, LiteralWanted) or not event.within_limits:
            raise UsageError("that is too long to explain")
        framer.accept_literal(stream=False)
    raise UsageError(r"the command ends inside a literal: write \r\n after {n}, then n octets, then the rest")


def _rest(octets: bytes, offset: int) -> str:
    return repr(octets[offset : offset + 40].decode("utf-8", "replace")) if offset < len(octets) else "the end"


def flatten(node: Node, depth: int = 0) -> Iterator[tuple[int, Node]]:
    """Yield each node of a tree with its depth, parents first."""
    yield depth, node
    for child in node.children:
        yield from flatten(child, depth + 1)


def _text(node: Node) -> str:
    return node.text.decode("utf-8", "backslashreplace").replace("\r", r"\r").replace("\n", r"\n")


def _line(node: Node) -> str:
    section = f"  ({node.section})" if node.section else ""
    return f"{node.rule}: {_text(node)}{section}"


def _as_json(node: Node) -> dict[str, Any]:
    children = [_as_json(child) for child in node.children]
    return {"rule": node.rule, "section": node.section, "text": _text(node), "children": children}


def _print_tree(root: Node) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def label(node: Node) -> Text:
        return Text.assemble((node.rule, "bold"), "  ", (_text(node), "cyan"), "  ", (node.section, "dim"))

    branches = {0: Tree(label(root))}
    for depth, node in list(flatten(root))[1:]:
        branches[depth] = branches[depth - 1].add(label(node))
    Console().print(branches[0])
