"""Every state of a small world, with Angarium's engine in it (``angarium.spec.explorer``)."""

from angarium.engine.imap.state import Selected, Session
from angarium.spec.explorer.bounds import Bounds
from angarium.spec.explorer.product import Explorer
from explorer.engine_server import ENGINE, PASSING, PASSING_SELECTED, SELECTED, SESSION


def test_all_that_a_session_remembers_is_known_to_the_explorer() -> None:
    assert set(Session.__slots__) == SESSION | PASSING
    assert set(Selected.__slots__) == SELECTED | PASSING_SELECTED


def test_the_smallest_world_is_explored_to_its_end() -> None:
    report = Explorer(ENGINE, Bounds(subscribe=False, examine=False)).run()
    assert report.complete
    assert report.states > 1000
