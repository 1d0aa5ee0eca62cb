"""``angarium serve``: from a configuration to a running server, and back to an exit code."""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from angarium.engine.operations import StoreError
from angarium.server import logs
from angarium.server.admission import Counters
from angarium.server.config import Config, ConfigError
from angarium.server.listeners import ListenError
from angarium.server.plan import Plan, bind_all, prepare_folders, tls_context
from angarium.server.supervisor import StartFailed, Supervisor, describe_listeners, notify_ready


def serve(config: Config, reread: Callable[[], Config] | None = None, when_ready: Callable[[], None] = lambda: None) -> int:
    """Serve until told to stop. 0: stopped as told; 1: could not start or go on; 2: the configuration asks the impossible.

    ``reread`` makes the configuration anew at SIGHUP; ``when_ready`` is called once connections are accepted. On standard
    output stand then a line for each listener (``imap 127.0.0.1:143``) and ``ready``; ``<data>/run/listeners`` holds the same.
    """
    return complaints_as_exit_code(lambda: _serve(config, reread or (lambda: config), when_ready))


def complaints_as_exit_code(work: Callable[[], int | None]) -> int:
    """Do ``work``; what an administrator has to put right becomes one line on standard error, and 1 or 2."""
    try:
        return work() or 0
    except (ConfigError, ListenError) as error:
        return _complain(str(error), 2)
    except (StartFailed, StoreError) as error:
        return _complain(f"cannot start: {error}", 1)


def _serve(config: Config, reread: Callable[[], Config], when_ready: Callable[[], None]) -> int:
    from angarium.server.worker import warm_up

    os.umask(0o077)  # mail is nobody else's to read
    logs.start(config.log_format, config.log_level)
    prepare_folders(config)
    with _alone(config.run / "angarium.pid"):
        _check_user(config)
        warm_up()
        plan = Plan(config, bind_all(config), tls_context(config), Counters())
        supervisor = Supervisor(plan, reread)
        listeners = config.run / "listeners"

        def ready() -> None:
            lines = "".join(f"{line}\n" for line in describe_listeners(plan))
            listeners.write_text(lines)
            print(f"{lines}ready", flush=True)
            notify_ready()
            when_ready()

        try:
            return supervisor.run(ready)
        finally:
            listeners.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the pid file while serving, so that no second server works in the same folder. Raises ConfigError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        pid = os.read(descriptor, 20).decode().strip()
        os.close(descriptor)
        raise ConfigError(f"a server (pid {pid}) runs in {path.parents[1]} already; stop it or choose another --data") from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _check_user(config: Config) -> None:
    """See that ``server.user`` can be become, and owns what it must write."""
    if not config.user:
        return
    if os.geteuid() != 0:
        raise ConfigError("server.user is set, but only root can become another user; start as root or leave it empty")
    try:
        for folder in (config.data, config.run):
            if folder.stat().st_uid == 0:
                shutil.chown(folder, config.user)
    except LookupError as error:
        raise ConfigError(f"server.user: there is no user {config.user!r}") from error


def _complain(what: str, code: int) -> int:
    print(f"angarium: {what}", file=sys.stderr)
    return code
