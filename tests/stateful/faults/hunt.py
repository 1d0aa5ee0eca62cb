"""Looking for a fault: the machine runs until the relation rejects something."""

from collections.abc import Sequence
from time import process_time

from attrs import frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from angarium.grammar.imap.commands import Command
from angarium.grammar.imap.responses import Response
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.protocol_model import ProtocolModel
from stateful.faults.judged import JudgedMachine

CI = settings.get_profile("ci")


class Caught(BaseException):
    """Ends the hunt. Were it an ordinary exception, Hypothesis would run the example again and print it, which takes longer."""

    def __init__(self, breach: Inadmissible) -> None:
        super().__init__(breach.rule)
        self.rule = breach.rule


class HuntingModel(ProtocolModel):
    """The protocol model, which ends the hunt where it rejects an answer."""

    def step(self, number: int, tag: bytes, command: Command, answers: Sequence[Response]) -> None:
        try:
            super().step(number, tag, command, answers)
        except Inadmissible as breach:
            raise Caught(breach) from breach

    def idle(self, number: int, answers: Sequence[Response]) -> None:
        try:
            super().idle(number, answers)
        except Inadmissible as breach:
            raise Caught(breach) from breach

    def pushed(self, number: int, answers: Sequence[Response]) -> None:
        try:
            super().pushed(number, answers)
        except Inadmissible as breach:
            raise Caught(breach) from breach

    def done(self, number: int, tag: bytes, answers: Sequence[Response]) -> None:
        try:
            super().done(number, tag, answers)
        except Inadmissible as breach:
            raise Caught(breach) from breach


@frozen
class Finding:
    """What caught a fault: the rule, after how many examples and how much time of the processor; no rule, a survivor."""

    rule: str | None
    examples: int
    seconds: float


def hunt(attempts: int = 1) -> Finding:
    """Run the machine until the relation rejects something; any other exception is a fault of the tests, and passes through."""
    examples = 0

    class Machine(JudgedMachine):
        def __init__(self) -> None:
            nonlocal examples
            examples += 1
            super().__init__()
            self.worlds.model = HuntingModel(self.worlds.model.store, self.worlds.model.revealed)

    begun = process_time()
    rule = None
    try:
        run_state_machine_as_test(Machine, settings=settings_of(attempts))
    except Caught as caught:
        rule = caught.rule
    return Finding(rule, examples, process_time() - begun)


def settings_of(attempts: int) -> settings:
    """Always the same examples, no shrinking: as many as the ci profile has, or several times that."""
    return settings(
        max_examples=CI.max_examples * attempts,
        stateful_step_count=CI.stateful_step_count,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
