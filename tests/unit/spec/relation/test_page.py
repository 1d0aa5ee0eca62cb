"""The page about the relation tells the truth: its histories are rejected with the clause it names."""

from pathlib import Path

import pytest

from angarium.spec.history import from_text
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge
from unit.spec.relation.test_rules import BEGINNINGS, history_lines, store

PAGE = next(parent / "docs/protocol/relation.md" for parent in Path(__file__).parents if (parent / "docs").is_dir())


def histories() -> list[tuple[list[str], str]]:
    """Each history of the page with the clause below it."""
    _, *parts = PAGE.read_text("utf-8").split("\n> ")
    befores = PAGE.read_text("utf-8").split("\n> ")[:-1]
    found = []
    for before, after in zip(befores, parts, strict=True):
        lines = [line.strip() for line in before.rstrip().rsplit("\n\n", 1)[-1].splitlines()]
        found.append((lines, after.split(";")[0]))
    return found


@pytest.mark.parametrize(("lines", "rule"), histories())
def test_a_history_of_the_page(lines: list[str], rule: str) -> None:
    text = "\n".join([*history_lines(BEGINNINGS["two"], "+"), *lines])
    with pytest.raises(Inadmissible) as found:
        judge(from_text(text), store(), exact=True)
    assert found.value.rule == rule


def test_what_would_have_been_right() -> None:
    first, second = (lines for lines, _ in histories())
    right = [line for line in first if line != "1 S: * 1 EXPUNGE"]
    told = [*second[:3], r"1 S: * 1 FETCH (FLAGS (\Answered \Flagged))", *second[3:]]
    for lines in (right, told):
        judge(from_text("\n".join([*history_lines(BEGINNINGS["two"], "+"), *lines])), store(), exact=True)
