from pathlib import Path

import pytest

from angarium.spec import print_requirements
from angarium.spec.catalogue import Aside, Binds, Document, Level, Requirement, Witness, load

ROWS = (
    Requirement("rfc1-abstract-1", Level.MAY, Binds.CLIENT, "Reads a|b.", Witness.NONE, why="binds the client"),
    Requirement(
        "rfc1-2-1", Level.MUST, Binds.SERVER, "Answers.", Witness.OUTSIDE, ("relation: RFC 1 §2: an answer", "tests/x.py::y")
    ),
    Requirement("rfc1-2-2", Level.SHOULD, Binds.BOTH, "Waits.", Witness.INSIDE, ("tests/x.py::y",), 2),
    Requirement("rfc1-A-1", Level.MUST_NOT, Binds.SERVER, "Sings.", Witness.OUTSIDE),
)
DOCUMENT = Document("rfc1", 1, "First", ROWS, (Aside("3", 4, "an example"),), ("2", "3"))
PAGE = f"""\
# RFC 1: First

{print_requirements.GENERATED}

Only of these sections: 2, 3.

## Abstract

| Id | Level | Binds | Demand | Witness |
| --- | --- | --- | --- | --- |
| rfc1-abstract-1 | MAY | client | Reads a\\|b. | none<br>binds the client |

## §2

| Id | Level | Binds | Demand | Witness |
| --- | --- | --- | --- | --- |
| rfc1-2-1 | MUST | server | Answers. | outside<br>relation: RFC 1 §2: an answer<br>`tests/x.py::y` |
| rfc1-2-2 | SHOULD | both | Waits. | inside<br>`tests/x.py::y` |

## Appendix A

| Id | Level | Binds | Demand | Witness |
| --- | --- | --- | --- | --- |
| rfc1-A-1 | MUST NOT | server | Sings. | outside |

## Words that demand nothing

| Section | Words | Why |
| --- | --- | --- |
| 3 | 4 | an example |
"""


def test_page() -> None:
    assert print_requirements.page(DOCUMENT) == PAGE


def test_overview_counts() -> None:
    figures = "4 | 1 | 1 | 1 | 0 | 1 | 2 | 1 | 1 | 0 | 2 | 1 | 1 | 3 | 2 | 2 | 9"
    lines = print_requirements.overview([DOCUMENT]).splitlines()
    assert lines[-2:] == [f"| [RFC 1](rfc1.md) First | {figures} |", f"| all | {figures} |"]


def test_the_pages_show_the_catalogue() -> None:
    assert print_requirements.stale(load()) == [], "run python -m angarium.spec.print_requirements"


def test_check_tells_stale_and_left_over_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path / "new")]
    assert print_requirements.main(folder) == 0
    assert print_requirements.main([*folder, "--check"]) == 0
    (tmp_path / "new" / "requirements.md").write_text("by hand")
    (tmp_path / "new" / "rfc0.md").write_text("of no RFC")
    assert print_requirements.main([*folder, "--check"]) == 1
    complaints = capsys.readouterr().err
    assert "requirements.md is stale" in complaints
    assert "rfc0.md is stale" in complaints
    assert print_requirements.main(folder) == 0
    assert print_requirements.main([*folder, "--check"]) == 0
