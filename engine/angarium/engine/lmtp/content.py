"""Mail data as it arrives, until the recipients have it (RFC 5321 §4.1.1.4, RFC 3030 §2).

Up to ``stage_octets`` it is gathered in memory and shared by all recipients. What is larger goes to the store piece by piece,
once for each recipient: a staged literal is used up by the mailbox that takes it, and each recipient's delivery succeeds or
fails by itself. After a failure the rest is swallowed, so that the conversation stays in step.
"""

from collections.abc import Generator

from angarium.engine.lmtp.limits import Limits
from angarium.engine.operations import DiscardStaged, StageOctets, StoreError, TooLarge
from angarium.engine.steps import Event, Execute, Failed, Result, Step
from angarium.grammar.imap.commands import StagedLiteral


class Content:
    """The message of one transaction. ``failure``: why it cannot be delivered, for all recipients.

    ``counted``: it came by BDAT, where every octet counts, and not as lines (RFC 3030 §2).
    """

    __slots__ = ("_gathered", "_limits", "_recipients", "_tokens", "counted", "failure", "has_nul", "octets")

    def __init__(self, recipients: int, limits: Limits, *, counted: bool = False) -> None:
        self._recipients = recipients
        self._limits = limits
        self._gathered = bytearray()
        self._tokens: list[str] = []
        self.counted = counted
        self.octets = 0
        self.has_nul = False
        self.failure: StoreError | None = None

    def add(self, octets: bytes) -> Generator[Step, Event, None]:
        """Take the next octets; they go to the store when enough have come."""
        self.octets += len(octets)
        if self.octets > self._limits.message_octets_max:
            self.failure = self.failure or TooLarge()
        if self.failure is not None:
            self._gathered.clear()
            return
        self.has_nul = self.has_nul or 0 in octets
        self._gathered += octets
        if len(self._gathered) > self._limits.stage_octets:
            yield from self._stage()

    def complete(self) -> Generator[Step, Event, None]:
        """See that a message which is staged in part is staged as a whole."""
        if self._tokens and self._gathered and self.failure is None:
            yield from self._stage()

    def copy(self, number: int) -> bytes | StagedLiteral:
        """Give the message to recipient ``number``, counted from 0."""
        if self._tokens:
            return StagedLiteral(self._tokens[number], self.octets)
        return bytes(self._gathered)

    def keep_for_discarding(self, number: int) -> str | None:
        """Name the staged copy of recipient ``number``, where there is one."""
        return self._tokens[number] if number < len(self._tokens) else None

    def discard(self) -> Generator[Step, Event, None]:
        """Forget what is staged: the transaction ends without delivery."""
        for token in self._tokens:
            yield Execute(DiscardStaged(token))
        self._tokens.clear()
        self._gathered.clear()

    def _stage(self) -> Generator[Step, Event, None]:
        octets = bytes(self._gathered)
        self._gathered.clear()
        for number in range(self._recipients):
            token = self.keep_for_discarding(number)
            answer = yield Execute(StageOctets(octets, token))
            if isinstance(answer, Failed):
                self.failure = answer.error
                return
            if token is None:
                assert isinstance(answer, Result)
                self._tokens.append(answer.value)
