"""All commands and their options: the table behind ``--help`` and ``docs/reference/command-line.md``."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

VERSION: Final = "0.1.0"
"""The version of ``pyproject.toml``: asking ``importlib.metadata`` for it would take as long as all the rest of ``--version``."""


@frozen
class Option:
    """One option or argument; ``settings`` are those of ``argparse.ArgumentParser.add_argument``."""

    names: tuple[str, ...]
    help: str
    settings: Mapping[str, Any] = field(factory=dict)

    @property
    def positional(self) -> bool:
        """Whether it is an argument, told by its place."""
        return not self.names[0].startswith("-")


@frozen
class Command:
    """One command: its words, what it does, and ``module.function`` below ``angarium.server.cli`` that does it."""

    words: tuple[str, ...]
    help: str
    function: str
    options: tuple[Option, ...] = ()
    details: str = ""


def _text(name: str, metavar: str, text: str, **settings: Any) -> Option:
    return Option((name,), text, {"metavar": metavar, **settings})


def _switch(name: str, text: str) -> Option:
    return Option((name,), text, {"action": "store_true"})


def _choice(name: str, choices: tuple[str, ...], text: str) -> Option:
    return Option((name,), text, {"choices": choices})


CONFIG: Final = _text("--config", "FILE", "configuration file")
DATA: Final = _text("--data", "DIR", "data folder, instead of the configuration's")
PLACE: Final = (CONFIG, DATA)
USER: Final = _text("--user", "NAME", "whose mail", required=True)
ONE_USER: Final = _text("--user", "NAME", "only this user (default: all)")
JSON: Final = _switch("--json", "print JSON for a program to read")
PASSWORD_STDIN: Final = _switch("--password-stdin", "read the password from standard input instead of asking for it")
NAME: Final = _text("name", "NAME", "the user's name")
MAILBOX: Final = _text("mailbox", "MAILBOX", "its full name, levels separated by /")

GROUPS: Final = {
    "user": "add, remove and list users, set passwords",
    "mailbox": "list and change the mailboxes of a user",
    "config": "check and show the configuration",
    "spec": "show what the RFCs demand and what witnesses it",
}
"""Commands of two words, by their first."""

COMMANDS: Final = (
    Command(
        ("serve",),
        "run the mail server",
        "serve.serve",
        (
            *PLACE,
            _text("--imap", "HOST:PORT", "listen for IMAP (STARTTLS)"),
            _text("--imaps", "HOST:PORT", "listen for IMAP with TLS from the start"),
            _text("--lmtp", "HOST:PORT", "listen for LMTP; unix:PATH for a socket file"),
            _text("--workers", "N", "number of worker processes (default: one for each core)", type=int),
            _switch("--demo", "a server to try: user demo with sample mail, on ports 1143, 1993 and 1024"),
        ),
        "Runs until SIGTERM or Ctrl-C, then lets connections finish. SIGHUP reads the configuration and certificates again.",
    ),
    Command(("user", "add"), "add a user", "users.add", (NAME, PASSWORD_STDIN, *PLACE)),
    Command(
        ("user", "remove"),
        "remove a user",
        "users.remove",
        (NAME, _switch("--delete-mail", "delete the user's mail too"), *PLACE),
        "Without --delete-mail the mail stays for a user of the same name to come. Sessions that are open end within seconds.",
    ),
    Command(("user", "list"), "list the users", "users.list_users", (JSON, *PLACE)),
    Command(
        ("user", "passwd"),
        "set a user's password",
        "users.passwd",
        (NAME, PASSWORD_STDIN, *PLACE),
        "Sessions that are open end within seconds: whoever has only the old password is out.",
    ),
    Command(
        ("mailbox", "list"), "list mailboxes with their number of messages", "mailboxes.list_mailboxes", (USER, JSON, *PLACE)
    ),
    Command(("mailbox", "create"), "create a mailbox and subscribe to it", "mailboxes.create", (MAILBOX, USER, *PLACE)),
    Command(("mailbox", "delete"), "delete a mailbox and its messages", "mailboxes.delete", (MAILBOX, USER, *PLACE)),
    Command(
        ("mailbox", "rename"),
        "rename a mailbox with all below it",
        "mailboxes.rename",
        (MAILBOX, _text("new_name", "NEW", "the new full name"), USER, *PLACE),
    ),
    Command(
        ("mailbox", "acl"),
        "show or change who may do what in a mailbox",
        "access.acl",
        (
            MAILBOX,
            _text("identifier", "IDENTIFIER", "a user, anyone or group:NAME", nargs="?"),
            _text("rights", "RIGHTS", "letters of lrswipkxtea; +RIGHTS adds, no letters take all", nargs="?"),
            _switch("--delete", "take everything from IDENTIFIER"),
            USER,
            JSON,
            *PLACE,
        ),
        "Without IDENTIFIER the list is shown. The owner has every right, always. Put -- before arguments that begin with a dash:"
        " -- Work -bob w takes the right w from bob, whatever else grants it.",
    ),
    Command(
        ("import",),
        "add mail from files or another server",
        "importing.import_mail",
        (
            _text(
                "source", "SOURCE", "Maildir, mbox, folder of either or of message files, tar archive, imap://USER@HOST/MAILBOX"
            ),
            USER,
            _text("--mailbox", "NAME", "put it below this mailbox (default: folders at the top, the rest into INBOX)"),
            Option(("--password-stdin",), "read the password for imap:// from standard input", {"action": "store_true"}),
            _text("--ca-file", "FILE", "trust the certificates in this file for imap://"),
            JSON,
            *PLACE,
        ),
        "Folders, flags and dates are kept. Messages that the mailbox has already are left out, so it can be stopped and"
        " repeated: a second run adds nothing.",
    ),
    Command(
        ("export",),
        "write mail to files",
        "exporting.export_mail",
        (
            _text("target", "TARGET", "folder to write to; made if missing"),
            USER,
            Option(
                ("--format",),
                "maildir keeps everything, mbox is one file for each mailbox, eml one for each message (default: maildir)",
                {"choices": ("maildir", "mbox", "eml"), "default": "maildir"},
            ),
            Option(
                ("--mailbox",),
                "only this mailbox and those below it; may be repeated",
                {"metavar": "NAME", "action": "append", "default": []},
            ),
            JSON,
            *PLACE,
        ),
        "A second export to a Maildir or to message files writes only what is new.",
    ),
    Command(
        ("check",),
        "look for damage in the store",
        "checking.check",
        (_switch("--repair", "mend what is found, and say how"), ONE_USER, JSON, *PLACE),
        "Exit code 1 means that something was found and not repaired.",
    ),
    Command(("reindex",), "build the search index anew", "checking.reindex", (ONE_USER, *PLACE)),
    Command(("config", "check"), "say whether the configuration is right", "config.check", PLACE),
    Command(("config", "show"), "show every setting and its value", "config.show", (JSON, *PLACE)),
    Command(
        ("explain",),
        "show how an IMAP command is read: rule by rule, with the RFC section",
        "explaining.explain",
        (
            _text("text", "COMMAND", "the command with its tag, such as 'A1 UID FETCH 1:* (FLAGS)'"),
            _switch("--utf8", "read mailbox names as UTF-8, as after ENABLE IMAP4rev2"),
            JSON,
        ),
        r"Write \r\n where a line ends inside the command, before and within literals.",
    ),
    Command(
        ("spec", "list"),
        "list what the RFCs demand",
        "requirements.list_requirements",
        (
            _text("--rfc", "N", "only of this RFC", type=int),
            _choice("--level", ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"), "only of this level"),
            _choice("--binds", ("server", "client", "both", "administrator"), "only what binds them"),
            _choice("--witness", ("outside", "inside", "none"), "only what can be seen there"),
            _switch("--unchecked", "only what binds the server and could be tested, but is not"),
            JSON,
        ),
    ),
    Command(
        ("spec", "show"),
        "show one demand, or all of an RFC, with the checks that witness it",
        "requirements.show",
        (_text("what", "WHAT", "an id such as rfc9051-6.3.2-1, or the number of an RFC"), JSON),
    ),
    Command(
        ("spec", "coverage"),
        "count how much of each RFC is catalogued and witnessed",
        "requirements.coverage",
        (_text("--rfc-texts", "DIR", "folder of rfcNNNN.txt, to compare with their RFC 2119 words"), JSON),
        "Exit code 1 means that a word is not accounted for, or that something could be tested and is not.",
    ),
)
