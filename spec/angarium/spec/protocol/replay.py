r"""Untagged responses taken in by a session's view, as a client would (RFC 9051 §7.3-§7.5, RFC 7162 §3.2.10).

This is the one place where the freedom of the RFCs is dealt with. The order of untagged responses, when a change made
by somebody else is told, and how often, are the server's choice (RFC 9051 §5.2, §7). So nothing is compared one to one:
the responses are replayed in their order on what the client knows, message numbers become UIDs, and each response must
be true of the mailbox as it is now. What must have been told by the end of a command is the rule's of that command.

``\Recent`` is left out of comparisons: whose session gets it is open (RFC 3501 §2.3.2), and IMAP4rev2 has none.
"""

from attrs import define, field

from angarium.grammar.imap.responses import (
    Condition,
    Exists,
    Expunged,
    FetchData,
    FetchDatum,
    Flags,
    FlagsData,
    ModSequence,
    Recent,
    Response,
    Uid,
    Untagged,
    Vanished,
)
from angarium.spec.model.state import SYSTEM_FLAGS, Mailbox, World
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.session import Session, flags_of, selected_mailbox

RECENT = b"\\Recent"


@define
class Told:
    """What the responses said, by UID: values of FETCH responses, UIDs of a VANISHED (EARLIER), all that is left over."""

    fetched: dict[int, list[tuple[FetchDatum, ...]]] = field(factory=dict)
    earlier: list[int] = field(factory=list)
    data: list[Response] = field(factory=list)

    def items(self, uid: int) -> dict[type, list[FetchDatum]]:
        """All data items told of a message, by their type."""
        items: dict[type, list[FetchDatum]] = {}
        for response in self.fetched.get(uid, ()):
            for item in response:
                items.setdefault(type(item), []).append(item)
        return items


def replay(world: World, session: Session, responses: tuple[Response, ...], *, expunges: bool = True) -> Told:
    """Take in the responses one by one; ``expunges`` False where RFC 9051 §7.5.1 bans EXPUNGE."""
    told = Told()
    mailbox = selected_mailbox(world, session)
    for response in responses:
        match response:
            case Exists(messages):
                take_exists(session, mailbox, messages)
            case Recent(messages):
                require(not session.rev2, "RFC 9051 Appendix E: IMAP4rev2 has no RECENT")
                require(messages <= len(session.view), "RFC 3501 §7.3.2: recent messages are among those that exist", response)
            case Expunged(number):
                require(expunges, "RFC 9051 §7.5.1: no EXPUNGE during FETCH, STORE or SEARCH", response)
                take_expunge(session, mailbox, number)
            case Vanished(uids, earlier):
                take_vanished(session, mailbox, response, expunges or earlier)
                told.earlier.extend(uids if earlier else ())
            case FetchData(number, items):
                uid = take_fetch(session, mailbox, number, items)
                told.fetched.setdefault(uid, []).append(items)
            case FlagsData(flags):
                session.listed = {flag.lower() for flag in flags}
            case Untagged(condition):
                require(condition is not Condition.PREAUTH, "RFC 9051 §7.1.4: PREAUTH is a greeting only")
                told.data.append(response)
            case _:
                told.data.append(response)
    return told


def take_exists(session: Session, mailbox: Mailbox | None, messages: int) -> None:
    """EXISTS never shrinks (RFC 9051 §7.4.1): the new ones are the next the client has not been told of."""
    require(messages >= len(session.view), "RFC 9051 §7.4.1: EXISTS does not shrink", messages, session.view)
    present = mailbox.messages if mailbox else {}
    fresh = [uid for uid in present if uid > session.last_uid][: messages - len(session.view)]
    require(len(session.view) + len(fresh) == messages, "RFC 9051 §7.4.1: EXISTS counts messages that are there", messages)
    session.view.extend(fresh)
    session.known.update({uid: flags_of(present[uid]) for uid in fresh})
    session.last_uid = max([session.last_uid, *fresh])


def take_expunge(session: Session, mailbox: Mailbox | None, number: int) -> None:
    """EXPUNGE takes out message ``number`` at once, so the next numbers go down (RFC 9051 §7.5.1)."""
    require(not session.qresync, "RFC 7162 §3.2.10: VANISHED instead of EXPUNGE once QRESYNC is enabled", number)
    require(1 <= number <= len(session.view), "RFC 9051 §7.5.1: EXPUNGE names a message the client knows", number, session.view)
    forget(session, mailbox, session.view[number - 1])


