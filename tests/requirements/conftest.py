"""Connections to an engine over the model of a store, for the tests that clauses of the RFCs name as their witness."""

from collections.abc import Callable

import pytest

from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture
def store() -> ModelStore:
    return ModelStore({"tim": "secret"})


@pytest.fixture
def log_in(store: ModelStore) -> Callable[[], Dialogue]:
    """Opens one more connection of the same user."""

    def another() -> Dialogue:
        connection = Dialogue(store.execute)
        assert connection.command("in LOGIN tim secret")[-1].startswith(b"in OK")
        return connection

    return another


@pytest.fixture
def tim(log_in: Callable[[], Dialogue]) -> Dialogue:
    return log_in()


@pytest.fixture
def inbox(tim: Dialogue) -> Dialogue:
    """Three messages in INBOX, selected."""
    for _ in range(3):
        tim.append(MESSAGE)
    assert tim.command("sel SELECT INBOX")[-1].startswith(b"sel OK")
    return tim
