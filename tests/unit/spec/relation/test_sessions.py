"""Whole sessions with our own server (``sessions/*.txt``) are admissible; with a line or two changed they are not.

``test_rules`` has an example for every rule. Here are the mistakes that servers make, in the middle of all that else goes on
(``breaches.txt``), and beside them what a server may say instead (``freedoms.txt``).
"""

from pathlib import Path

import pytest
from attrs import frozen

from angarium.spec.history import from_text
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge
from unit.spec.relation.test_rules import entries_of

HERE = Path(__file__).parent
SESSIONS = {path.stem: path.read_text("utf-8") for path in sorted((HERE / "sessions").glob("*.txt"))}


@frozen
class Change:
    """A session in which ``instead`` stands for ``lines``; ``why`` is the rule that is broken, or what a server may choose."""

    session: str
    why: str
    lines: str
    instead: str

    def text(self) -> str:
        """The session with the first such lines changed."""
        assert self.lines in SESSIONS[self.session]
        return SESSIONS[self.session].replace(self.lines, self.instead, 1)


def changes_of(name: str) -> list[Change]:
    """The entries of a file."""
    changes = []
    for title, lines in entries_of(HERE / name):
        session, _, why = title.partition(": ")
        before, after = ("".join(f"{line[2:]}\n" for line in lines if line.startswith(side)) for side in ("- ", "+ "))
        changes.append(Change(session, why, before, after))
    return changes


BREACHES, FREEDOMS = changes_of("breaches.txt"), changes_of("freedoms.txt")


def judge_session(text: str) -> None:
    """Judge a history that begins with empty mailboxes."""
    judge(from_text(text), ModelStore({"mira": "secret"}), exact=True)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_is_accepted(session: str) -> None:
    judge_session(SESSIONS[session])


@pytest.mark.parametrize("breach", BREACHES, ids=lambda each: f"{each.session}: {each.why}")
def test_a_session_with_a_breach_is_rejected(breach: Change) -> None:
    with pytest.raises(Inadmissible) as found:
        judge_session(breach.text())
    assert found.value.rule == breach.why


@pytest.mark.parametrize("freedom", FREEDOMS, ids=lambda each: f"{each.session}: {each.why}")
def test_a_session_that_goes_otherwise_is_accepted(freedom: Change) -> None:
    judge_session(freedom.text())


def test_every_session_has_a_breach() -> None:
    assert {breach.session for breach in BREACHES} == set(SESSIONS)
