"""One worker: an event loop, a store, and the connections it accepts on the shared sockets.

Signals: SIGTERM drains (every connection hears goodbye, those that do not end in time are cut), SIGUSR1 retires (accept no
more, serve what is open to its end: how a reload changes everything without dropping a connection).
"""

import asyncio
import gc
import logging
import os
import signal
import sqlite3
import sys
from datetime import datetime
from functools import partial
from typing import Final

from angarium.engine.imap.connection import ImapServer
from angarium.engine.imap.limits import Limits as ImapLimits
from angarium.engine.imap.state import PlaintextLogin, State
from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.lmtp.limits import Limits as LmtpLimits
from angarium.engine.namespaces import Namespaces
from angarium.engine.operations import MailboxId, StoreError, UserName
from angarium.engine.steps import Peer
from angarium.grammar.imap import grammar_files as imap_grammar
from angarium.grammar.lmtp import parse_command as lmtp_grammar
from angarium.server import logs
from angarium.server.admission import admission
from angarium.server.config import Config
from angarium.server.plan import Plan, hostname
from angarium.store.sqlite.mail import Limits as StoreLimits
from angarium.store.sqlite.store import SqliteStore
from angarium.transports.asyncio_server import AsyncioServer, Protocol, event_loop
from angarium.transports.bus import ACCOUNT, Bus
from angarium.transports.watch import Watchers

LOG = logging.getLogger("angarium.server")
READY: Final = b"+"
_SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep the interpreter from others: indexing must not make every command wait for Python's 5 ms."""
_PLAINTEXT_LOGIN: Final = {
    "loopback": PlaintextLogin.LOCAL, "never": PlaintextLogin.NEVER, "always": PlaintextLogin.ALWAYS,
}  # fmt: skip


def protocols(config: Config) -> dict[str, Protocol]:
    """Say what is spoken on each kind of listener."""
    imap_limits = ImapLimits(
        append_octets_max=config.append_octets,
        login_seconds_max=float(config.login_seconds),
        idle_seconds_max=float(config.autologout_seconds),
    )
    lmtp_limits = LmtpLimits(message_octets_max=config.message_octets)
    name = hostname(config)

    def imap(peer: Peer) -> ImapServer:
        return ImapServer(
            peer,
            limits=imap_limits,
            plaintext_login=_PLAINTEXT_LOGIN[config.plaintext_login],
            report_login=partial(logs.login, peer, "imap"),
            reusable=config.unauthenticate,
            namespaces=Namespaces(UserName(config.sharing_owner.lower())),
        )

    def lmtp(peer: Peer) -> LmtpServer:
        return LmtpServer(peer, limits=lmtp_limits, hostname=name, clock=_now)

    full_imap = b"* BYE [UNAVAILABLE] too many connections, try again later\r\n"
    full_lmtp = f"421 4.3.2 {name} too many connections, try again later\r\n".encode()
    spoken = Protocol("imap", imap, full_imap, _not_logged_in, float(config.login_seconds), _user)
    return {"imap": spoken, "imaps": spoken, "lmtp": Protocol("lmtp", lmtp, full_lmtp)}


def _not_logged_in(engine: ImapServer) -> bool:
    return engine.session.state is State.NOT_AUTHENTICATED


def _user(engine: ImapServer) -> str | None:
    return None if _not_logged_in(engine) else engine.session.user


def _now() -> datetime:
    return datetime.now().astimezone()


def run(plan: Plan, row: int, ready: int, lifeline: int) -> int:
    """Work until told to stop; write ``READY`` to the descriptor ``ready`` once connections are accepted, or why not.

    ``lifeline`` comes to its end when the supervisor does, however it ended: no worker outlives it.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    loop = event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_work(plan, row, ready, lifeline, loop))
    except (StoreError, OSError, sqlite3.Error) as error:
        os.write(ready, str(error).encode()[:500])
        return 1
    finally:
        loop.close()
    return 0


async def _work(plan: Plan, row: int, ready: int, lifeline: int, loop: asyncio.AbstractEventLoop) -> None:
    config = plan.config
    watchers = Watchers()

    def heard(mailbox: MailboxId) -> None:
        if mailbox.number == ACCOUNT:
            server.dismiss(mailbox.owner)
        else:
            watchers.changed(mailbox)

    def lost() -> None:
        watchers.wake_all()
        for user in server.users():
            if not store.accounts.exists(user):
                server.dismiss(user)

    bus = Bus(config.run, loop, heard, lost)

    def changed(mailbox: MailboxId) -> None:
        watchers.changed(mailbox)
        bus.announce(mailbox)

    # What IMAP and LMTP have let pass, by their own limits, the store does not refuse (RFC 7889 §2).
    limits = StoreLimits(message_octets_max=max(config.append_octets, config.message_octets))
    domains = frozenset(config.domains)
    store = SqliteStore(config.data, on_change=changed, domains=domains, limits=limits, groups=config.groups)
    try:
        server = AsyncioServer(
            store,
            threads_max=config.threads,
            watchers=watchers,
            admission=admission(plan.counters, row, config.connections, config.connections_per_address),
            observe=logs.observe,
        )
        spoken = protocols(config)
        for listener in plan.listeners:
            context = None if listener.protocol == "lmtp" else plan.tls
            await server.listen(listener.socket, spoken[listener.protocol], context, listener.protocol == "imaps")
        await _until_told(server, config, loop, ready, lifeline)
    finally:
        bus.close()
        store.close()


async def _until_told(server: AsyncioServer, config: Config, loop: asyncio.AbstractEventLoop, ready: int, lifeline: int) -> None:
    """Serve until SIGTERM, or after SIGUSR1 until the last connection ends."""
    told = asyncio.Event()
    retired = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    loop.add_reader(lifeline, told.set)
    loop.add_signal_handler(signal.SIGUSR1, retired.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGUSR1))
    gc.freeze()  # what start-up made lives for ever: spare the collector, and the pages shared with the other workers
    os.write(ready, READY)
    os.close(ready)
    waits = [asyncio.ensure_future(told.wait()), asyncio.ensure_future(retired.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if not told.is_set():
        LOG.info("retiring", extra={"worker": os.getpid()})
        server.stop_accepting()
        rest = asyncio.ensure_future(server.finish(None))
        await asyncio.wait([waits[0], rest], return_when=asyncio.FIRST_COMPLETED)
    await server.drain(config.grace_seconds)
    loop.remove_reader(lifeline)
    for wait in waits:
        wait.cancel()


def warm_up() -> None:
    """Build once, before the workers are forked, what each of them would build: the tables of the grammars."""
    imap_grammar.command_parser()
    lmtp_grammar.command_parser()
