"""Whether what the catalogue names as a check exists: rules of the protocol model, pytest functions, transcripts.

``relation: TEXT`` is the text of a rule in ``angarium.spec``, ``tests/.../test_x.py::test_y`` a function of a test module, and
``tests/conformance/x.txt`` a transcript. Sources are read with ``ast`` and not imported, so nothing of them runs.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from angarium.spec.catalogue import Document

RELATION: Final = "relation: "
SOURCES: Final = Path(__file__).parent
ROOT: Final = SOURCES.parents[2]
"""The checkout."""

_RULE: Final = re.compile(r"RFC \d+ (?:§|Appendix ).*: ")


@cache
def rules(folder: Path = SOURCES) -> frozenset[str]:
    """Collect the rules: texts given to a call that begin with an RFC and its section."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        found |= set(_texts_given(ast.parse(path.read_text("utf-8"))))
    return frozenset(found)


def _texts_given(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            nodes = [node for argument in given for node in ast.walk(argument) if isinstance(node, ast.Constant)]
            yield from (node.value for node in nodes if isinstance(node.value, str) and _RULE.match(node.value))


@cache
def functions(path: Path) -> frozenset[str]:
    """Name the functions of a module; those of a class as ``Class::function``."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(names)


def exists(check: str, root: Path = ROOT) -> bool:
    """Say whether a check is there."""
    if check.startswith(RELATION):
        return check.removeprefix(RELATION) in rules()
    path, separator, function = check.partition("::")
    if not (root / path).is_file():
        return False
    return function in functions(root / path) if separator else path.startswith("tests/conformance/") and path.endswith(".txt")


def missing(document: Document, root: Path = ROOT) -> list[str]:
    """List the checks of a document that do not exist, each with the row that names it."""
    return [
        f"{document.name}.toml: {row.id}: {check}"
        for row in document.requirements
        for check in row.checks
        if not exists(check, root)
    ]
