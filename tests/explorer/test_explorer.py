"""Every state of small worlds, with Angarium's engine in it (``angarium.spec.explorer``).

One world is explored to its end always; the others as deep as the profile says, to their end in ``long``.
"""

import os

import pytest

from angarium.engine.imap.state import Selected, Session
from angarium.engine.imap.tables import COMMAND_OF
from angarium.grammar.imap import commands as c
from angarium.spec.explorer.alphabet import moves
from angarium.spec.explorer.behaviour import Found
from angarium.spec.explorer.bounds import Bounds
from angarium.spec.explorer.edge import FRESH
from angarium.spec.explorer.product import Explorer, Report
from angarium.spec.explorer.story import story
from explorer.engine_server import ENGINE, PASSING, PASSING_SELECTED, SELECTED, SESSION
from explorer.worlds import WORLDS

DEPTH = {"dev": 4, "ci": 5, "long": None}[os.environ.get("ANGARIUM_PROFILE", "dev")]
TRAVEL = "changes how octets travel, and the small world has whole commands and answers"
ACCESS = dict.fromkeys(
    (c.SetAcl, c.DeleteAcl, c.GetAcl, c.ListRights, c.MyRights), "is for several users, and the small world has one"
)
UPDATED = "is of searches that are kept up to date, and the small world keeps none"
ELSEWHERE = {c.StartTls: TRAVEL, c.Compress: TRAVEL, c.CancelUpdate: UPDATED, **ACCESS}
"""Commands that are in no world, with the reason; ``test_complete.py`` tries them."""


def explored(bounds: Bounds, depth: int | None) -> Report:
    explorer = Explorer(ENGINE, bounds)
    try:
        return explorer.run(depth=depth)
    except Found as found:
        pytest.fail(story(explorer, found))


def test_all_that_a_session_remembers_is_known_to_the_explorer() -> None:
    assert set(Session.__slots__) == SESSION | PASSING
    assert set(Selected.__slots__) == SELECTED | PASSING_SELECTED


@pytest.mark.parametrize("name", WORLDS)
def test_every_command_family_is_in_every_world(name: str) -> None:
    """ENABLE where there is something to enable."""
    bounds = WORLDS[name]
    left_out = set(ELSEWHERE) if bounds.enable else {*ELSEWHERE, c.Enable}
    assert {type(move) for move in moves(bounds, FRESH)} == set(COMMAND_OF) - left_out


def test_the_smallest_world_is_explored_to_its_end() -> None:
    report = explored(Bounds(subscribe=False, examine=False), None)
    assert report.complete
    assert report.states > 1000
    assert report.rows == {row for row in ENGINE.transitions if row[1] not in ELSEWHERE}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world(name: str) -> None:
    report = explored(WORLDS[name], DEPTH)
    assert report.complete == (DEPTH is None)
    assert report.states > 50
