"""The supervisor: binds the sockets, forks workers, keeps them alive, reloads and stops them. It never touches mail.

It stays what it was started as (root, where low ports or keys need it); workers become ``server.user``. It waits for signals
one at a time, with no handler of its own to interrupt anything:

| signal | what happens |
|---|---|
| SIGCHLD | a worker has died: another takes its place, later and later if it keeps dying |
| SIGHUP | configuration and certificates are read anew; new workers serve new connections, the old ones retire |
| SIGTERM, SIGINT | workers drain, then the supervisor ends with 0 |

A reload with mistakes in it is logged and changes nothing.
"""

import contextlib
import gc
import grp
import logging
import os
import pwd
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from attrs import frozen

from angarium.server import worker
from angarium.server.admission import WORKERS_MAX
from angarium.server.config import Config, ConfigError
from angarium.server.listeners import ListenError, bound_address, release
from angarium.server.plan import Listener, Plan, bind_all, tls_context, worker_count

LOG = logging.getLogger("angarium.server")
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1)
START_SECONDS_MAX: Final = 60.0
STEADY_SECONDS: Final = 10.0
BACK_OFF_SECONDS_MAX: Final = 30.0


@frozen
class Child:
    """A worker process: its row of counters, when it began, the plan it was forked with.

    ``said`` is where it says that it is ready, or why not. It stays open while the worker lives, so that it can be written to.
    """

    pid: int
    row: int
    began: float
    plan: Plan
    said: int


class StartFailed(Exception):
    """A worker could not begin to work; the text says why."""


