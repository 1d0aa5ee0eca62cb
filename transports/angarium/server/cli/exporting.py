"""``angarium export``: a user's mail as files."""

from argparse import Namespace
from pathlib import Path

from angarium.grammar.imap.mailbox_name import canonical
from angarium.server.cli.complaints import FINE, UsageError
from angarium.server.cli.output import print_json, progress
from angarium.server.cli.place import open_store_of
from angarium.server.exporting.run import Format, export_mailboxes


def export_mail(chosen: Namespace) -> int:
    """Write the mailboxes to the target folder and say how much it was."""
    target, layout = Path(chosen.target), Format(chosen.format)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is no folder: give a folder to write to")
    wanted = tuple(map(canonical, chosen.mailbox))
    with open_store_of(chosen) as (store, user), progress("Exporting", None) as advance:
        exported = export_mailboxes(
            store, user, target, layout, wanted, lambda state: advance(state.written + state.present, f"of {state.total}")
        )
    if wanted and not exported.mailboxes:
        raise UsageError(f"{chosen.user} has no mailbox {' or '.join(wanted)}; see: angarium mailbox list --user {chosen.user}")
    if chosen.json:
        print_json({"mailboxes": exported.mailboxes, "written": exported.written, "present": exported.present})
    else:
        print(f"{exported.mailboxes} mailboxes: {exported.written} messages written, {exported.present} were there already")
    return FINE
