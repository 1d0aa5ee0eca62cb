"""One command with its answer, and all that a rule needs to judge it."""

from typing import Any

from attrs import frozen

from angarium.engine.operations import MailboxId, Operation
from angarium.grammar.imap.responses import Response
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.spec.model.state import Mailbox, Message, World
from angarium.spec.protocol.answer import Answer
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.refusals import attempt
from angarium.spec.protocol.replay import Told, replay
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.session import Session, is_orphan, mailboxes_at, selected_mailbox
from angarium.spec.protocol.targets import targets


@frozen
class Turn:
    """A command's effect is carried out on ``world``; then its rule replays the answer and demands what must have been told.

    ``moments`` are the worlds that the answer may tell of, oldest first, ``after`` those of them from the effect on. Where
    nothing else happens meanwhile, and for commands judged one by one, all three are the same world.
    ``lines`` are what the client sent after a continuation request.
    """

    world: World
    session: Session
    answer: Answer
    revealed: Revealed
    choices: Choices
    moments: tuple[World, ...]
    after: tuple[World, ...]
    lines: tuple[bytes, ...] = ()

    def attempt(self, operation: Operation) -> Any:
        """Carry out an operation on the model; a refusal comes back as the value."""
        return attempt(self.world, operation)

    def targets(self, numbers: SequenceSet, uid: bool) -> list[int]:
        """The messages that a set names (RFC 9051 §9 ``sequence-set``)."""
        return targets(self.session, numbers, uid, self.numbering, self.choices)

    def replay(self, responses: tuple[Response, ...] | None = None, *, expunges: bool = True) -> Told:
        """Take in the untagged responses, or these."""
        untagged = self.answer.untagged if responses is None else responses
        return replay(self.moments, self.session, untagged, self.revealed, self.choices, expunges=expunges)

    @property
    def mailbox(self) -> Mailbox:
        """The selected mailbox, right after the effect."""
        mailbox = selected_mailbox(self.world, self.session)
        assert mailbox is not None, "an orphaned session is left alone"
        return mailbox

    def mailbox_in(self, world: World) -> Mailbox:
        """The selected mailbox at some moment, or as it was last."""
        return selected_mailbox(world, self.session) or self.mailbox

    @property
    def mailboxes(self) -> list[Mailbox]:
        """The selected mailbox as it was at each moment that the answer may tell of."""
        return mailboxes_at(self.moments, self.session)

    @property
    def ghosts(self) -> dict[int, Message]:
        """Messages that are gone, and the client has not been told, as they were last; none of our own server (RFC 2180 §4.1)."""
        kept = self.revealed.ghosts
        gone = [uid for uid in self.session.view if uid not in self.mailbox.messages] if kept else []
        return {uid: kept[self.mailbox.id, uid] for uid in gone if (self.mailbox.id, uid) in kept}

    @property
    def numbering(self) -> Numbering:
        """The server's numbers of the selected mailbox."""
        return self.numbering_of(self.mailbox.id)

    def numbering_of(self, mailbox: MailboxId) -> Numbering:
        """The server's numbers of a mailbox."""
        return self.revealed.numbering(mailbox)

    def observe_uidvalidity(self, mailbox: MailboxId, uidvalidity: object) -> None:
        """Take note of the value shown of a mailbox, which has a name right after the effect (RFC 9051 §2.3.1.1)."""
        self.revealed.observe_uidvalidity(self.world.mailbox(mailbox).name, mailbox, uidvalidity)

    @property
    def exact(self) -> bool:
        """The server is our own, which does all that it should do and not only what it must (``Revealed.exact``)."""
        return self.revealed.exact

    @property
    def orphaned(self) -> bool:
        """The selected mailbox has been deleted."""
        return is_orphan(self.moments[-1], self.session)
