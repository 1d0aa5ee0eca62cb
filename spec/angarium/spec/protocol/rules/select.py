"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051 §6.3.2, §6.3.3, §6.4.1, §6.4.2; RFC 7162 §3.2.5)."""

from typing import Any

from angarium.engine.operations import ExpungeMessages, OpenMailbox, StoreError
from angarium.grammar.imap.commands import Close, Qresync, Select, Unselect
from angarium.grammar.imap.responses import (
    Code,
    Condition,
    Exists,
    Expunged,
    Flags,
    FlagsData,
    ListData,
    ModSequence,
    Recent,
    Response,
    ResponseCode,
    Uid,
    Untagged,
    Vanished,
)
from angarium.spec.model.state import SYSTEM_FLAGS, Mailbox, Message
from angarium.spec.protocol import recent
from angarium.spec.protocol.answer import code_arguments, require
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.refusals import expect_outcome
from angarium.spec.protocol.replay import Told, require_modseq, require_only_updates
from angarium.spec.protocol.rules.objectid import require_mailboxid
from angarium.spec.protocol.targets import is_named
from angarium.spec.protocol.turn import Turn


def look(turn: Turn, command: Select) -> Any:
    """What there is to select (RFC 9051 §6.3.2)."""
    if command.qresync and not turn.session.qresync:
        return None
    return turn.attempt(OpenMailbox(turn.session.user, command.mailbox, claim_recent=not command.read_only))


def select(turn: Turn, command: Select, opened: Any) -> None:
    """A failed SELECT leaves nothing selected (RFC 9051 §6.3.2)."""
    if command.qresync and not turn.session.qresync:
        turn.answer.expect(Condition.BAD, rule="RFC 7162 §3.2.5: QRESYNC that has not been enabled, so BAD")
        require_only_updates(turn.replay(expunges=False))
        return
    before, after = around_closed(turn)
    turn.replay(before)
    turn.session.deselect()
    if not expect_outcome(turn.answer, opened) or isinstance(opened, StoreError):
        require(not any(isinstance(each, Exists) for each in after), "RFC 9051 §6.3.2: nothing is selected", after)
        return
    mailbox = turn.world.mailbox(opened.id)
    turn.session.select(mailbox, command.read_only)
    turn.session.selected_at = turn.revealed.begun
    recent.notify(turn.session, turn.revealed, tuple(mailbox.messages))
    if command.condstore or command.qresync:
        turn.session.enabled.add(b"CONDSTORE")
    require_required(turn, command, mailbox, after)
    told = turn.replay(after)
    require_modseq(turn.session, told, "RFC 7162 §3.2.5.1: FETCH with MODSEQ")
    if command.qresync:
        require_resynchronized(turn, command.qresync, mailbox, told)
    else:
        require(not told.earlier, "RFC 7162 §3.2.10.1: nobody asked for VANISHED (EARLIER)", told.earlier)


def around_closed(turn: Turn) -> tuple[tuple[Response, ...], tuple[Response, ...]]:
    """Responses before OK [CLOSED] speak of the old mailbox, those after it of the new (RFC 9051 §7.1 CLOSED)."""
    responses = turn.answer.untagged
    marks = [
        position
        for position, each in enumerate(responses)
        if isinstance(each, Untagged) and each.code == ResponseCode(Code.CLOSED)
    ]
    if turn.session.mailbox is None:
        require(not marks, "RFC 9051 §7.1: nothing was selected, so nothing is closed", responses)
        return (), responses
    require(len(marks) == 1 or not (turn.session.rev2 or turn.session.qresync), "RFC 9051 §6.3.2: OK [CLOSED]", responses)
    position = marks[0] if marks else 0
    return responses[:position], responses[position + len(marks) :]


def require_required(turn: Turn, command: Select, mailbox: Mailbox, responses: tuple[Response, ...]) -> None:
    """The untagged data that SELECT must bring, in any order (RFC 9051 §6.3.2, RFC 3501 §6.3.1, RFC 7162 §3.1.2)."""
    counts = [each.messages for each in responses if isinstance(each, Exists)]
    counted = bool(counts) and counts[-1] == len(mailbox.messages) and (len(counts) == 1 or not turn.exact)
    require(counted, "RFC 9051 §6.3.2: EXISTS", responses)
    require(any(isinstance(each, FlagsData) for each in responses), "RFC 9051 §6.3.2: FLAGS", responses)
    recents = [each for each in responses if isinstance(each, Recent)]
    require(len(recents) == (0 if turn.session.rev2 else 1), "RFC 3501 §6.3.1: RECENT, RFC 9051 Appendix E: none", responses)
    lists = [each.mailbox for each in responses if isinstance(each, ListData)]
    require(lists == [mailbox.name] or not (turn.session.rev2 or lists), "RFC 9051 §6.3.2: LIST with the name", responses)
    optional = not (turn.exact or turn.session.rev2)  # IMAP4rev1 servers need not tell them (RFC 3501 §6.3.1)
    arguments = code_arguments(responses, Code.UIDVALIDITY)
    require(arguments is not None or optional, "RFC 9051 §6.3.2: UIDVALIDITY", responses)
    if arguments is not None:
        turn.observe_uidvalidity(mailbox.id, arguments[0])
    (uidnext,) = code_arguments(responses, Code.UIDNEXT) or (None,)
    known = isinstance(uidnext, int) and turn.numbering.is_uidnext(mailbox.uidnext, uidnext)
    require(known or (optional and uidnext is None), "RFC 9051 §6.3.2: UIDNEXT", responses)
    require_highest(turn, mailbox, responses)
    require_unseen(turn, mailbox, responses)
    require_mailboxid(turn, mailbox.id, code_arguments(responses, Code.MAILBOXID), "RFC 8474 §4.2: MAILBOXID")
    permanent = code_arguments(responses, Code.PERMANENTFLAGS)
    require(permanent is not None or optional, "RFC 9051 §6.3.2: PERMANENTFLAGS", responses)
    missing = set(SYSTEM_FLAGS) - set(permanent or ())
    require(command.read_only or not missing or not turn.exact, "RFC 9051 §7.1: PERMANENTFLAGS", permanent)
    expected = Code.READ_ONLY if command.read_only else Code.READ_WRITE
    silent = turn.answer.code is None and not (turn.exact or command.read_only)  # SELECT should say, EXAMINE must
    require(turn.answer.code is expected or silent, "RFC 9051 §6.3.2, §6.3.3: READ-WRITE or READ-ONLY", turn.answer.tagged)


