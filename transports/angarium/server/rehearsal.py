"""Everything that can keep a server from starting, tried without starting one: what ``config check`` does.

Ports are not bound, since a running server holds them; all else that ``serve`` needs is looked at, and nothing is made.
"""

import os
import stat
from pathlib import Path

from angarium.server.config import Config, ConfigError
from angarium.server.plan import needs_certificate, system_user, tls_context, wanted


def rehearse(config: Config) -> None:
    """Raise ConfigError for the first thing that ``serve`` would stumble over."""
    _check_folder(config.data, "choose another with --data")
    _check_folder(config.run, "give it to the user that runs the server")
    system_user(config)
    if not needs_certificate(config):
        tls_context(config)
    _check_sockets(config)


def _check_folder(folder: Path, advice: str) -> None:
    """See that a folder can be written to, or made where it is not there yet."""
    for place in (folder, *folder.parents):
        try:
            mode = place.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ConfigError(f"cannot use the folder {folder}: {place}: {error.strerror}; {advice}") from error
        if not stat.S_ISDIR(mode):
            raise ConfigError(f"cannot use the folder {folder}: {place} is no folder; {advice}")
        if not os.access(place, os.W_OK | os.X_OK):
            raise ConfigError(f"cannot write to the folder {place}; {advice}")
        return


def _check_sockets(config: Config) -> None:
    """See that each unix socket has a folder to lie in; those in the run folder get theirs at the start."""
    for protocol, address in wanted(config):
        if address.path is None:
            continue
        folder = Path(address.path).absolute().parent
        if folder != config.run.absolute() and not os.access(folder, os.W_OK | os.X_OK):
            raise ConfigError(f"cannot listen on {address} (listen.{protocol}): there is no folder {folder} to write to")
