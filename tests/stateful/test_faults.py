"""The checks can fail: whatever fault is put into the engine or its store, the relation rejects what comes of it.

``stateful.faults.table`` lists the faults, each with the requirements that it breaks. A fault that survives is a rule that is
missing. What caught each of them is printed by ``python -m stateful.faults`` as ``docs/protocol/faults.md``.
"""

import os

import pytest

from angarium.spec.catalogue import load
from stateful.faults.fault import Fault
from stateful.faults.hunt import hunt
from stateful.faults.page import is_fresh
from stateful.faults.table import FAULTS

# One fault takes a second or more to find: all of them are hunted under the profile ``long``, a part of each family otherwise.
HUNTED = FAULTS[:: {"dev": 12, "ci": 6, "long": 1}[os.environ.get("ANGARIUM_PROFILE", "dev")]]
REQUIREMENTS = {row.id for document in load() for row in document.requirements}


def test_without_a_fault_nothing_is_caught() -> None:
    assert hunt().rule is None


@pytest.mark.parametrize("fault", HUNTED, ids=lambda fault: fault.what)
def test_a_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if fault.survives:
        request.applymarker(pytest.mark.xfail(strict=True, reason=fault.survives))
    fault.change(monkeypatch)
    assert hunt(fault.attempts).rule is not None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_breaks_requirements_of_the_catalogue(fault: Fault) -> None:
    assert fault.breaks
    assert REQUIREMENTS.issuperset(fault.breaks)


def test_faults_have_names_of_their_own() -> None:
    assert len({fault.what for fault in FAULTS}) == len(FAULTS)


def test_the_page_lists_them() -> None:
    assert is_fresh(), "run PYTHONPATH=tests python -m stateful.faults"