def require_unseen(turn: Turn, mailbox: Mailbox, responses: tuple[Response, ...]) -> None:
    """UNSEEN, which need not be told, is the number of the first message that has not been seen (RFC 3501 §6.3.1, §7.1)."""
    (told,) = code_arguments(responses, Code.UNSEEN) or (None,)
    if told is None:
        return
    possible = set()
    for each in turn.after:
        states = turn.mailbox_in(each).messages
        unseen = (number for number, uid in enumerate(mailbox.messages, 1) if not is_seen(states.get(uid)))
        possible.add(next(unseen, None))
    require(told in possible, "RFC 3501 §7.1: UNSEEN is the first message that has not been seen", told, possible)


def is_seen(message: Message | None) -> bool:
    """Say whether the message is there and has been seen (RFC 9051 §2.3.2)."""
    return message is not None and message.has(b"\\Seen")


def require_highest(turn: Turn, mailbox: Mailbox, responses: tuple[Response, ...]) -> None:
    """HIGHESTMODSEQ, or NOMODSEQ, where mod-sequences are kept (RFC 7162 §3.1.2)."""
    everything = [*responses, turn.answer.tagged]
    (highest,) = code_arguments(everything, Code.HIGHESTMODSEQ) or (None,)
    silent = code_arguments(everything, Code.NOMODSEQ) is not None or not turn.session.offers(b"CONDSTORE")
    known = isinstance(highest, int) and turn.numbering.is_highest(mailbox.highest_modseq, highest)
    require(known or (silent and highest is None), "RFC 7162 §3.1.2.1: HIGHESTMODSEQ", responses, mailbox.highest_modseq)


def require_resynchronized(turn: Turn, parameters: Qresync, mailbox: Mailbox, told: Told) -> None:
    """What changed and what vanished since then, of the UIDs the client knows (RFC 7162 §3.2.5.1, §3.2.5.2)."""
    if turn.revealed.uidvalidities.seen.get(mailbox.id) != parameters.uidvalidity:
        require(not told.earlier and not told.fetched, "RFC 7162 §3.2.5: another UIDVALIDITY, nothing to resynchronize", told)
        return
    since, numbering = parameters.mod_sequence, turn.numbering

    def is_known(uid: int) -> bool:
        known = parameters.known_uids
        return known is None or is_named(uid, known, mailbox.uidnext - 1, numbering, turn.choices)

    def is_newer(uid: int, modseq: int) -> bool:
        return numbering.may_exceed(uid, modseq, since) == (True,)

    matched = matched_to(parameters, mailbox, numbering)
    expunged = {uid: modseq for uid, modseq in mailbox.expunged.items() if is_known(uid)}
    vanished = {uid for uid, modseq in expunged.items() if is_newer(uid, modseq) and uid > matched}
    lately = {uid for each in turn.after for uid in turn.mailbox_in(each).expunged} - set(turn.session.view)
    possible = {uid for uid in lately if is_known(uid)} if numbering.exact else set(told.earlier)
    require(vanished <= set(told.earlier) <= possible, "RFC 7162 §3.2.5.1: VANISHED (EARLIER)", told.earlier, vanished)
    for uid, message in mailbox.messages.items():
        items = told.items(uid)
        if is_newer(uid, message.modseq) and is_known(uid) and all(uid in turn.mailbox_in(each).messages for each in turn.after):
            require(items.keys() >= {Uid, Flags, ModSequence}, "RFC 7162 §3.2.5.1: FETCH of what changed", uid, items)


def matched_to(parameters: Qresync, mailbox: Mailbox, numbering: Numbering) -> int:
    """The greatest UID up to which the client's sample of numbers and UIDs agrees (RFC 7162 §3.2.5.2)."""
    if parameters.sequence_match is None:
        return 0
    uids = list(mailbox.messages)
    agreed = 0
    numbers, known = (each.resolve(2**32 - 1) for each in parameters.sequence_match)
    for number, uid in zip(numbers, known, strict=False):
        if number > len(uids) or True not in numbering.may_name(uids[number - 1], uid, uid):
            break
        agreed = uids[number - 1]
    return agreed


def remove(turn: Turn, command: Close) -> None:
    r"""Remove what has \Deleted, unless read-only (RFC 9051 §6.4.1)."""
    if not turn.session.read_only:
        turn.attempt(ExpungeMessages(turn.mailbox.id))


def close(turn: Turn, command: Close, outcome: None) -> None:
    """Nothing is told of it (RFC 9051 §6.4.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.4.1: CLOSE is OK")
    expunges = [each for each in turn.answer.untagged if isinstance(each, Expunged | Vanished)]
    require(not expunges, "RFC 9051 §6.4.1: CLOSE sends no EXPUNGE", expunges)
    turn.replay()
    turn.session.deselect()


def unselect(turn: Turn, command: Unselect, outcome: None) -> None:
    """Deselect and remove nothing (RFC 9051 §6.4.2)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.4.2: UNSELECT is OK")
    turn.replay()
    turn.session.deselect()