def take_vanished(session: Session, mailbox: Mailbox | None, response: Vanished, allowed: bool) -> None:
    """VANISHED takes messages out by UID; (EARLIER) only speaks of the past (RFC 7162 §3.2.10)."""
    require(session.qresync, "RFC 7162 §3.2.10: VANISHED only once QRESYNC is enabled", response)
    require(allowed, "RFC 7162 §3.2.10.2: VANISHED is banned where EXPUNGE is", response)
    for uid in response.uids:
        if response.earlier:
            require(mailbox is None or uid not in mailbox.messages, "RFC 7162 §3.2.10.1: what vanished is gone", response)
        else:
            require(uid in session.view, "RFC 7162 §3.2.10.2: VANISHED names messages the client knows", response, session.view)
            forget(session, mailbox, uid)


def forget(session: Session, mailbox: Mailbox | None, uid: int) -> None:
    """Take a message out of the view; it must be gone indeed."""
    require(mailbox is None or uid not in mailbox.messages, "RFC 9051 §7.5.1: only expunged messages are told as such", uid)
    session.view.remove(uid)
    session.known.pop(uid, None)
    session.saved = tuple(each for each in session.saved if each != uid)  # RFC 9051 §6.4.4.1


def take_fetch(session: Session, mailbox: Mailbox | None, number: int, items: tuple[FetchDatum, ...]) -> int:
    """What FETCH tells is true now: UID, FLAGS, MODSEQ (RFC 9051 §7.5.2, RFC 7162 §3.1.4.2)."""
    require(1 <= number <= len(session.view), "RFC 9051 §7.5.2: FETCH names a message the client knows", number, session.view)
    uid = session.view[number - 1]
    message = mailbox.messages.get(uid) if mailbox else None
    for item in items:
        match item:
            case Uid(told):
                require(told == uid, "RFC 9051 §2.3.1.1: UID of a message number", number, told, session.view)
            case Flags(flags):
                require(not (session.rev2 and RECENT in flags), "RFC 9051 Appendix E: IMAP4rev2 has no \\Recent", flags)
                session.known[uid] = frozenset(flag for flag in flags if flag != RECENT)
                if message is not None:
                    require(session.known[uid] == flags_of(message), "RFC 9051 §7.5.2: FLAGS as they are", uid, flags, message)
            case ModSequence(told) if message is not None:
                require(told == message.modseq, "RFC 7162 §3.1.4.2: MODSEQ as it is", uid, told, message)
    return uid


def require_synchronized(world: World, session: Session, rule: str) -> None:
    """Demand that the client now knows the mailbox as it is, flags too."""
    mailbox = selected_mailbox(world, session)
    if mailbox is None:
        return
    require(session.view == list(mailbox.messages), rule, session.view, list(mailbox.messages))
    used = {flag.lower() for flag in (*SYSTEM_FLAGS, *mailbox.keywords())}
    require(used <= session.listed, "RFC 9051 §7.3.5: FLAGS lists the flags in use", session.listed, used)
    for uid, message in mailbox.messages.items():
        require(session.known[uid] == flags_of(message), rule, uid, session.known[uid], message.flags)


def require_only_updates(told: Told) -> None:
    """Demand that nothing came but news of the mailbox and texts: no data that was not asked for (RFC 9051 §7)."""
    for response in told.data:
        if not isinstance(response, Untagged):
            refuse("RFC 9051 §7: data that was not asked for", response)
    for uid, responses in told.fetched.items():
        for items in responses:
            unasked = [item for item in items if not isinstance(item, Uid | Flags | ModSequence)]
            require(not unasked, "RFC 9051 §7.5.2: FETCH data that was not asked for", uid, unasked)


def require_modseq(session: Session, told: Told, rule: str) -> None:
    """Demand a mod-sequence with every FLAGS that tells of a change (RFC 7162 §3.1)."""
    for uid in told.fetched:
        for items in told.fetched[uid]:
            types = {type(item) for item in items}
            require(not session.condstore or Flags not in types or ModSequence in types, rule, uid, items)
