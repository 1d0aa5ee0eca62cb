"""Looking for a fault: the machine runs until the relation rejects something."""

from time import process_time

from attrs import frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from angarium.spec.protocol.answer import Inadmissible
from stateful.faults.judged import JudgedMachine

CI = settings.get_profile("ci")


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

    begun = process_time()
    rule = None
    try:
        run_state_machine_as_test(Machine, settings=settings_of(attempts))
    except Inadmissible as breach:
        rule = breach.rule
        examples -= 1  # the one that failed was run once more
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
