"""APPENDLIMIT in STATUS (RFC 7889 §3)."""

from attrs import evolve

from angarium.engine.operations import FetchStatus
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.responses import StatusData
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.session import Session


def stored(wanted: FetchStatus) -> FetchStatus:
    """What of a STATUS the world can tell: the limit is the server's."""
    return evolve(wanted, items=wanted.items - {StatusItem.APPENDLIMIT})


def without_limit(session: Session, data: StatusData, asked: tuple[StatusItem, ...]) -> StatusData:
    """A limit was asked for, and is the one announced, where one number is announced for all mailboxes (RFC 7889 §2, §3.1)."""
    limits = [value for item, value in data.items if item is StatusItem.APPENDLIMIT]
    require(len(limits) == (StatusItem.APPENDLIMIT in asked), "RFC 7889 §3.1: APPENDLIMIT where it was asked for", data)
    for announced in session.capabilities or ():
        name, _, number = announced.partition(b"=")
        if name == b"APPENDLIMIT" and number:
            require(all(value == int(number) for value in limits), "RFC 7889 §2: the limit that was announced", data, announced)
    return evolve(data, items=tuple(each for each in data.items if each[0] is not StatusItem.APPENDLIMIT))
