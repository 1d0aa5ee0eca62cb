"""The measuring scripts run, check what the servers answer, and print figures; how large these are is not tested here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.messages import RARE_EVERY, RARE_WORD, messages
from bench.report import Figure

TESTS = Path(__file__).parents[1]
SIZES = {
    "startup": [],
    "fetch": ["--messages", "30"],
    "noop": ["--commands", "100", "--sessions", "3", "--messages", "10"],
    "append": ["--messages", "20"],
    "search": ["--messages", "100"],
    "sort": ["--messages", "100"],
    "idle": ["--sessions", "3", "--messages", "10", "--latencies", "2"],
    "large": ["--messages", "300"],
    "change": ["--messages", "30"],
}


@pytest.mark.peer
@pytest.mark.parametrize("script", SIZES)
def test_a_script_prints_its_figures(script: str) -> None:
    command = [
        sys.executable,
        "-m",
        f"bench.{script}",
        "--json",
        "--rounds",
        "1",
        "--only",
        "angarium",
        "--workers",
        "2",
        *SIZES[script],
    ]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures
    assert all(len(figure["values"]) == 1 and figure["server"] == "angarium" for figure in figures)


def test_every_script_is_listed() -> None:
    scripts = {path.stem for path in Path(__file__).parent.glob("*.py") if "\ndef main()" in path.read_text()}
    assert scripts - {"everything"} == SIZES.keys()


def test_the_messages_are_the_same_each_time() -> None:
    first, second = list(messages(200)), list(messages(200))
    assert first == second
    assert all(message.endswith(b"\r\n") and b"\n" not in message.replace(b"\r\n", b"") for message in first)
    assert 5_000 < sum(map(len, first)) / len(first) < 12_000


def test_the_rare_word_is_where_it_is_said_to_be() -> None:
    plain = [number for number, message in enumerate(messages(200)) if RARE_WORD.encode() in message]
    assert set(plain) <= set(range(0, 200, RARE_EVERY))


@pytest.mark.parametrize(("larger_is_better", "times"), [(True, "2.00"), (False, "0.50")])
def test_a_ratio_says_how_many_times_better(larger_is_better: bool, times: str) -> None:
    ours = Figure("w", "angarium", "/s", (1, 100, 20), larger_is_better)
    theirs = Figure("w", "dovecot", "/s", (10,), larger_is_better)
    assert ours.times_better_than(theirs) == times


def test_there_is_no_ratio_to_nothing() -> None:
    assert Figure("w", "angarium", "MB", (0,)).times_better_than(Figure("w", "dovecot", "MB", (5,))) == ""
