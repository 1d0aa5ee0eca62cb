"""Messages put together of others (RFC 4469): what APPEND and REPLACE are given, with the contents of what URLs name."""

import re
from typing import Final

from attrs import frozen

from angarium.engine.mail.partmap import load
from angarium.engine.mail.prerender import prerender
from angarium.engine.mail.sections import section_octets
from angarium.engine.operations import NewMessage
from angarium.grammar.imap.commands import AppendMessage, Catenation, StagedLiteral, Url
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.grammar.imap.urls import MessageUrl, UrlRefused, message_url
from angarium.spec.model.mailboxes import canonical
from angarium.spec.model.state import Mailbox
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.targets import is_named
from angarium.spec.protocol.turn import Turn

_PCT_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


@frozen
class Cancelled:
    """The outcome of an APPEND with a message of no octets (RFC 3502 §6.3.11)."""


@frozen
class NothingThere:
    """The outcome where a URL names no message or no part of one (RFC 4469 §4.1)."""

    url: bytes


def new_messages(turn: Turn, given: tuple[AppendMessage, ...]) -> tuple[NewMessage, ...] | Cancelled | NothingThere:
    """What is to be stored, or the first reason why nothing is."""
    messages = []
    for each in given:
        content = joined(turn, each.message) if isinstance(each.message, Catenation) else each.message
        if isinstance(content, NothingThere):
            return content
        if not content and cancels(turn, each):
            return Cancelled()
        messages.append(NewMessage(content, each.flags, each.date_time, binary=each.binary))
    return tuple(messages)


def cancels(turn: Turn, given: AppendMessage) -> bool:
    """A literal of no octets cancels (RFC 3502 §6.3.11); of parts without octets no RFC says what they make."""
    if isinstance(given.message, Catenation):
        return turn.choices.pick((True,) if turn.exact else (True, False))
    return turn.session.offers(b"MULTIAPPEND")


def joined(turn: Turn, given: Catenation) -> bytes | NothingThere:
    """The octets of the parts, in their order (RFC 4469 §3)."""
    octets = b""
    for part in given.parts:
        assert not isinstance(part, StagedLiteral), "a history has its literals in it"
        found = named(turn, part) if isinstance(part, Url) else part
        if found is None:
            assert isinstance(part, Url)
            return NothingThere(part.octets)
        octets += found
    return octets


def named(turn: Turn, url: Url) -> bytes | None:
    """What a URL names at some moment of the command, None where it is nothing (RFC 4469 §3, RFC 5092 §6)."""
    try:
        wanted = message_url(url.octets)
    except UrlRefused:
        return None
    account = [world.account(turn.session.user) for world in (*turn.moments, turn.world)]
    found = (contents(turn, each.find(canonical(wanted.mailbox)), wanted) for each in reversed(account))
    return turn.choices.pick(tuple(dict.fromkeys(found)))


def contents(turn: Turn, mailbox: Mailbox | None, wanted: MessageUrl) -> bytes | None:
    """The same of one moment."""
    if mailbox is None or not is_fresh(turn, mailbox, wanted.uidvalidity):
        return None
    numbers, numbering = SequenceSet(((wanted.uid, wanted.uid),)), turn.numbering_of(mailbox.id)
    last = max(mailbox.messages, default=0)
    for uid, message in mailbox.messages.items():
        if is_named(uid, numbers, last, numbering, turn.choices):
            part = load(prerender(message.content).partmap)
            octets = section_octets(message.content, part, wanted.section)
            cut = wanted.partial
            return octets if octets is None or cut is None else octets[cut.offset : cut.offset + cut.octets_max]
    return None


def is_fresh(turn: Turn, mailbox: Mailbox, uidvalidity: int | None) -> bool:
    """Whether a URL with this UIDVALIDITY is not stale (RFC 5092 §5)."""
    if uidvalidity is None:
        return True
    shown = turn.revealed.uidvalidities.seen.get(mailbox.id)
    if shown is not None:
        return shown == uidvalidity
    likely = mailbox.uidvalidity == uidvalidity
    return turn.choices.pick((likely, not likely))


def refused(turn: Turn, why: Cancelled | NothingThere) -> None:
    """The answer where nothing is added."""
    answer = turn.answer
    if isinstance(why, Cancelled):
        answer.expect(Condition.NO, rule="RFC 3502 §6.3.11: a message of no octets cancels APPEND")
        return
    answer.expect(Condition.NO, rule="RFC 4469 §3: a URL that names no message or part, so NO")
    told = answer.arguments(Code.BADURL)
    if told is None:
        require(not turn.exact or not why.url, "RFC 4469 §4.1: BADURL says that it was a URL", answer.tagged)
        return
    alike = [plain(each) for each in told if isinstance(each, bytes)] == [plain(why.url)]
    require(alike, "RFC 4469 §4.1: BADURL tells the first URL that failed", why.url, told)


def plain(url: bytes) -> bytes:
    """A URL without percent-encoding: what has no room in a response code may be encoded there (RFC 4469 §5)."""
    return _PCT_ENCODED.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), url)
