"""``angarium export``: a user's mail as files."""

from argparse import Namespace
from pathlib import Path
from typing import Final

from angarium.grammar.imap.mailbox_name import canonical
from angarium.server.cli.complaints import FINE, UsageError, warn
from angarium.server.cli.output import print_json, progress
from angarium.server.cli.place import open_store_of
from angarium.server.exporting.messages import missing, stored_mailboxes
from angarium.server.exporting.run import Exported, Format, export_mailboxes


def export_mail(chosen: Namespace) -> int:
    """Write the mailboxes to the target folder and say how much it was."""
    target, layout = Path(chosen.target), Format(chosen.format)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is no folder: give a folder to write to")
    wanted = tuple(map(canonical, chosen.mailbox))
    with open_store_of(chosen) as (store, user):
        mailboxes = stored_mailboxes(store, user, wanted)
        unknown = missing(wanted, mailboxes)
        if unknown:
            raise UsageError(f"{user} has no mailbox {' or '.join(unknown)}; see: angarium mailbox list --user {user}")
        with progress("Exporting", None) as advance:
            exported = export_mailboxes(
                store, mailboxes, target, layout, lambda state: advance(state.written + state.present, f"of {state.total}")
            )
    for line in losses(exported, layout):
        warn(line)
    if chosen.json:
        print_json({name: getattr(exported, name) for name in ("mailboxes", "written", "present", "altered", "unflagged")})
    else:
        print(f"{exported.mailboxes} mailboxes: {exported.written} messages written, {exported.present} were there already")
    return FINE


ALTERED: Final = "LF alone as a line end, a last line without its end, or fields such as Status, which flags are kept in"
"""What of a message's octets an mbox cannot hold; the other formats hold all."""


def losses(exported: Exported, layout: Format) -> list[str]:
    """Say what the format could not carry."""
    lines = []
    if exported.altered:
        lines.append(f"{exported.altered} messages are not as they were: {layout.value} cannot hold {ALTERED}")
    if exported.unflagged:
        lines.append(f"{exported.unflagged} messages have flags that {layout.value} cannot hold")
    return lines
