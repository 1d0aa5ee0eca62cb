r"""Untagged responses taken in by a session's view, as a client would (RFC 9051 §7.3-§7.5, RFC 7162 §3.2.10).

This is the one place where the freedom of the RFCs is dealt with. The order of untagged responses, when a change made
by somebody else is told, and how often, are the server's choice (RFC 9051 §5.2, §7). So nothing is compared one to one:
the responses are replayed in their order on what the client knows, message numbers become the model's UIDs, and each
response must be true of the mailbox at one of the ``moments`` it may speak of. What must have been told by the end of a
command is the rule's of that command.
"""

from attrs import define, field

from angarium.grammar.imap.responses import (
    CapabilityData,
    Condition,
    EmailId,
    EsearchData,
    Exists,
    Expunged,
    FetchData,
    FetchDatum,
    Flags,
    FlagsData,
    ListData,
    ModSequence,
    Recent,
    Response,
    SaveDate,
    ThreadId,
    Uid,
    UidFetchData,
    Untagged,
    Vanished,
)
from angarium.spec.model.state import SYSTEM_FLAGS, Mailbox, Message, World
from angarium.spec.protocol import recent
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.rules.progress import require_progress
from angarium.spec.protocol.session import Session, flags_of, mailboxes_at, selected_mailbox
from angarium.spec.protocol.updated import require_current, require_left, take_updates


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


@define
class View:
    """A session with the mailbox it has selected, as it was at each moment; no moments when it was deleted."""

    session: Session
    mailboxes: list[Mailbox]
    numbering: Numbering
    revealed: Revealed
    choices: Choices

    @property
    def now(self) -> dict[int, Message] | None:
        """The messages at the last moment, when what was removed before is gone."""
        return self.mailboxes[-1].messages if self.mailboxes else None


def replay(
    moments: tuple[World, ...],
    session: Session,
    responses: tuple[Response, ...],
    revealed: Revealed,
    choices: Choices,
    *,
    expunges: bool = True,
) -> Told:
    """Take in the responses one by one; ``expunges`` False where RFC 9051 §7.5.1 bans EXPUNGE."""
    told = Told()
    there = selected_mailbox(moments[-1], session) is not None
    numbering = revealed.numbering(session.mailbox) if session.mailbox else Numbering()
    view = View(session, mailboxes_at(moments, session) if there else [], numbering, revealed, choices)
    for position, response in enumerate(responses):
        match response:
            case Exists(messages):
                take_exists(view, messages)
            case Recent(messages):
                grows = any(isinstance(each, Exists) for each in responses[position:])
                recent.take_recent(session, revealed, messages, grows)
            case Expunged(number):
                require(expunges, "RFC 9051 §7.5.1: no EXPUNGE during FETCH, STORE or SEARCH", response)
                take_expunge(view, number)
            case Vanished(earlier=earlier):
                told.earlier.extend(take_vanished(view, response, expunges or earlier))
            case FetchData(number, items):
                require(not session.uid_only, "RFC 9586 §3.3: UIDFETCH instead of FETCH once UIDONLY is enabled", response)
                uid = take_fetch(view, number, items)
                told.fetched.setdefault(uid, []).append(items)
            case UidFetchData(named, items):
                uid = take_fetch(view, number_of(view, response), items)
                told.fetched.setdefault(uid, []).append((Uid(named), *items))
            case FlagsData(flags):
                session.listed = {flag.lower() for flag in flags}
            case EsearchData(updates=updates) if updates:
                take_updates(view, response, moments[-1].now())
            case Untagged(condition):
                require(condition is not Condition.PREAUTH, "RFC 9051 §7.1.4: PREAUTH is a greeting only")
                require_progress(response)
                told.data.append(response)
            case _:
                told.data.append(response)
    if session.contexts and view.mailboxes and revealed.exact:
        require_current(session, view.mailboxes[-1], moments[-1].now())
    return told


