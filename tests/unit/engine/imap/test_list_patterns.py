import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.imap.list_patterns import compile_pattern, compile_patterns, matches_any


@pytest.mark.parametrize(
    ("pattern", "name", "result"),
    [
        ("*", "", True), ("*", "a/b", True), ("%", "a", True), ("%", "a/b", False), ("a%", "a", True), ("a%c", "abc", True),
        ("a%c", "a/c", False), ("a*c", "a/c", True), ("a/%", "a/b", True), ("a/%", "a/b/c", False), ("%/%", "a/b", True),
        ("*%", "a/b/c", True), ("%%", "a", True), ("%%", "a/b", False), ("", "", True), ("", "a", False), ("abc", "ab", False),
        ("ab", "abc", False), ("aba", "aba", True), ("%*b", "x/yb", True),
    ],
)  # fmt: skip
def test_matches(pattern: str, name: str, result: bool) -> None:
    assert compile_pattern(pattern).matches(name) is result


@given(pattern=st.text("ab/*%", max_size=8), name=st.text("ab/", max_size=10))
def test_agrees_with_a_regular_expression(pattern: str, name: str) -> None:
    expression = "".join({"*": "(?:.|\n)*", "%": "[^/]*"}.get(character, re.escape(character)) for character in pattern)
    assert compile_pattern(pattern).matches(name) is (re.fullmatch(expression, name) is not None)


@pytest.mark.parametrize("text", ["inbox", "INBOX", "InBoX", "inb%", "*", "i*X"])
def test_inbox_matches_in_any_case(text: str) -> None:
    assert matches_any(compile_patterns("", (text,)), "INBOX")


@pytest.mark.parametrize(
    ("reference", "pattern", "name"), [("a/", "%", "a/b"), ("a", "b", "ab"), ("", "x", "x"), ("", "A\u030a%", "\u00c5b")]
)
def test_reference_comes_before_the_pattern(reference: str, pattern: str, name: str) -> None:
    assert matches_any(compile_patterns(reference, ("no", pattern)), name)


def test_other_names_match_exactly() -> None:
    assert not matches_any(compile_patterns("", ("drafts",)), "Drafts")


def test_hostile_pattern_takes_no_longer_than_its_length() -> None:
    pattern = compile_pattern("*a" * 200 + "b")
    before = time.process_time()
    assert not pattern.matches("a" * 2_000)
    assert time.process_time() - before < 0.2
