"""``python -m angarium.spec.relation``: what it says of a file, and with which exit code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from angarium.spec.relation import main

Told = Callable[..., tuple[int, str, str]]
GREETING = "# one session\n\n1 connected\n1 S: * OK ready\n"


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """Run the command on a file with this text: exit code, and what it printed."""

    def run(text: str, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "history.txt"
        file.write_text(text)
        code = main([str(file), *options])
        return code, *capsys.readouterr()

    return run


def test_an_admissible_history(told: Told) -> None:
    assert told(f"{GREETING}1 C: a NOOP\n1 S: a OK done\n") == (0, "admissible\n", "")


def test_a_breach_is_told_with_its_rule_and_line(told: Told) -> None:
    code, out, _ = told(f"{GREETING}1 C: a NOOP\n1 S: a NO done\n")
    assert code == 1
    assert out.startswith("RFC 9051 §6.1.2: NOOP is OK\n  event 3, line 6, session 1\n")


def test_lines_of_a_literal_are_counted(told: Told) -> None:
    code, out, _ = told(f"{GREETING}1 C: a LOGIN mira {{6+}}\n1 C+ secret\n1 S: a NO [AUTHENTICATIONFAILED] no\n")
    assert code == 1
    assert out.startswith("RFC 9051 §6.2.3: the right password is OK\n  event 3, line 7, session 1\n")


def test_another_user(told: Told) -> None:
    text = f"{GREETING}1 C: a LOGIN nina s:3\n1 S: a OK done\n"
    assert told(text)[0] == 1
    assert told(text, "--user", "nina:s:3")[0] == 0


def test_exact_numbers_are_those_of_our_stores(told: Told) -> None:
    text = f"{GREETING}1 C: a LOGIN mira secret\n1 S: a OK [CAPABILITY IMAP4rev2] in\n"
    text += "1 C: b STATUS INBOX (UIDNEXT)\n1 S: * STATUS INBOX (UIDNEXT 70)\n1 S: b OK done\n"
    assert told(text)[0] == 0
    assert told(text, "--exact")[0] == 1


def test_what_is_no_history(told: Told, tmp_path: Path) -> None:
    code, out, err = told("1 connected\nhello\n")
    assert (code, out) == (2, "")
    assert "not a line of a history: 'hello'" in err
    assert main([str(tmp_path / "nowhere.txt")]) == 2
