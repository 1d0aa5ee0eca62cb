"""The tables of LMTP are complete and agree with what is executed: every command in every state has an outcome."""

import pytest

from angarium.engine.lmtp.session import Outcome, State
from angarium.engine.lmtp.tables import ANY, COMMANDS, TRANSITIONS
from angarium.grammar.lmtp.commands import Command


def test_every_command_value_has_one_row():
    assert sorted(row.value.__name__ for row in COMMANDS) == sorted(each.__name__ for each in Command.__args__)


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_rows_cite_their_source(row):
    assert row.source.startswith("RFC ")
    assert row.valid_in <= ANY


def test_transitions_start_where_their_command_is_valid():
    valid = {row.value: row.valid_in for row in COMMANDS}
    for (state, command, outcome), target in TRANSITIONS.items():
        assert state in valid[command]
        assert isinstance(outcome, Outcome)
        assert isinstance(target, State)


def test_every_state_can_be_reached_and_left_for_ready():
    assert {*TRANSITIONS.values(), State.CONNECTED} == set(State)
