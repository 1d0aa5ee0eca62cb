"""Regular expressions that every Python from 3.11.0 reads the same way."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[4]
SOURCES = sorted(
    path for root in ("grammar", "engine", "store", "transports", "spec") for path in (CHECKOUT / root).rglob("*.py")
)
POSSESSIVE_GROUP = re.compile(r"\)[*+?]\+|\(\?>")


@pytest.mark.parametrize(
    "source", [path for path in SOURCES if "re.compile" in path.read_text("utf-8")], ids=lambda path: path.name
)
def test_no_possessive_groups(source: Path) -> None:
    """Before 3.11.5 a possessive group keeps what a repetition took that then failed (CPython issue 106052)."""
    assert POSSESSIVE_GROUP.findall(source.read_text("utf-8")) == []
