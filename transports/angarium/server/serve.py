"""``angarium serve``: from a configuration to a running server, and back to an exit code."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from angarium.engine.operations import StoreError
from angarium.server import logs
from angarium.server.admission import Counters
from angarium.server.config import Config, ConfigError
from angarium.server.listeners import ListenError
from angarium.server.plan import Plan, bind_all, prepare_folders, system_user, tls_context
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
        _give_to_user(config)
        warm_up()
        plan = Plan(config, bind_all(config), tls_context(config), Counters())
        listeners = config.run / "listeners"

        def listening(now: Plan) -> None:
            lines = "".join(f"{line}\n" for line in describe_listeners(now))
            _write_anew(listeners, lines)
            if now is plan:
                print(f"{lines}ready", flush=True)
                notify_ready()
                when_ready()

        try:
            return Supervisor(plan, reread, listening).run()
        finally:
            listeners.unlink(missing_ok=True)


def _write_anew(path: Path, text: str) -> None:
    """Replace a file without following what a link of that name might point to: the folder is not only ours (``server.user``)."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "w") as file:
        file.write(text)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the pid file while serving, so that no second server works in the same folder. Raises ConfigError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
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


def _give_to_user(config: Config) -> None:
    """See that ``server.user`` can be become, and owns what it must write: root may have made accounts or imported mail."""
    entry = system_user(config)
    if entry is None:
        return
    for folder, folders, files in os.walk(config.data):
        if Path(folder) == config.data and "tls" in folders:
            folders.remove("tls")  # keys are read before root is given up
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            if os.lstat(path).st_uid == 0:
                os.lchown(path, entry.pw_uid, entry.pw_gid)


def _complain(what: str, code: int) -> int:
    print(f"angarium: {what}", file=sys.stderr)
    return code
