"""What servers other than ours may do (``other-servers.txt``): admissible unless the judge is exact, and bounded even then."""

from pathlib import Path

import pytest

from angarium.spec.history import from_text
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge
from unit.spec.relation.test_rules import entries_of, history_lines, store

ENTRIES = dict(entries_of(Path(__file__).parent / "other-servers.txt"))


@pytest.mark.parametrize("title", ENTRIES)
def test_another_server_may(title: str) -> None:
    history = from_text("\n".join(history_lines(ENTRIES[title], "+")))
    judge(history, store())
    with pytest.raises(Inadmissible):
        judge(history, store(), exact=True)


@pytest.mark.parametrize("title", ENTRIES)
def test_no_server_may(title: str) -> None:
    with pytest.raises(Inadmissible) as found:
        judge(from_text("\n".join(history_lines(ENTRIES[title], "-"))), store())
    assert found.value.rule == title.partition(": ")[2]