def take_exists(view: View, messages: int) -> None:
    """EXISTS never shrinks (RFC 9051 §7.4.1): the new ones are the next the client has not been told of."""
    session = view.session
    require(messages >= len(session.view), "RFC 9051 §7.4.1: EXISTS does not shrink", messages, session.view)
    count = messages - len(session.view)
    possible: dict[tuple[int, ...], Mailbox | None] = {}
    for mailbox in reversed(view.mailboxes):
        fresh = tuple(uid for uid in mailbox.messages if uid > session.last_uid)[:count]
        if len(fresh) == count:
            possible.setdefault(fresh, mailbox)
    if not count:
        possible[()] = None
    require(bool(possible), "RFC 9051 §7.4.1: EXISTS counts messages that are there", messages, session.view)
    uids = view.choices.pick(list(possible))
    counted = possible[uids]
    session.view.extend(uids)
    session.known.update({uid: flags_of(counted.messages[uid]) for uid in uids if counted})
    session.last_uid = max([session.last_uid, *uids])
    recent.notify(session, view.revealed, uids)


def take_expunge(view: View, number: int) -> None:
    """EXPUNGE takes out message ``number`` at once, so the next numbers go down (RFC 9051 §7.5.1)."""
    session = view.session
    require(not session.qresync, "RFC 7162 §3.2.10: VANISHED instead of EXPUNGE once QRESYNC is enabled", number)
    require(not session.uid_only, "RFC 9586 §3.4: VANISHED instead of EXPUNGE once UIDONLY is enabled", number)
    require(1 <= number <= len(session.view), "RFC 9051 §7.5.1: EXPUNGE names a message the client knows", number, session.view)
    forget(view, session.view[number - 1])


def take_vanished(view: View, response: Vanished, allowed: bool) -> list[int]:
    """VANISHED takes messages out by UID; (EARLIER) only speaks of the past: which, by the model (RFC 7162 §3.2.10)."""
    session = view.session
    enabled = session.qresync or (session.uid_only and not response.earlier)
    require(enabled, "RFC 7162 §3.2.10: VANISHED only once QRESYNC is enabled", response)
    require(allowed, "RFC 7162 §3.2.10.2: VANISHED is banned where EXPUNGE is", response)
    if response.earlier:
        return [uid for told in response.uids for uid in gone_earlier(view, response, told)]
    for told in response.uids:
        known = [uid for uid in session.view if view.now is None or uid not in view.now]
        named = [uid for uid in known if True in view.numbering.may_name(uid, told, told)]
        if not named:
            require(told in session.view, "RFC 7162 §3.2.10.2: VANISHED names messages the client knows", response, session.view)
            refuse("RFC 9051 §7.5.1: only expunged messages are told as such", told)
        uid = view.choices.pick(named)
        view.numbering.is_uid(uid, told)
        forget(view, uid)
    return []


def gone_earlier(view: View, response: Vanished, told: int) -> list[int]:
    """The message that a UID of VANISHED (EARLIER) means, which must be gone (RFC 7162 §3.2.10.1); none that we know of."""
    if view.now is None:
        return [told] if view.numbering.exact else []
    if view.numbering.exact:
        require(told not in view.now, "RFC 7162 §3.2.10.1: what vanished is gone", response)
        return [told]
    there = [uid for uid in view.now if view.numbering.uids.bounds(uid) == (told, told)]
    require(not there, "RFC 7162 §3.2.10.1: what vanished is gone", response)
    gone = view.mailboxes[-1].expunged
    return [uid for uid in gone if view.numbering.uids.bounds(uid) == (told, told)]


def forget(view: View, uid: int) -> None:
    """Take a message out of the view; it must be gone indeed."""
    session = view.session
    require(view.now is None or uid not in view.now, "RFC 9051 §7.5.1: only expunged messages are told as such", uid)
    require_left(session, uid)
    session.view.remove(uid)
    session.known.pop(uid, None)
    session.recent.pop(uid, None)
    session.saved = tuple(each for each in session.saved if each != uid)  # RFC 9051 §6.4.4.1


