"""``angarium import``: mail from files or from another server."""

import tempfile
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

from angarium.grammar.imap.mailbox_name import canonical
from angarium.server.cli.complaints import FINE, PROBLEM, UsageError, warn
from angarium.server.cli.output import print_json, progress
from angarium.server.cli.place import open_store_of
from angarium.server.importing.run import Report, import_source
from angarium.server.importing.source import Source
from angarium.store.sqlite.mail import Limits
from angarium.store.sqlite.names import check_name

NAMED_MAX = 10
"""So many files are named in complaints; the rest are counted."""


def import_mail(chosen: Namespace) -> int:
    """Import a source, show how far it is, and say what came of it."""
    remote = chosen.source.startswith(("imap://", "imaps://"))
    if not remote and not Path(chosen.source).exists():
        raise UsageError(f"there is no {chosen.source}: give a Maildir, an mbox file, a folder of messages, or imap://USER@HOST/")
    with ExitStack() as stack:
        store, user = stack.enter_context(open_store_of(chosen))
        root = _root(chosen)
        source = _open_remote(chosen, root, stack) if remote else _open_local(chosen, root, stack)
        with progress("Importing", source.total) as advance:
            report = import_source(store, user, source, lambda report: advance(report.seen, f"{report.added} added"))
        with progress("Indexing", None) as advance:
            store.catch_up(user, lambda done, total: advance(done, f"of {total}"))
    _complain(source, report)
    _print_report(chosen, source, report)
    return PROBLEM if report.problems else FINE


def _root(chosen: Namespace) -> str:
    """Name the mailbox to import into. Raises InvalidMailboxName once, where otherwise every folder of the source would."""
    root = canonical(chosen.mailbox or "INBOX")
    check_name(root, Limits())
    return root


def _open_local(chosen: Namespace, root: str, stack: ExitStack) -> Source:
    from angarium.server.importing.detect import open_path

    def scratch() -> Path:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="angarium-import-")))

    return open_path(Path(chosen.source), root, scratch)


def _open_remote(chosen: Namespace, root: str, stack: ExitStack) -> Source:
    from angarium.server.cli.users import read_stdin_line
    from angarium.server.importing.imap import open_server
    from angarium.server.importing.imap_url import parse_url

    place = parse_url(chosen.source)
    if chosen.password_stdin:
        password = read_stdin_line()
    else:
        password = place.password or _ask_password(place.user, place.host)
    return open_server(place, password, root, chosen.ca_file, stack)


def _ask_password(user: str, host: str) -> str:
    import getpass
    import sys

    if not sys.stdin.isatty():
        raise UsageError(f"the password of {user} on {host} is missing: give --password-stdin")
    return getpass.getpass(f"Password of {user} on {host}: ")


def _complain(source: Source, report: Report) -> None:
    for problem in report.problems[:NAMED_MAX]:
        warn(f"{problem.origin} was not imported: {problem.reason}")
    for path in source.skipped[:NAMED_MAX]:
        warn(f"{path} was passed over: it is no message")
    more = len(report.problems[NAMED_MAX:]) + len(source.skipped[NAMED_MAX:])
    if more:
        warn(f"and {more} more")


def _print_report(chosen: Namespace, source: Source, report: Report) -> None:
    if chosen.json:
        print_json(
            {
                "source": source.kind,
                "added": report.added,
                "present": report.present,
                "failed": [{"origin": problem.origin, "reason": problem.reason} for problem in report.problems],
                "skipped": list(source.skipped),
                "mailboxes": dict(report.mailboxes),
            }
        )
        return
    failed = f", {len(report.problems)} failed" if report.problems else ""
    print(f"{source.kind}: {report.added} messages added, {report.present} were there already{failed}")
