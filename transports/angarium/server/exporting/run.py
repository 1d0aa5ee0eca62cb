"""Write a user's mailboxes to a folder in one of the formats that other mail software reads."""

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import define

from angarium.engine.operations import UserName
from angarium.server.exporting import eml, maildir, mbox
from angarium.server.exporting.messages import StoredMailbox, StoredMessage, stored_mailboxes, stored_messages
from angarium.store.store import Store


class Format(Enum):
    """How exported mail is laid out."""

    MAILDIR = "maildir"
    MBOX = "mbox"
    EML = "eml"


Writer = Callable[[Path, StoredMailbox, Iterator[StoredMessage]], Iterator[bool]]
WRITERS: Final = MappingProxyType[Format, Writer](
    {Format.MAILDIR: maildir.write_mailbox, Format.MBOX: mbox.write_mailbox, Format.EML: eml.write_mailbox}
)


@define
class Exported:
    """What an export has done so far: messages written, and those that were there from an earlier one."""

    total: int
    written: int = 0
    present: int = 0
    mailboxes: int = 0


def export_mailboxes(
    store: Store,
    user: UserName,
    target: Path,
    layout: Format,
    wanted: tuple[str, ...],
    on_progress: Callable[[Exported], None],
) -> Exported:
    """Export the user's mailboxes, all or the wanted ones, into ``target``."""
    mailboxes = stored_mailboxes(store, user, wanted)
    exported = Exported(sum(mailbox.messages for mailbox in mailboxes))
    target.mkdir(parents=True, exist_ok=True)
    for mailbox in mailboxes:
        for new in WRITERS[layout](target, mailbox, stored_messages(store, mailbox)):
            exported.written += new
            exported.present += not new
            on_progress(exported)
        exported.mailboxes += 1
    return exported
