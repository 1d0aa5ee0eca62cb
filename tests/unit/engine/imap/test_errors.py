import pytest

from angarium.engine import operations
from angarium.engine.imap.errors import ANSWERS, outcome_of
from angarium.engine.operations import MailboxExists, MailboxNotFound, StoreError
from angarium.grammar.imap.commands import Append, Command, Copy, Create, Move, Noop
from angarium.grammar.imap.responses import Code, Condition, ResponseCode
from angarium.grammar.imap.sequence_set import SequenceSet


def test_every_error_of_a_store_has_an_answer() -> None:
    errors = {value for value in vars(operations).values() if isinstance(value, type) and issubclass(value, StoreError)}
    assert errors == set(ANSWERS)


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_no_with_its_code(kind: type[StoreError]) -> None:
    outcome = outcome_of(kind(), Noop())
    assert (outcome.condition, outcome.code) == (Condition.NO, ResponseCode(ANSWERS[kind].code))
    assert outcome.text
    assert outcome_of(kind("said so"), Noop()).text == "said so"


def test_a_more_special_error_is_answered_like_its_kind() -> None:
    class Twin(MailboxExists):
        pass

    assert outcome_of(Twin(), Create("a")).code == ResponseCode(Code.ALREADYEXISTS)


@pytest.mark.parametrize("command", [Append("a", b""), Copy(SequenceSet(), "a"), Move(SequenceSet(), "a")])
def test_a_missing_target_can_be_created(command: Command) -> None:
    assert outcome_of(MailboxNotFound(), command).code == ResponseCode(Code.TRYCREATE)
