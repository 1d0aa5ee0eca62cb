"""``imap://USER@HOST:PORT/MAILBOX`` and ``imaps://`` (RFC 5092 §3, RFC 8314 §3.2 for implicit TLS)."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from angarium.server.importing.source import SourceError

PORTS: Final = {"imap": 143, "imaps": 993}


@frozen
class ImapPlace:
    """A server, who we are there, and the mailbox wanted, or all of them; ``tls``: from the first octet on."""

    host: str
    port: int
    tls: bool
    user: str
    password: str | None = field(default=None, repr=False)
    mailbox: str | None = None

    @property
    def local(self) -> bool:
        """Whether the connection stays on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_url(text: str) -> ImapPlace:
    """Read an address; the password may stand in it, though other people on the machine can see it there."""
    parts = urlsplit(text)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise SourceError(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]} is no address: {error}") from error
    if not parts.hostname or not parts.username:
        raise SourceError(f"say who you are and where: {parts.scheme}://USER@HOST/")
    password = None if parts.password is None else unquote(parts.password)
    mailbox = unquote(parts.path.strip("/")) or None
    return ImapPlace(parts.hostname, port, parts.scheme == "imaps", unquote(parts.username), password, mailbox)