class Supervisor:
    """The processes of one server.

    ``reread`` makes the configuration anew for a reload; ``listening`` is told each time that all workers of a plan accept
    connections.
    """

    def __init__(self, plan: Plan, reread: Callable[[], Config], listening: Callable[[Plan], None]) -> None:
        self._plan = plan
        self._reread = reread
        self._listening = listening
        self._children: dict[int, Child] = {}
        self._restarts: list[float] = []
        self._failures = 0
        self._stopping = False
        self._stale: tuple[Listener, ...] = ()
        """bound sockets that the plan has no use for; a worker that kept them open would keep their clients waiting"""
        self._lifeline, self._held = os.pipe()

    def run(self) -> int:
        """Start the workers and supervise them until told to stop. Raises StartFailed."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._start_all()
            while not self._stopping:
                self._wait()
        finally:
            self._stop()
        return 0

    def _start_all(self) -> None:
        """Fork every worker of the plan and wait until each accepts connections."""
        gc.collect()
        gc.freeze()
        for child in [self._fork() for _ in range(worker_count(self._plan.config))]:
            self._await_ready(child)
        self._listening(self._plan)

    def _fork(self) -> Child:
        """Fork one worker."""
        ready, tell = os.pipe()
        used = {child.row for child in self._children.values()}
        row = next(each for each in range(WORKERS_MAX) if each not in used)
        self._plan.counters.clear(row)
        pid = os.fork()
        if pid == 0:
            for descriptor in (ready, self._held, *(child.said for child in self._children.values())):
                os.close(descriptor)
            for listener in self._stale:
                listener.socket.close()
            _be_worker(self._plan, row, tell, self._lifeline)
        os.close(tell)
        child = self._children[pid] = Child(pid, row, time.monotonic(), self._plan, ready)
        return child

    def _await_ready(self, child: Child) -> None:
        answered, _, _ = select.select([child.said], [], [], START_SECONDS_MAX)
        said = os.read(child.said, 500) if answered else b"a worker did not start in time"
        if said != worker.READY:
            raise StartFailed((said or b"a worker ended before it was ready").decode(errors="replace"))

    def _wait(self) -> None:
        """Wait for the next signal, or until a worker is due to be restarted, and act on it."""
        due = max(0.0, min(self._restarts) - time.monotonic()) if self._restarts else 3600.0
        received = signal.sigtimedwait(SIGNALS, due)
        if received is not None and received.si_signo in (signal.SIGTERM, signal.SIGINT):
            self._stopping = True
        elif received is not None and received.si_signo == signal.SIGHUP:
            self._reload()
        self._reap()
        self._restart_due()

    def _reap(self) -> None:
        """Notice workers that have ended; plan the successor of one that should not have."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                child = self._children.pop(ended[0], None)
                if child is None:
                    continue
                self._plan.counters.clear(child.row)
                said = os.read(child.said, 500).removeprefix(worker.READY).decode(errors="replace")
                os.close(child.said)
                if child.plan is self._plan and not self._stopping:
                    self._plan_restart(child, said or f"exit {os.waitstatus_to_exitcode(ended[1])}")

    def _plan_restart(self, child: Child, why: str) -> None:
        now = time.monotonic()
        self._failures = 0 if now - child.began > STEADY_SECONDS else self._failures + 1
        delay = min(BACK_OFF_SECONDS_MAX, 0.1 * 2**self._failures) if self._failures else 0.0
        LOG.error("worker died", extra={"worker": child.pid, "detail": f"{why}, restart in {delay:g} s"})
        self._restarts.append(now + delay)

    def _restart_due(self) -> None:
        now = time.monotonic()
        for due in [each for each in self._restarts if each <= now]:
            self._restarts.remove(due)
            # Not awaited: a worker that fails again dies, and is seen to by SIGCHLD.
            self._fork()

    def _reload(self) -> None:
        """Read everything anew; on success new workers take over and the old ones retire."""
        before = self._plan
        try:
            config = self._reread()
            plan = Plan(config, bind_all(config, before.listeners), tls_context(config), before.counters)
        except (ConfigError, ListenError) as error:
            LOG.error("reload refused", extra={"detail": str(error)})
            return
        self._change_over(before, plan)

    def _change_over(self, before: Plan, plan: Plan) -> None:
        """Let workers of a new plan take over; where they cannot begin, those of the old one simply go on."""
        old = tuple(self._children)
        self._stale = tuple(each for each in before.listeners if each not in plan.listeners)
        self._plan = plan
        try:
            self._start_all()
        except StartFailed as error:
            LOG.error("reload failed", extra={"detail": str(error)})
            self._plan, leaving, number = before, set(self._children) - set(old), signal.SIGTERM
            self._stale = tuple(each for each in plan.listeners if each not in before.listeners)
        else:
            LOG.info("reloaded", extra={"detail": f"{len(old)} workers retire"})
            self._restarts.clear()
            leaving, number = set(old), signal.SIGUSR1
        for pid in leaving:
            _tell(pid, number)
        for listener in self._stale:
            release(listener.socket)
        self._stale = ()

    def _stop(self) -> None:
        """Drain the workers; kill those that outlive the grace they were given."""
        for pid in self._children:
            _tell(pid, signal.SIGTERM)
        deadline = time.monotonic() + self._plan.config.grace_seconds + 3.0
        self._stopping = True
        while self._children and time.monotonic() < deadline:
            signal.sigtimedwait((signal.SIGCHLD,), max(0.0, min(1.0, deadline - time.monotonic())))
            self._reap()
        for pid in self._children:
            _tell(pid, signal.SIGKILL)
        for listener in self._plan.listeners:
            release(listener.socket)


def _tell(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _be_worker(plan: Plan, row: int, ready: int, lifeline: int) -> None:
    """Become a worker and never return."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's ^C reaches everyone; the supervisor decides
        if plan.config.user:
            _become(plan.config.user)
        code = worker.run(plan, row, ready, lifeline)
    except BaseException:
        LOG.exception("worker crashed")
    finally:
        logging.shutdown()
        os._exit(code)


def _become(user: str) -> None:
    """Give up root for good."""
    entry = pwd.getpwnam(user)
    os.setgroups([each.gr_gid for each in grp.getgrall() if user in each.gr_mem])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def notify_ready() -> None:
    """Tell systemd that we are up, where it asked for that (one datagram to ``NOTIFY_SOCKET``)."""
    place = os.environ.get("NOTIFY_SOCKET")
    if place:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"READY=1", "\0" + place[1:] if place.startswith("@") else place)


def describe_listeners(plan: Plan) -> list[str]:
    """Say where the server listens, one line a socket."""
    return [f"{each.protocol} {bound_address(each.socket)}" for each in plan.listeners]
