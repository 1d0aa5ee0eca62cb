"""``imap.unauthenticate``: the switch that RFC 8437 §8 demands."""

import pytest

from angarium.engine.steps import Peer
from angarium.server.config import Config
from angarium.server.config_settings import switch
from angarium.server.worker import protocols


@pytest.mark.parametrize("allowed", [True, False])
def test_the_setting_reaches_the_engine(allowed: bool) -> None:
    engine = protocols(Config(unauthenticate=allowed))["imap"].engine(Peer("x"))
    assert engine.session.reusable is allowed


@pytest.mark.parametrize(("value", "meaning"), [(True, True), (False, False), ("true", True), ("False", False)])
def test_a_switch_is_true_or_false(value: object, meaning: bool) -> None:
    assert switch(value) is meaning


@pytest.mark.parametrize("value", ["yes", 1, 0, "", None])
def test_nothing_else_is(value: object) -> None:
    with pytest.raises(ValueError, match="is not true or false"):
        switch(value)
