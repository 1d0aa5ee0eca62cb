"""``angarium check`` and ``angarium reindex``: damage in the store, and the search index."""

from argparse import Namespace

from angarium.engine.operations import UserName
from angarium.server.cli.complaints import FINE, PROBLEM
from angarium.server.cli.output import print_json, print_rows, progress
from angarium.server.cli.place import data_folder, open_store, require_user
from angarium.store import check as store_check
from angarium.store.check import Finding


def check(chosen: Namespace) -> int:
    """Look for damage, and with ``--repair`` mend it; 1 when something is left."""
    folder = data_folder(chosen)
    user = _one_user(chosen)
    with progress("Checking", None) as advance:
        findings = store_check.check(folder, repair=chosen.repair, user=user, progress=advance)
    if chosen.json:
        print_json([_facts(finding) for finding in findings])
    elif findings:
        columns = ("User", "Mailbox", "UID", "Problem", "Repair")
        print_rows(columns, [["" if each is None else each for each in _facts(finding).values()] for finding in findings])
    else:
        print("no damage found")
    return PROBLEM if any(finding.repaired is None for finding in findings) else FINE


def _facts(finding: Finding) -> dict[str, object]:
    return {
        "user": finding.user,
        "mailbox": finding.mailbox,
        "uid": finding.uid,
        "problem": finding.problem,
        "repaired": finding.repaired,
    }


def reindex(chosen: Namespace) -> int:
    """Build the search index of one user or all anew."""
    folder = data_folder(chosen)
    user = _one_user(chosen)
    with progress("Indexing", None) as advance:
        store_check.reindex(folder, user, advance)
    return FINE


def _one_user(chosen: Namespace) -> UserName | None:
    """Return the user that ``--user`` names, who must exist; None means everybody."""
    if chosen.user is None:
        return None
    with open_store(data_folder(chosen)) as store:
        return require_user(store, chosen.user)
