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
UNJUDGED = {c.Authenticate, c.Compress, c.StartTls, c.Replace}
"""What the protocol model has no rule for, what only changes how octets travel, and REPLACE, whose two effects in one step are
not carried over to other sessions yet; ``test_complete.py`` tries these.
"""


def explored(bounds: Bounds, depth: int | None) -> Report:
    explorer = Explorer(ENGINE, bounds)
    try:
        return explorer.run(depth=depth)
    except Found as found:
        pytest.fail(story(explorer, found))


def test_all_that_a_session_remembers_is_known_to_the_explorer() -> None:
    assert set(Session.__slots__) == SESSION | PASSING
    assert set(Selected.__slots__) == SELECTED | PASSING_SELECTED


def test_every_command_family_is_explored() -> None:
    assert {type(move) for move in moves(Bounds(enable=(b"IMAP4rev2",)), FRESH)} == set(COMMAND_OF) - UNJUDGED


def test_the_smallest_world_is_explored_to_its_end() -> None:
    report = explored(Bounds(subscribe=False, examine=False), None)
    assert report.complete
    assert report.states > 1000
    assert report.rows == {row for row in ENGINE.transitions if row[1] not in UNJUDGED}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world(name: str) -> None:
    report = explored(WORLDS[name], DEPTH)
    assert report.complete == (DEPTH is None)
    assert report.states > 50
