"""The table of settings: every key of the configuration file, its meaning, its default and how it is read.

One row serves the file, the ``ANGARIUM_*`` variables, ``config show`` and ``docs/reference/configuration.md``.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from angarium.server.listeners import Address, parse_address

_UNITS: Final = {"": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


@frozen
class Setting:
    """One key. ``read`` makes its value of what TOML, a variable or an option gives, or raises ValueError.

    ``key`` is ``section.name`` as in the file; ``field`` names it in ``Config``; ``takes`` tells people what to write.
    """

    key: str
    field: str
    read: Callable[[Any], Any]
    default: Any
    takes: str
    doc: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return "ANGARIUM_" + self.key.replace(".", "_").upper()


def text(value: Any) -> str:
    """Any string."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")
    return value


def path(value: Any) -> Path:
    """A path; ``~`` is the home folder."""
    return Path(text(value)).expanduser()


def optional_path(value: Any) -> Path | None:
    """A path, or nothing."""
    return path(value) if text(value) else None


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A whole number within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str) or not re.fullmatch(r"-?\d{1,18}", str(value)):
            raise ValueError(f"{value!r} is not a whole number")
        number = int(value)
        if not least <= number <= most:
            raise ValueError(f"{number} is not between {least} and {most}")
        return number

    return read


def octets(value: Any) -> int:
    """A size: a number of octets, or with a unit as in ``"50 MB"``."""
    match = re.fullmatch(r"(\d{1,15}) *(|KB|MB|GB)", str(value).upper()) if not isinstance(value, bool) else None
    if match is None:
        raise ValueError(f'{value!r} is not a size such as 1000000 or "50 MB"')
    return int(match[1]) * _UNITS[match[2]]


def addresses(value: Any) -> tuple[Address, ...]:
    """One address, several in a list, or several with commas between them."""
    given = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError(f"{value!r} is not an address or a list of addresses")
    return tuple(parse_address(each) for each in given if each)


def one_of(*words: str) -> Callable[[Any], str]:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"{value!r} is not one of {', '.join(words)}")
        return str(value)

    return read


def switch(value: Any) -> bool:
    """Yes or no."""
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{value!r} is not true or false")
    return str(value).lower() == "true"


def names(value: Any) -> tuple[str, ...]:
    """Several names: a list, or with commas between them."""
    given = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError(f"{value!r} is not a list of names")
    return tuple(each for each in given if each)


def groups(value: Any) -> tuple[str, ...]:
    """Groups: a name, a colon, and the members with spaces between them."""
    found = names(value)
    for each in found:
        if not re.fullmatch(r"[^\s:]+:( +[^\s:]+)*", each):
            raise ValueError(f"{each!r} is not a group such as 'staff: ann bob'")
    return found


ADDRESSES: Final = "address or list of addresses"

SETTINGS: Final = (
    Setting("data", "data", path, Path("/var/lib/angarium"), "path",
            "The folder that holds all mail, accounts and run files."),
    Setting("listen.imap", "imap", addresses, (), ADDRESSES,
            "IMAP, with STARTTLS. `HOST:PORT`, `[IPV6]:PORT` or `*:PORT`; port 0 takes any free one. Where no `listen` key "
            "is given at all, it is `*:143`, `imaps` is `*:993` and `lmtp` a unix socket."),
    Setting("listen.imaps", "imaps", addresses, (), ADDRESSES, "IMAP over implicit TLS (RFC 8314)."),
    Setting("listen.lmtp", "lmtp", addresses, (), ADDRESSES,
            "Delivery over LMTP (RFC 2033): `unix:PATH`, or an address that only your mail transfer agent reaches, since "
            "whoever can connect can deliver."),
    Setting("server.hostname", "hostname", text, "", "name", "What the server calls itself; empty takes the machine's name."),
    Setting("server.workers", "workers", whole(0, 128), 0, "number", "How many worker processes; 0 is one for each core."),
    Setting("server.threads", "threads", whole(1, 256), 16, "number", "How many storage operations a worker runs at once."),
    Setting("server.user", "user", text, "", "name",
            "The system user that workers become once the ports are bound; needs a start as root. Empty: stay who we are."),
    Setting("server.grace_seconds", "grace_seconds", whole(0, 3600), 10, "seconds",
            "How long open connections may take to end when the server stops."),
    Setting("tls.certificate", "certificate", optional_path, None, "path",
            "The certificate chain, PEM. Empty: a self-signed one is made in `<data>/tls` at the first start."),
    Setting("tls.key", "key", optional_path, None, "path", "The private key, PEM; empty where the certificate's file has it."),
    Setting("tls.key_password_file", "key_password_file", optional_path, None, "path",
            "A file whose first line is the password of the private key."),
    Setting("imap.plaintext_login", "plaintext_login", one_of("loopback", "never", "always"), "loopback", "word",
            "Where passwords are taken without TLS: from this machine only (`loopback`), `never`, or `always`."),
    Setting("imap.autologout_seconds", "autologout_seconds", whole(1800, 86_400), 1800, "seconds",
            "How long a client may be silent (RFC 9051 §5.4 asks for 30 minutes at least)."),
    Setting("imap.login_seconds", "login_seconds", whole(5, 3600), 120, "seconds",
            "How long a client may take to log in, however busy it seems."),
    Setting("imap.unauthenticate", "unauthenticate", switch, True, "true or false",
            "Whether a client may go on as another user (RFC 8437). Switch it off behind a proxy that lets everything through "
            "once a user has logged in."),
    Setting("imap.append_octets", "append_octets", octets, 104_857_600, "size", "The largest message that APPEND takes."),
    Setting("sharing.owner", "sharing_owner", text, "shared", "name",
            "The account whose mailboxes everybody sees below `Shared/`, as far as its access control lists allow; where there "
            "is no such account there is no such namespace."),
    Setting("sharing.groups", "sharing_groups", groups, (), "list of groups",
            'Groups that access control lists may name as `group:NAME`, each as `"NAME: USER USER"`.'),
    Setting("lmtp.message_octets", "message_octets", octets, 104_857_600, "size",
            "The largest message that is delivered (RFC 1870)."),
    Setting("lmtp.domains", "domains", names, (), "list of names",
            "The domains whose mail is delivered here; empty takes the part before `@` for the user in any domain."),
    Setting("limits.connections", "connections", whole(1, 1_000_000), 10_000, "number",
            "How many connections one worker may have at a time."),
    Setting("limits.connections_per_address", "connections_per_address", whole(1, 60_000), 100, "number",
            "How many connections one address may have; this machine itself has no limit."),
    Setting("log.format", "log_format", one_of("logfmt", "json"), "logfmt", "word", "`logfmt` or `json`, one line an event."),
    Setting("log.level", "log_level", one_of("debug", "info", "warning", "error"), "info", "word",
            "The least that is logged; `debug` names every storage operation."),
)  # fmt: skip
