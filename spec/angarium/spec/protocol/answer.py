"""The answer to one command, and what makes it inadmissible (RFC 9051 §2.2.2, §7)."""

from collections.abc import Iterable, Sequence
from typing import NoReturn

from attrs import frozen

from angarium.grammar.imap.responses import (
    Code,
    Condition,
    Continuation,
    Response,
    ResponseCode,
    Tagged,
    Untagged,
)


class Inadmissible(AssertionError):
    """A response that the specification does not allow here: ``rule`` names the section, ``evidence`` is what shows it.

    ``event`` and ``session`` say where in a history (``angarium.spec.relation``); they are None for a single turn.
    """

    def __init__(self, rule: str, *evidence: object) -> None:
        super().__init__("; ".join([rule, *map(repr, evidence)]))
        self.rule = rule
        self.evidence = evidence
        self.session: int | None = None
        self.event: int | None = None


def require(condition: bool, rule: str, *evidence: object) -> None:
    """Demand that a rule is kept."""
    if not condition:
        refuse(rule, *evidence)


def refuse(rule: str, *evidence: object) -> NoReturn:
    """Say which rule was broken, and what shows it."""
    raise Inadmissible(rule, *evidence)


@frozen
class Answer:
    """The untagged responses in the order they came, and the tagged one that ends the command (RFC 9051 §2.2.2).

    ``codes_optional``: the server need not say why it refuses (RFC 5530 §1); ours always does.
    """

    untagged: tuple[Response, ...]
    tagged: Tagged
    codes_optional: bool = False

    @classmethod
    def of(cls, tag: bytes, responses: Sequence[Response]) -> "Answer":
        """Take apart what came back for the command with this tag."""
        if not responses:
            refuse("RFC 9051 §2.2.2: every command is answered", tag)
        *untagged, last = responses
        if not isinstance(last, Tagged) or any(isinstance(response, Tagged) for response in untagged):
            refuse("RFC 9051 §2.2.2: one tagged response, and it comes last", responses)
        require(last.tag == tag, "RFC 9051 §2.2.2: a tagged response has the tag of its command", tag, last)
        require_final(last)
        return cls(tuple(each for each in untagged if not isinstance(each, Continuation)), last)

    @property
    def condition(self) -> Condition:
        """OK, NO or BAD."""
        return self.tagged.condition

    @property
    def code(self) -> Code | bytes | None:
        """The response code of the tagged response."""
        return self.tagged.code.code if self.tagged.code else None

    def arguments(self, code: Code) -> tuple[object, ...] | None:
        """The arguments of that response code, on the tagged response or an untagged OK; None where absent."""
        return code_arguments([*self.untagged, self.tagged], code)

    def expect(self, *conditions: Condition, rule: str, because: str = "") -> None:
        """Demand one of the conditions; ``because`` says what was asked for, where the rule alone does not."""
        reason = (because,) if because else ()
        require(self.condition in conditions, rule, *reason, [each.name for each in conditions], self.tagged)


def code_arguments(responses: Iterable[Response], code: Code) -> tuple[object, ...] | None:
    """The arguments of the last such response code, None where there is none."""
    found = None
    for response in responses:
        match response:
            case (
                Tagged(code=ResponseCode(code=name, arguments=arguments))
                | Untagged(code=ResponseCode(code=name, arguments=arguments))
            ) if name is code:
                found = arguments
    return found


def require_final(tagged: Tagged) -> None:
    """What ends a command does not say that it goes on (RFC 9585 §4)."""
    is_progress = tagged.code is not None and tagged.code.code is Code.INPROGRESS
    require(not is_progress, "RFC 9585 §4: INPROGRESS never comes tagged", tagged)
