"""ADDTO and REMOVEFROM taken in by what a client knows of its searches (RFC 5267 §4.3.2-§4.3.4)."""

from datetime import datetime
from typing import Protocol

from attrs import evolve

from angarium.grammar.imap.responses import EsearchData, ResultUpdate
from angarium.grammar.imap.search_keys import (
    And,
    DateIs,
    EmailIdIs,
    HasFlag,
    ModSequenceSince,
    Not,
    Older,
    Or,
    SaveDateSupported,
    SearchKey,
    ThreadIdIs,
    UidIs,
    Younger,
)
from angarium.spec.model.state import Mailbox, Message
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.context import Context
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.recent import RECENT
from angarium.spec.protocol.session import Session, flags_of
from angarium.spec.search import matches
from angarium.spec.sorting import sorted_messages

UNSURE = (DateIs, EmailIdIs, ModSequenceSince, SaveDateSupported, ThreadIdIs)
"""Keys on what the server has chosen, or on what changes where flags come and go: nobody can tell whether it has been told."""

UNSURE_OF_OTHERS = (*UNSURE, Older, UidIs, Younger)
r"""The same for a server whose UIDs and clock are its own, as ``\Recent`` is (RFC 3501 §2.3.2)."""


class Seen(Protocol):
    """What ADDTO and REMOVEFROM are read by (``replay.View``)."""

    session: Session
    mailboxes: list[Mailbox]
    numbering: Numbering
    choices: Choices


def take_updates(view: Seen, data: EsearchData, now: datetime) -> None:
    """Carry out each pair in its order (RFC 5267 §4.3.2); of our own server ``require_current`` sees whether they are so."""
    contexts = view.session.contexts
    context = contexts.get(data.tag or b"")
    if context is None or context.uid != data.uid:
        refuse("RFC 5267 §4.3: updates are of a search that asked for them", data, sorted(contexts))
    for update in data.updates:
        named = tuple(message_of(view, context, number) for number in update.numbers)
        if not view.numbering.exact and not is_unsure(context.key, exact=False):
            require_so(view.mailboxes, context, update, named, now)
        context = removed(context, update, named) if update.removes else added(view, context, update, named)
    contexts[data.tag or b""] = context


def message_of(view: Seen, context: Context, number: int) -> int:
    """The message that a number in an update means; by UID perhaps one that has been expunged (RFC 5267 §4.3.2)."""
    known = view.session.view
    if not context.uid:
        require(1 <= number <= len(known), "RFC 5267 §4.3.2: updates name messages that the client knows", number, known)
        return known[number - 1]
    named = [uid for uid in dict.fromkeys((*known, *context.results)) if True in view.numbering.may_name(uid, number, number)]
    require(bool(named), "RFC 5267 §4.3.2: updates name messages that the client knows", number, known)
    uid = view.choices.pick(named)
    view.numbering.is_uid(uid, number)
    return uid


def removed(context: Context, update: ResultUpdate, named: tuple[int, ...]) -> Context:
    """Without these, which stand there from that place on, or anywhere (RFC 5267 §4.3.4)."""
    begin = update.position - 1
    there = context.results[begin : begin + len(named)] if update.position else tuple(u for u in context.results if u in named)
    fits = there == named if update.position else sorted(there) == sorted(named)
    require(fits, "RFC 5267 §4.3.4: REMOVEFROM names what is in the result, at its place", update, context.results)
    require_place(context, update)
    left = [uid for uid in context.results if uid not in named]
    return evolve(context, results=tuple(left))


def added(view: Seen, context: Context, update: ResultUpdate, named: tuple[int, ...]) -> Context:
    """With these from that place on, or where the order of the mailbox wants them (RFC 5267 §4.3.3)."""
    new = len({*named, *context.results}) == len(named) + len(context.results)
    require(new, "RFC 5267 §4.3.3: ADDTO names what is not in the result", update, context.results)
    require_place(context, update)
    if not update.position:
        return evolve(context, results=tuple(sorted((*context.results, *named))))
    begin = update.position - 1
    return evolve(context, results=(*context.results[:begin], *named, *context.results[begin:]))


def require_so(mailboxes: list[Mailbox], context: Context, update: ResultUpdate, named: tuple[int, ...], now: datetime) -> None:
    """What is added matches at one of these moments, what is removed does not, or is gone (RFC 5267 §4.3)."""
    for uid in named:
        states = [each.messages[uid] for each in mailboxes if uid in each.messages]
        matched = [is_match(context.key, message, uid, now) for message in states]
        is_so = not states or uid not in mailboxes[-1].messages or (not update.removes) in matched
        require(is_so, "RFC 5267 §4.3: what is added matches, and what is removed does not", update, uid, states)


def require_place(context: Context, update: ResultUpdate) -> None:
    """Only in the order of the mailbox a place may be left open (RFC 5267 §4.3.3, §4.3.4)."""
    fits = update.position <= len(context.results) + 1 and (update.position > 0 or context.criteria is None)
    require(fits, "RFC 5267 §4.3.3: a place in the result", update, context)


def require_left(session: Session, uid: int) -> None:
    """What is expunged has been taken out of results by number before, for now its number is gone (RFC 5267 §4.3.4)."""
    for tag, context in session.contexts.items():
        gone = context.uid or session.uid_only or uid not in context.results
        require(gone, "RFC 5267 §4.3.4: REMOVEFROM by number comes before EXPUNGE", tag, uid)


def require_current(session: Session, mailbox: Mailbox, now: datetime) -> None:
    """Where the client knows all that there is, its results are what matches (RFC 5267 §4.3)."""
    if session.view != list(mailbox.messages):
        return
    if any(session.known[uid] != flags_of(message) for uid, message in mailbox.messages.items()):
        return
    for tag, context in session.contexts.items():
        if is_unsure(context.key) or (session.uid_only and not context.uid):
            continue
        last = max(mailbox.messages, default=0)
        found = [message for message in mailbox.messages.values() if is_match(context.key, message, last, now)]
        ordered = found if context.criteria is None else sorted_messages(context.criteria, found)
        expected = tuple(message.uid for message in ordered)
        require(context.results == expected, "RFC 5267 §4.3: changes of results are told", tag, context, expected)


def is_match(key: SearchKey, message: Message, last: int, now: datetime) -> bool:
    """Say whether the message matches now; ``*`` is the last one there is (RFC 5267 §4.3, RFC 9051 §9)."""
    match key:
        case UidIs(uids):
            return message.uid in uids.resolve(last)
        case Not(inner):
            return not is_match(inner, message, last, now)
        case Or(left, right):
            return is_match(left, message, last, now) or is_match(right, message, last, now)
        case And(keys):
            return all(is_match(each, message, last, now) for each in keys)
        case _:
            return matches(key, message, now)


def is_unsure(key: SearchKey, *, exact: bool = True) -> bool:
    """Say whether the key looks at what the server has chosen."""
    match key:
        case Not(inner):
            return is_unsure(inner, exact=exact)
        case Or(left, right):
            return is_unsure(left, exact=exact) or is_unsure(right, exact=exact)
        case And(keys):
            return any(is_unsure(each, exact=exact) for each in keys)
        case HasFlag(flag) if not exact:
            return flag == RECENT
        case _:
            return isinstance(key, UNSURE if exact else UNSURE_OF_OTHERS)
