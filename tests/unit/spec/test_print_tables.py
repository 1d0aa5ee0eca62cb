from pathlib import Path

import pytest

from angarium.spec import print_tables


def test_the_pages_show_what_the_engine_obeys() -> None:
    assert print_tables.stale() == [], "run python -m angarium.spec.print_tables"


def test_check_tells_a_stale_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path)]
    assert print_tables.main(folder) == 0
    assert print_tables.main([*folder, "--check"]) == 0
    (tmp_path / "imap.md").write_text("by hand")
    assert print_tables.main([*folder, "--check"]) == 1
    assert "imap.md is stale" in capsys.readouterr().err