def take_fetch(view: View, number: int, items: tuple[FetchDatum, ...]) -> int:
    """What FETCH tells is true at one moment, and none before what was told last (RFC 9051 §7.5.2, RFC 7162 §3.1.4.2)."""
    session = view.session
    require(1 <= number <= len(session.view), "RFC 9051 §7.5.2: FETCH names a message the client knows", number, session.view)
    uid = session.view[number - 1]
    states = {each.messages[uid].modseq: each.messages[uid] for each in view.mailboxes if uid in each.messages}
    possible = [message for modseq, message in states.items() if modseq >= session.told.get(uid, 0)]
    left = not view.revealed.exact and (view.now is None or uid not in view.now)  # RFC 2180 §4
    for item in items:
        match item:
            case Uid(told):
                require(
                    view.numbering.is_uid(uid, told), "RFC 9051 §2.3.1.1: UID of a message number", number, told, session.view
                )
            case EmailId() | ThreadId() if states:
                view.revealed.objects.observe(next(iter(states.values())), item)
            case SaveDate() if view.mailboxes:
                view.revealed.observe_save_date(view.mailboxes[-1].id, uid, item)
            case Flags(spelled):
                flags = spelled if view.revealed.exact else recent.as_ours(spelled, states.values())
                recent.take_flags(session, view.revealed, uid, flags)
                session.known[uid] = frozenset(flag for flag in flags if flag != recent.RECENT)
                true = [message for message in possible if session.known[uid] == flags_of(message)]
                require(bool(true) or not states or left, "RFC 9051 §7.5.2: FLAGS as they are", uid, flags, possible)
                possible = true
    for item in items:
        if isinstance(item, ModSequence) and states and not left:
            modseqs = view.numbering.possible_modseqs(uid, [message.modseq for message in possible], item.mod_sequence)
            require(bool(modseqs), "RFC 7162 §3.1.4.2: MODSEQ as it is", uid, item, possible)
            modseq = view.choices.pick(modseqs)
            view.numbering.is_modseq(uid, modseq, item.mod_sequence)
            possible = [message for message in possible if message.modseq == modseq]
    if possible and any(isinstance(item, Flags) for item in items):
        session.told[uid] = possible[0].modseq
    return uid


def number_of(view: View, response: UidFetchData) -> int:
    """The number, unsaid, of the message that a UIDFETCH tells of (RFC 9586 §3.3)."""
    session, told = view.session, response.uid
    require(session.uid_only, "RFC 9586 §3.3: UIDFETCH only once UIDONLY is enabled", response)
    named = [uid for uid in session.view if True in view.numbering.may_name(uid, told, told)]
    require(bool(named), "RFC 9586 §3.3: UIDFETCH names a message the client knows", response, session.view)
    uid = view.choices.pick(named)
    view.numbering.is_uid(uid, told)
    return session.view.index(uid) + 1


def require_synchronized(moments: tuple[World, ...], session: Session, rule: str, *, flags: bool = True) -> None:
    """Demand that the client now knows the mailbox as it was at one of the moments; ``flags`` should be told (RFC 9051 §5.2)."""
    mailboxes = mailboxes_at(moments, session)
    if not mailboxes or len(mailboxes) < len(moments):
        return
    alike = [each for each in mailboxes if session.view == list(each.messages)]
    require(bool(alike), rule, session.view, list(mailboxes[-1].messages))
    if flags:
        require_flags_known(mailboxes, alike, session, rule)


def require_flags_known(mailboxes: list[Mailbox], alike: list[Mailbox], session: Session, rule: str) -> None:
    """Demand that the client knows the flags of each message, and which flags are in use (RFC 9051 §7.3.5, §7.5.2)."""
    used = [{flag.lower() for flag in (*SYSTEM_FLAGS, *each.keywords())} for each in alike]
    require(any(each <= session.listed for each in used), "RFC 9051 §7.3.5: FLAGS lists the flags in use", session.listed, used)
    for uid in session.view:
        flags = [flags_of(each.messages[uid]) for each in mailboxes if uid in each.messages]
        require(session.known[uid] in flags, rule, uid, session.known[uid], flags)


def require_only_updates(told: Told) -> None:
    """Demand that nothing came but news of the mailbox and texts: no data that was not asked for (RFC 9051 §7)."""
    for response in told.data:
        renamed = isinstance(response, ListData) and response.old_name is not None  # RFC 9051 §6.3.9.7
        if not isinstance(response, Untagged | CapabilityData) and not renamed:
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
