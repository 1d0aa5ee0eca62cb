"""Write a user's mailboxes to a folder in one of the formats that other mail software reads."""

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import define

from angarium.server.exporting import eml, maildir, mbox
from angarium.server.exporting.messages import StoredMailbox, StoredMessage, Written, stored_messages
from angarium.store.store import Store


class Format(Enum):
    """How exported mail is laid out."""

    MAILDIR = "maildir"
    MBOX = "mbox"
    EML = "eml"


Writer = Callable[[Path, StoredMailbox, Iterator[StoredMessage]], Iterator[Written]]
WRITERS: Final = MappingProxyType[Format, Writer](
    {Format.MAILDIR: maildir.write_mailbox, Format.MBOX: mbox.write_mailbox, Format.EML: eml.write_mailbox}
)


@define
class Exported:
    """What an export has done so far: messages written, and those that were there from an earlier one.

    ``altered`` counts those whose octets the format cannot hold as they are, ``unflagged`` those whose flags it cannot.
    """

    total: int
    written: int = 0
    present: int = 0
    mailboxes: int = 0
    altered: int = 0
    unflagged: int = 0


def export_mailboxes(
    store: Store, mailboxes: list[StoredMailbox], target: Path, layout: Format, on_progress: Callable[[Exported], None]
) -> Exported:
    """Export mailboxes into the folder ``target``."""
    exported = Exported(sum(mailbox.messages for mailbox in mailboxes))
    target.mkdir(parents=True, exist_ok=True)
    for mailbox in mailboxes:
        for written in WRITERS[layout](target, mailbox, stored_messages(store, mailbox)):
            exported.written += written.new
            exported.present += not written.new
            exported.altered += not written.exact
            exported.unflagged += not written.flags
            on_progress(exported)
        exported.mailboxes += 1
    return exported
