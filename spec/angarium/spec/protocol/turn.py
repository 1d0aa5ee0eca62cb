"""One command with its answer, and all that a rule needs to judge it."""

from typing import Any

from attrs import frozen

from angarium.engine.operations import Operation
from angarium.grammar.imap.responses import Response
from angarium.spec.model.state import Mailbox, World
from angarium.spec.protocol.answer import Answer
from angarium.spec.protocol.refusals import attempt
from angarium.spec.protocol.replay import Told, replay
from angarium.spec.protocol.session import Session, is_orphan, selected_mailbox
from angarium.spec.protocol.uidvalidity import Uidvalidities


@frozen
class Turn:
    """A rule first carries out the command on the world, then replays the answer, then demands what must have been told."""

    world: World
    session: Session
    answer: Answer
    uidvalidities: Uidvalidities

    def attempt(self, operation: Operation) -> Any:
        """Carry out an operation on the model; a refusal comes back as the value."""
        return attempt(self.world, operation)

    def replay(self, responses: tuple[Response, ...] | None = None, *, expunges: bool = True) -> Told:
        """Take in the untagged responses, or these."""
        return replay(self.world, self.session, self.answer.untagged if responses is None else responses, expunges=expunges)

    @property
    def mailbox(self) -> Mailbox:
        """The selected mailbox."""
        mailbox = selected_mailbox(self.world, self.session)
        assert mailbox is not None, "an orphaned session is left alone"
        return mailbox

    @property
    def orphaned(self) -> bool:
        """The selected mailbox has been deleted."""
        return is_orphan(self.world, self.session)
