"""``angarium user``: the accounts of the store."""

import getpass
import sys
from argparse import Namespace

from angarium.engine.operations import (
    DeleteMailbox,
    ExpungeMessages,
    ListMailboxes,
    OpenedMailbox,
    OpenMailbox,
    SetFlags,
    SetSubscription,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.server.cli.complaints import FINE, ProblemFound, UsageError
from angarium.server.cli.output import print_json, print_rows
from angarium.server.cli.place import data_folder, end_sessions, load_config, open_store, require_user
from angarium.store.store import Store

ALL_UIDS = NumberSet(((1, 2**32 - 1),))


def add(chosen: Namespace) -> int:
    """Add a user with a password, making the data folder for the first one."""
    folder = load_config(chosen).data
    with open_store(data_folder(chosen) if folder.exists() else folder) as store:
        if store.accounts.exists(chosen.name):
            raise ProblemFound(f"there is a user {chosen.name} already; for a new password: angarium user passwd {chosen.name}")
        user = store.accounts.add(chosen.name, read_password(chosen))
        # Makes the mailboxes, so that a data folder that cannot be written to shows now and not at the first delivery.
        store.execute(ListMailboxes(user))
    return FINE


def remove(chosen: Namespace) -> int:
    """Remove a user and end their sessions. The mail stays, for the next user of that name, unless it is to be deleted too."""
    folder = data_folder(chosen)
    with open_store(folder) as store:
        user = require_user(store, chosen.name)
        store.accounts.remove(chosen.name)
        end_sessions(folder, user)
        if chosen.delete_mail:
            delete_mail(store, user)
            store.catch_up(user)
    return FINE


def delete_mail(store: Store, user: UserName) -> None:
    """Delete all mail as a client would, so that a running server takes notice; INBOX stays, empty."""
    entries = store.execute(ListMailboxes(user))
    for entry in sorted(entries, key=lambda entry: entry.name.count("/"), reverse=True):
        if entry.subscribed:
            store.execute(SetSubscription(user, entry.name, False))
        if entry.id is not None and entry.name != "INBOX":
            store.execute(DeleteMailbox(user, entry.name))
    inbox: OpenedMailbox = store.execute(OpenMailbox(user, "INBOX"))
    store.execute(SetFlags(inbox.id, ALL_UIDS, StoreMode.ADD, (b"\\Deleted",)))
    store.execute(ExpungeMessages(inbox.id))


def list_users(chosen: Namespace) -> int:
    """List the names of all users."""
    with open_store(data_folder(chosen)) as store:
        names = list(store.accounts.list())
    if chosen.json:
        print_json(names)
    else:
        print_rows(["User"], [[name] for name in names])
    return FINE


def passwd(chosen: Namespace) -> int:
    """Give a user another password; whoever is logged in with the old one has to log in again."""
    folder = data_folder(chosen)
    with open_store(folder) as store:
        user = require_user(store, chosen.name)
        store.accounts.set_password(chosen.name, read_password(chosen))
        end_sessions(folder, user)
    return FINE


def read_password(chosen: Namespace) -> str:
    """Read a new password from standard input, or ask for it twice on the terminal."""
    if chosen.password_stdin:
        password = read_stdin_line()
    elif sys.stdin.isatty():
        password = getpass.getpass(f"New password for {chosen.name}: ")
        if getpass.getpass("Once more: ") != password:
            raise ProblemFound("the two passwords differ; nothing was changed")
    else:
        raise UsageError("there is no terminal to ask for the password on: give --password-stdin")
    if not password:
        raise UsageError("the password is empty")
    return password


def read_stdin_line() -> str:
    """Read the first line of standard input, without its end, as UTF-8 whatever the locale says."""
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("the password on standard input is not UTF-8") from error
