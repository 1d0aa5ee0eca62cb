"""Messages that are gone, and the client has not been told: another server may go on showing them (RFC 2180 §4.1, §4.3, §4.4).

It may have kept them, with the flags that they had, or show something empty in their place, or leave them out. Our own server
leaves them out: there are none of them where the judge is exact.
"""

from typing import Any

from angarium.engine.operations import CopyMessages
from angarium.grammar.imap.commands import Search, SearchReturn, Sort, Thread
from angarium.grammar.imap.responses import (
    BodyItem,
    BodySection,
    EsearchData,
    FetchDatum,
    Rfc822,
    SearchData,
    Size,
    SortData,
    ThreadData,
)
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import Told
from angarium.spec.protocol.rules.rendering import is_true
from angarium.spec.protocol.turn import Turn


def require_true(turn: Turn, told: Told) -> None:
    """What never changes of a message is told as it is, asked for or not (RFC 9051 §7.5.2)."""
    kept, boxes = turn.ghosts, [mailbox.messages for mailbox in turn.mailboxes]
    contents = {uid: box[uid].content for box in [kept, *boxes] for uid in told.fetched if uid in box}
    for uid, content in contents.items():
        items = [item for items in told.fetched[uid] for item in items]
        wrong = [each for each in items if not (remains(each, content) if uid in kept else is_true(each, content, turn.exact))]
        require(not wrong, "RFC 9051 §7.5.2: what is told of a message is so, asked for or not", uid, wrong)


def remains(item: FetchDatum, content: bytes) -> bool:
    """Say whether this is what the message had, or empty (RFC 2180 §4.1.1, §4.1.3); of sections by part or field who knows."""
    match item:
        case Rfc822(octets=octets):
            return (octets or b"") in content
        case BodySection(section, octets) if not section.part and not section.fields:
            return (octets or b"") in content
        case Size(0) | BodyItem():
            return True
        case _:
            return is_true(item, content, exact=False)


def found(turn: Turn, command: Search | Sort | Thread, others: int) -> dict[int, Message]:
    """Those that the server has among the results: it may look at flags that they had (RFC 2180 §4.3).

    An answer that tells all of the results says which, or, where their UIDs are not known, how many beside the ``others``.
    Where that leaves a choice, they follow on one another.
    """
    ghosts, told = turn.ghosts, results_told(turn, command)
    if told is None:
        named = turn.choices.pick(runs([*ghosts]))
    elif command.uid:
        answers = {uid: {turn.numbering.may_name(uid, number, number) for number in told} for uid in ghosts}
        certain = [uid for uid in ghosts if (True,) in answers[uid]]
        likely = runs([uid for uid in ghosts if uid not in certain and (False, True) in answers[uid]])
        left = len(told) - others - len(certain)
        named = certain + turn.choices.pick([run for run in likely if len(run) == left] or [[]])
    else:
        named = [uid for number, uid in enumerate(turn.session.view, 1) if number in told]
    return {uid: message for uid, message in ghosts.items() if uid in named}


def runs(uids: list[int]) -> list[list[int]]:
    """None of them, or one and those that follow it up to another: not all choices, which would be too many to try."""
    return [[], *(uids[begin:end] for begin in range(len(uids)) for end in range(len(uids), begin, -1))]


def results_told(turn: Turn, command: Search | Sort | Thread) -> set[int] | None:
    """All numbers of the results, where the answer has them (RFC 9051 §7.3.4); None where it tells only of some."""
    returns = None if isinstance(command, Thread) else command.returns
    for response in turn.answer.untagged:
        match response:
            case SearchData(numbers=numbers) | SortData(numbers=numbers):
                return set(numbers)
            case ThreadData(members):
                return {number for _, number in members if number is not None}
            case EsearchData(tag=tag, all=numbers) if tag == turn.answer.tagged.tag and SearchReturn.ALL in (
                returns or {SearchReturn.ALL}
            ):
                return set(numbers or ())
    return None


def copy_with(turn: Turn, operation: CopyMessages) -> Any:
    """COPY with the messages that are gone, or without (RFC 2180 §4.4)."""
    mailbox = turn.mailbox
    ghosts = {uid: message for uid, message in turn.ghosts.items() if uid in operation.uids}
    if not ghosts or operation.move or not turn.choices.pick((False, True)):
        return turn.attempt(operation)
    mailbox.messages = dict(sorted({**mailbox.messages, **ghosts}.items()))
    outcome = turn.attempt(operation)
    mailbox.messages = {uid: message for uid, message in mailbox.messages.items() if uid not in ghosts}
    return outcome
