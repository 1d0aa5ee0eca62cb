"""Listening sockets: addresses as they are written, bound once by the supervisor and shared by its workers."""

import contextlib
import errno
import os
import re
import socket
from pathlib import Path

from attrs import frozen

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]*)):(\d{1,5})")


class ListenError(Exception):
    """A socket that cannot be had; one line that says what to do."""


@frozen
class Address:
    """Where to listen: ``host`` and ``port`` (0: any free one), or a unix socket's ``path``. Host ``*`` is every interface."""

    host: str = ""
    port: int = 0
    path: str | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``HOST:PORT``, ``[IPV6]:PORT``, ``*:PORT`` or ``unix:PATH``; raises ValueError."""
    if text.startswith("unix:"):
        if not text[5:]:
            raise ValueError("unix: needs a path")
        return Address(path=text[5:])
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not HOST:PORT, [IPV6]:PORT or unix:PATH")
    port = int(match[3])
    if port > 65_535:
        raise ValueError(f"port {port} is above 65535")
    return Address(match[1] or match[2] or "*", port)


def bind(address: Address) -> socket.socket:
    """Bind and listen. Raises ListenError."""
    try:
        return _bind_unix(address.path) if address.path is not None else _bind_tcp(address)
    except socket.gaierror as error:
        raise ListenError(f"cannot listen on {address}: unknown host {address.host!r}") from error
    except OSError as error:
        raise ListenError(f"cannot listen on {address}: {_advice(error)}") from error


def _bind_tcp(address: Address) -> socket.socket:
    host = "::" if address.host == "*" and socket.has_dualstack_ipv6() else address.host.replace("*", "0.0.0.0")
    family, _, _, _, place = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "::" else 1)
        sock.bind(place)
        sock.listen(1024)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _bind_unix(path: str) -> socket.socket:
    """Bind a unix socket, replacing one that nobody answers at any more."""
    if os.path.exists(path):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                os.unlink(path)
            else:
                raise OSError(errno.EADDRINUSE, "in use")
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(path)
        os.chmod(path, 0o666)  # who may deliver is decided by the folder's permissions
        sock.listen(1024)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def bound_address(sock: socket.socket) -> Address:
    """Say where a socket really listens: the port, where any was asked for."""
    name = sock.getsockname()
    return Address(path=name) if sock.family == socket.AF_UNIX else Address(name[0], name[1])


def release(sock: socket.socket) -> None:
    """Close a listening socket for good, and remove a unix socket's file."""
    path = sock.getsockname() if sock.family == socket.AF_UNIX else None
    sock.close()
    if path:
        with contextlib.suppress(OSError):
            Path(path).unlink()


def _advice(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is in use; stop the other server or choose another port"
    if error.errno == errno.EACCES:
        return "permission denied; ports below 1024 need root (set server.user to give up root afterwards)"
    if error.errno == errno.EADDRNOTAVAIL:
        return "no such address on this machine"
    return error.strerror or str(error)
