"""The bus between processes: one unix datagram socket each in ``<data>/run``, on which they name the mailboxes they changed.

A message says only *look again*: the store has the truth (its change stamps make looking cheap), so messages may come twice,
late or in any order. Sending never blocks. Where a peer's queue is full, one ``LOOK_EVERYWHERE`` replaces everything it
missed, and is tried again until it fits. Peers are whoever has a socket in the folder: workers come and go, and a command
line that changes mail is a sender without a socket of its own. The sockets that crashed processes leave behind are removed
by the first sender who is refused by one.
"""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from angarium.engine.operations import MailboxId, UserName

LOOK_EVERYWHERE: Final = b"*"
ACCOUNT: Final = 0
"""The number that no mailbox has: announced with a user, it says that the account has changed and its sessions have to end."""
RETRY_SECONDS: Final = 0.05
PREFIX: Final = "bus."


def encode(mailbox: MailboxId) -> bytes:
    """Name a mailbox in a datagram: its number, a space, its owner."""
    return b"%d %s" % (mailbox.number, mailbox.owner.encode())


def decode(octets: bytes) -> MailboxId | None:
    """Read a mailbox's name; None where it is none (``LOOK_EVERYWHERE``, or nothing of ours)."""
    number, space, owner = octets.partition(b" ")
    try:
        return MailboxId(UserName(owner.decode()), int(number)) if space else None
    except ValueError:
        return None


class Announcer:
    """Tells every process on the bus of a change; safe to call from any thread."""

    __slots__ = ("_folder", "_missed", "_own", "_peers", "_seen", "_socket")

    def __init__(self, folder: Path, own: str = "") -> None:
        self._folder = folder
        self._own = own
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._seen = -1
        self._peers: tuple[str, ...] = ()
        self._missed: set[str] = set()

    def __call__(self, mailbox: MailboxId) -> None:
        """Say that ``mailbox`` has changed."""
        message = encode(mailbox)
        for peer in self._listening():
            self._send(peer, message)

    def retry(self) -> bool:
        """Make up for what full peers have missed; True when nobody misses anything any more."""
        for peer in tuple(self._missed):
            if self._send(peer, LOOK_EVERYWHERE):
                self._missed.discard(peer)
        return not self._missed

    def close(self) -> None:
        """Send no more."""
        self._socket.close()

    def _listening(self) -> tuple[str, ...]:
        """List the others' sockets, anew only when the folder has changed."""
        changed = os.stat(self._folder).st_mtime_ns
        if changed != self._seen:
            names = (entry.name for entry in os.scandir(self._folder))
            self._peers = tuple(str(self._folder / name) for name in names if name.startswith(PREFIX) and name != self._own)
            self._seen = changed
        return self._peers

    def _send(self, peer: str, message: bytes) -> bool:
        """Send one datagram; False where the peer's queue is full. A peer that has gone counts as told."""
        try:
            self._socket.sendto(message, peer)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ENOBUFS):
                self._missed.add(peer)
                return False
            if error.errno == errno.ECONNREFUSED:  # a socket file whose process is dead
                with contextlib.suppress(OSError):
                    os.unlink(peer)
        return True


class Bus:
    """A process's place on the bus, on an asyncio loop: ``announce`` tells the others, ``on_change`` hears them."""

    def __init__(
        self, folder: Path, loop: asyncio.AbstractEventLoop, on_change: Callable[[MailboxId], None], on_lost: Callable[[], None]
    ) -> None:
        name = f"{PREFIX}{os.getpid()}"
        self._path = folder / name
        self._loop = loop
        self._on_change, self._on_lost = on_change, on_lost
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self._path))
        self._announcer = Announcer(folder, name)
        loop.add_reader(self._socket.fileno(), self._receive)

    def announce(self, mailbox: MailboxId) -> None:
        """Tell the other processes; safe from any thread."""
        self._announcer(mailbox)
        if self._announcer._missed:
            self._loop.call_soon_threadsafe(self._retry)

    def close(self) -> None:
        """Leave the bus."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._announcer.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _receive(self) -> None:
        """Take what has come, each mailbox once however often it was named."""
        messages: set[bytes] = set()
        with contextlib.suppress(BlockingIOError):
            while len(messages) < 1000:
                messages.add(self._socket.recv(4096))
        for message in messages:
            mailbox = decode(message)
            if mailbox is None:
                self._on_lost()
            else:
                self._on_change(mailbox)

    def _retry(self) -> None:
        if not self._announcer.retry():
            self._loop.call_later(RETRY_SECONDS, self._retry)
