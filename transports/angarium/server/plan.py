"""What the supervisor prepares and its workers inherit by ``fork``: sockets, TLS contexts, counters."""

import os
import pwd
import socket
import ssl
from pathlib import Path

from attrs import frozen

from angarium.server.admission import Counters
from angarium.server.config import Config, ConfigError
from angarium.server.listeners import Address, bind
from angarium.transports.tls import CertificateError, server_context


@frozen
class Listener:
    """One bound socket; ``protocol`` is ``imap``, ``imaps`` or ``lmtp``; ``address`` is as configured."""

    protocol: str
    address: Address
    socket: socket.socket


@frozen
class Plan:
    """Everything a worker needs that was made before it was forked."""

    config: Config
    listeners: tuple[Listener, ...]
    tls: ssl.SSLContext
    counters: Counters


def wanted(config: Config) -> tuple[tuple[str, Address], ...]:
    """List what a configuration listens on."""
    config = config.listening()
    return tuple(
        (protocol, address)
        for protocol, addresses in (("imap", config.imap), ("imaps", config.imaps), ("lmtp", config.lmtp))
        for address in addresses
    )


def bind_all(config: Config, bound: tuple[Listener, ...] = ()) -> tuple[Listener, ...]:
    """Bind what ``config`` listens on; a socket that is bound already is kept. Raises ListenError, leaving nothing new bound."""
    have = {(each.protocol, each.address): each for each in bound}
    listeners: list[Listener] = []
    try:
        for protocol, address in wanted(config):
            known = have.get((protocol, address))
            listeners.append(known or Listener(protocol, address, bind(address)))
    except Exception:
        for listener in listeners:
            if listener not in bound:
                listener.socket.close()
        raise
    return tuple(listeners)


def tls_context(config: Config) -> ssl.SSLContext:
    """Load the certificate, or make a self-signed one where none is configured. Raises ConfigError."""
    try:
        if config.certificate is not None:
            return server_context(config.certificate, config.key, _first_line(config.key_password_file))
        return server_context(*_self_signed(config))
    except CertificateError as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        raise ConfigError(f"cannot read or write {error.filename}: {error.strerror}") from error


def needs_certificate(config: Config) -> bool:
    """Say whether none is configured, and a self-signed one has yet to be made."""
    return config.certificate is None and not all(each.exists() for each in _self_signed_files(config))


def _self_signed_files(config: Config) -> tuple[Path, Path]:
    return config.data / "tls" / "certificate.pem", config.data / "tls" / "key.pem"


def _self_signed(config: Config) -> tuple[Path, Path]:
    """Find the self-signed certificate and its key, or make them."""
    certificate, key = _self_signed_files(config)
    if not needs_certificate(config):
        return certificate, key
    from angarium.transports.tls_self_signed import write_self_signed

    return write_self_signed(config.data / "tls", tuple(dict.fromkeys((hostname(config), "localhost", "127.0.0.1", "::1"))))


def hostname(config: Config) -> str:
    """Say what the server calls itself."""
    return config.hostname or socket.gethostname() or "localhost"


def prepare_folders(config: Config) -> None:
    """Make the data folder and its run folder. Raises ConfigError where that cannot be."""
    try:
        config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        config.run.mkdir(exist_ok=True, mode=0o700)
        probe = config.run / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot write to the data folder {config.data}: {reason}; choose another with --data") from error


def worker_count(config: Config) -> int:
    """Say how many workers there are: one for each core this process may use, unless configured."""
    return config.workers or len(os.sched_getaffinity(0))


def system_user(config: Config) -> pwd.struct_passwd | None:
    """Look up ``server.user``; None where it is not set. Raises ConfigError where it cannot be become."""
    if not config.user:
        return None
    if os.geteuid() != 0:
        raise ConfigError("server.user is set, but only root can become another user; start as root or leave it empty")
    try:
        return pwd.getpwnam(config.user)
    except KeyError as error:
        raise ConfigError(f"server.user: there is no user {config.user!r}") from error


def _first_line(path: Path | None) -> str | None:
    """Read the first line of a file of a secret. Raises ConfigError."""
    if path is None:
        return None
    try:
        return path.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8") from error
