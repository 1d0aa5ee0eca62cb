"""``angarium spec`` on a small catalogue."""

import json
from pathlib import Path
from typing import Any

import pytest

from angarium.server import cli
from angarium.server.cli import requirements
from angarium.server.cli.table import COMMANDS
from angarium.spec.catalogue import Aside, Binds, Document, Level, Requirement, Witness

ANSWER = Requirement("rfc1-2-1", Level.MUST, Binds.SERVER, "Answers.", Witness.OUTSIDE, ("tests/x.py::y",), why="quirk")
WAIT = Requirement("rfc1-2-2", Level.SHOULD, Binds.BOTH, "Waits.", Witness.INSIDE)
ASK = Requirement("rfc2-1-1", Level.MUST_NOT, Binds.CLIENT, "Asks twice.", Witness.NONE, why="binds the client")
FIRST = Document("rfc1", 1, "First", (ANSWER, WAIT), (Aside("1", 1, "an example"),))
SECOND = Document("rfc2", 2, "Second", (ASK,), sections=("1",))
LINES = [
    "rfc1-2-1\tMUST\tserver\toutside\t1\tAnswers.",
    "rfc1-2-2\tSHOULD\tboth\tinside\t0\tWaits.",
    "rfc2-1-1\tMUST NOT\tclient\tnone\t0\tAsks twice.",
]
FIGURES = ["1\tFirst\t2\t1\t0\t1\t0\t0\t2\t1\t1\t3", "2\tSecond\t1\t0\t1\t0\t0\t0\t0\t0\t0\t1"]


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run ``angarium spec`` and return exit code, lines of output and complaints."""
    monkeypatch.setattr(requirements, "load", lambda: (FIRST, SECOND))

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        code = cli.main(["spec", *arguments])
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err.splitlines()

    return run


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((), [0, 1, 2]),
        (("--rfc", "2"), [2]),
        (("--level", "SHOULD"), [1]),
        (("--binds", "client"), [2]),
        (("--witness", "outside"), [0]),
        (("--unchecked",), [1]),
        (("--unchecked", "--rfc", "2"), []),
    ],
)
def test_list(spec: Any, arguments: tuple[str, ...], lines: list[int]) -> None:
    assert spec("list", *arguments) == (0, [LINES[number] for number in lines], [])


def test_list_as_json(spec: Any) -> None:
    _, lines, _ = spec("list", "--rfc", "2", "--json")
    expected = {
        "id": "rfc2-1-1",
        "section": "1",
        "level": "MUST NOT",
        "binds": "client",
        "text": "Asks twice.",
        "witness": "none",
        "checks": [],
        "keywords": 1,
        "why": "binds the client",
    }
    assert json.loads("".join(lines)) == [expected]


def test_choices_are_those_of_the_catalogue() -> None:
    (command,) = [command for command in COMMANDS if command.words == ("spec", "list")]
    choices = {option.names[0]: option.settings.get("choices") for option in command.options}
    for name, kind in (("--level", Level), ("--binds", Binds), ("--witness", Witness)):
        assert choices[name] == tuple(each.value for each in kind)


@pytest.mark.parametrize("what", ["rfc1-2-1", "RFC1-2-1"])
def test_show_a_row(spec: Any, what: str) -> None:
    expected = [
        "rfc1-2-1\tAnswers.",
        "section\tRFC 1 §2",
        "level\tMUST, binds the server",
        "witness\toutside",
        "check\ttests/x.py::y",
        "why\tquirk",
    ]
    assert spec("show", what) == (0, expected, [])


@pytest.mark.parametrize("what", ["1", "rfc1", "RFC1"])
def test_show_an_rfc(spec: Any, what: str) -> None:
    code, lines, _ = spec("show", what, "--json")
    assert code == 0
    assert [row["id"] for row in json.loads("".join(lines))] == ["rfc1-2-1", "rfc1-2-2"]


def test_show_what_is_not_there(spec: Any) -> None:
    complaint = "angarium: the catalogue has no 3; angarium spec list shows the ids, angarium spec coverage the RFCs"
    assert spec("show", "3") == (1, [], [complaint])


def test_coverage_without_texts(spec: Any) -> None:
    expected = [f"{line}\t?" for line in FIGURES]
    assert spec("coverage") == (1, expected, ["angarium: rfc1-2-2 could be tested and has no check"])


def test_coverage_finds_gaps(spec: Any, tmp_path: Path) -> None:
    (tmp_path / "rfc1.txt").write_text("1. One\n  MUST MAY\n2. Two\n  MUST SHOULD\n3. Three\n  MAY\n")
    (tmp_path / "rfc2.txt").write_text("1. One\n  MUST NOT\n2. Two\n  MUST\n")
    complaints = [
        "angarium: RFC 1 §1 has 2 RFC 2119 words, the catalogue accounts for 1",
        "angarium: RFC 1 §3 has 1 RFC 2119 words, the catalogue accounts for 0",
        "angarium: rfc1-2-2 could be tested and has no check",
    ]
    assert spec("coverage", "--rfc-texts", str(tmp_path)) == (1, [f"{FIGURES[0]}\t5", f"{FIGURES[1]}\t1"], complaints)


def test_coverage_as_json(spec: Any, tmp_path: Path) -> None:
    (tmp_path / "rfc1.txt").write_text("1. One\n  MUST MAY\n2. Two\n  MUST SHOULD\n")
    _, lines, _ = spec("coverage", "--json", "--rfc-texts", str(tmp_path))
    first, second = json.loads("".join(lines))
    assert first["words"] == 3
    assert first["words_in_text"] == 4
    assert first["gaps"] == [{"section": "1", "in_text": 2, "in_rows": 1}]
    assert first["unchecked"] == ["rfc1-2-2"]
    assert second["words_in_text"] is None
    assert second["gaps"] == []


def test_nothing_missing_is_fine(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "load", lambda: (SECOND,))
    assert spec("coverage") == (0, [f"{FIGURES[1]}\t?"], [])


def test_texts_have_to_be_a_folder(spec: Any, tmp_path: Path) -> None:
    complaint = f"angarium: {tmp_path / 'x'} is no folder: give one with files such as rfc9051.txt"
    assert spec("coverage", "--rfc-texts", str(tmp_path / "x")) == (2, [], [complaint])
