"""INPROGRESS: a command is being carried out (RFC 9585 §4)."""

from angarium.grammar.imap.responses import Code, Condition, Untagged
from angarium.spec.protocol.answer import require


def require_progress(response: Untagged) -> None:
    """In an untagged OK, and where it counts, it has not reached its goal (RFC 9585 §4)."""
    if response.code is None or response.code.code is not Code.INPROGRESS:
        return
    require(response.condition is Condition.OK, "RFC 9585 §4: INPROGRESS comes in an untagged OK", response)
    if response.code.arguments:
        _, progress, goal = response.code.arguments
        counted = goal is None or (isinstance(progress, int) and isinstance(goal, int) and progress < goal)
        require(counted, "RFC 9585 §4: the goal is greater than the progress", response)
