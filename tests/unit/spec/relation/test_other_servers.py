"""What servers other than ours may do (``other-servers.txt``): admissible unless the judge is exact, and bounded even then."""

from pathlib import Path

import pytest

from angarium.spec.history import from_text
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge
from unit.spec.relation.test_rules import entries_of, history_lines, store

ENTRIES = dict(entries_of(Path(__file__).parent / "other-servers.txt"))


def beginning(title: str) -> ModelStore:
    """What the server has: three messages in INBOX, or an account of which nothing is said."""
    return ModelStore({"mira": "secret"}) if title.startswith("a new account") else store()


@pytest.mark.parametrize("title", ENTRIES)
def test_another_server_may(title: str) -> None:
    history = from_text("\n".join(history_lines(ENTRIES[title], "+")))
    judge(history, beginning(title))
    with pytest.raises(Inadmissible):
        judge(history, beginning(title), exact=True)


@pytest.mark.parametrize("title", ENTRIES)
def test_no_server_may(title: str) -> None:
    with pytest.raises(Inadmissible) as found:
        judge(from_text("\n".join(history_lines(ENTRIES[title], "-"))), beginning(title))
    assert found.value.rule == title.partition(": ")[2]
