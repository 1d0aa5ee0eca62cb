"""Each rule of the relation, by the example of a history that it accepts and one that it rejects (``rules/*.txt``).

An entry is the text of a rule behind ``=`` and a history (``angarium.spec.history``). ``@ NAME`` and ``& NAME`` put in a
beginning of ``beginnings.txt``; of the other lines those with ``+`` are only in the history that is accepted, those with
``-`` only in the one that is rejected, all others in both. A rule with several examples has a word for each behind ``|``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from angarium.engine.operations import AppendMessages, NewMessage, UserName
from angarium.spec import protocol_model, relation
from angarium.spec.history import from_text
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge

FOLDER = Path(__file__).parent / "rules"
TURN_BY_TURN = {
    "RFC 9051 §2.2.2: a tagged response has the tag of its command",
    "RFC 9051 §2.2.2: one tagged response, and it comes last",
    "RFC 9051 §6.3.13: IDLE tells what is new",
    "RFC 3501 §2.3.2: \\Recent in the first session that was told",
}
"""Rules of those who judge one command at a time, which no history can break: see ``test_protocol_model``."""


@frozen
class Entry:
    """A rule with its two histories, as lines; ``title`` is the rule, and which example it is."""

    title: str
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The text of the rule."""
        return self.title.partition(" | ")[0]


def entries_of(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The entries of a file: what stands behind ``=``, and the lines below."""
    entry: tuple[str, list[str]] | None = None
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            if entry:
                yield entry
            entry = (line[2:], [])
        elif entry and line and not line.startswith("#"):
            entry[1].append(line)
    assert entry, path
    yield entry


BEGINNINGS = dict(entries_of(FOLDER / "beginnings.txt"))


def history_lines(lines: list[str], side: str) -> Iterator[str]:
    """The lines of one of the two histories."""
    for line in lines:
        if line[:2] in ("@ ", "& "):
            yield from history_lines(BEGINNINGS[line[2:]], side)
        elif line[:2] not in ("+ ", "- "):
            yield line
        elif line[0] == side:
            yield line[2:]


ENTRIES = [
    Entry(rule, tuple(history_lines(lines, "+")), tuple(history_lines(lines, "-")))
    for path in sorted(FOLDER.glob("*.txt"))
    if path.name != "beginnings.txt"
    for rule, lines in entries_of(path)
]


def store() -> ModelStore:
    """What the server has: three messages in INBOX."""
    store = ModelStore({"mira": "secret"})
    store.execute(AppendMessages(UserName("mira"), "INBOX", (NewMessage(b"Subject: a\r\n\r\nb\r\n"),) * 3))
    return store


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_a_history_that_is_accepted(entry: Entry) -> None:
    judge(from_text("\n".join(entry.accepted)), store(), exact=True)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_a_history_that_is_rejected_by_this_rule(entry: Entry) -> None:
    history = from_text("\n".join(entry.rejected))
    with pytest.raises(Inadmissible) as found:
        judge(history, store(), exact=True)
    assert found.value.rule == entry.rule
    assert found.value.event is not None
    assert found.value.session == history[found.value.event].session


def rules_of(path: Path) -> Iterator[str]:
    """The rules that stand in a source file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value[:4] == "RFC ":
                    yield argument.value


def test_every_rule_has_its_examples() -> None:
    folder = Path(protocol_model.__file__).parent
    sources = [folder / "protocol_model.py", Path(relation.__file__), *(folder / "protocol").rglob("*.py")]
    rules = {rule for path in sources for rule in rules_of(path)}
    of_others = {title.partition(": ")[2] for title, _ in entries_of(FOLDER.parent / "other-servers.txt")}
    assert rules - {entry.rule for entry in ENTRIES} - of_others - TURN_BY_TURN == set()
    assert len(ENTRIES) == len({entry.title for entry in ENTRIES})


def test_every_beginning_is_used() -> None:
    text = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.txt"))
    assert [name for name in BEGINNINGS if f"@ {name}\n" not in text and f"& {name}\n" not in text] == []
