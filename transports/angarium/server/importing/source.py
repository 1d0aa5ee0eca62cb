"""What every source of mail to import is: messages with the mailbox, flags and date they come with.

A source is opened once (``angarium.server.importing.detect``), knows how many messages it has where that is cheap to
know, and yields them one at a time; the octets of a message are read only when they are wanted, so that a message that
the store has already costs as little as its kind of source allows.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import field, frozen


class SourceError(Exception):
    """The source cannot be read; the text is one line that says what to do."""


@frozen
class Probe:
    """What is known of a message before its octets are read: ``size`` (RFC822.SIZE) and the octets of its header."""

    size: int
    header: bytes


NormalForm = Callable[[bytes], bytes]


@frozen
class SourceMessage:
    """One message to import.

    ``mailbox`` is where it belongs, with ``/`` between levels; ``origin`` names it in complaints (a path, a UID);
    ``read`` brings its octets with CRLF line ends; ``probe`` is there where reading is dear (another server); ``normal_form``
    where the kind of source cannot hold every message as it is: what it makes of one.
    """

    mailbox: str
    origin: str
    read: Callable[[], bytes] = field(repr=False)
    flags: tuple[bytes, ...] = ()
    internal_date: datetime | None = None
    probe: Callable[[], Probe] | None = field(default=None, repr=False)
    normal_form: NormalForm | None = field(default=None, repr=False)


@frozen
class Source:
    """An opened source.

    ``kind`` is its name for people; ``total`` the number of messages, None where only reading them would tell;
    ``mailboxes`` are made even when they are empty; ``skipped`` are files that are not messages.
    """

    kind: str
    messages: Callable[[], Iterator[SourceMessage]] = field(repr=False)
    total: int | None = None
    mailboxes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
