"""The driver loop by itself, over a transport that is a list."""

import asyncio

import pytest

from angarium.engine.operations import ListMailboxes, MailboxId, PermissionDenied, UserName
from angarium.engine.steps import Closed, Execute, Failed, Peer, Read, Result, StartTls, TlsStarted, Write
from angarium.transports.drive import drive, in_this_thread, run_blocking
from angarium.transports.watch import Watchers


class Paper:
    """A transport that writes down what happens to it."""

    peer = Peer("paper")

    def __init__(self):
        self.happened = []

    async def read(self, seconds_max, watch):
        self.happened.append(("read", seconds_max, watch))
        return Closed()

    async def write(self, octets):
        self.happened.append(octets)

    async def start_tls(self):
        self.happened.append("tls")
        return TlsStarted()

    async def close(self):
        self.happened.append("closed")


class Steps:
    """An engine that yields given steps and notes the events."""

    def __init__(self, *steps):
        self.steps, self.events, self.ended = steps, [], False

    def run(self):
        try:
            for step in self.steps:
                self.events.append((yield step))
        finally:
            self.ended = True

    def crash_farewell(self):
        return b"sorry"


class Store:
    def execute(self, operation):
        if operation.user == "eve":
            raise PermissionDenied("no")
        return ("fine", operation.user)


def run(engine):
    paper = Paper()
    run_blocking(drive(engine, paper, in_this_thread(Store())))
    return paper.happened


def test_each_step_is_carried_out_and_answered():
    ann, eve = ListMailboxes(UserName("ann")), ListMailboxes(UserName("eve"))
    engine = Steps(Write(b"a"), Read(5.0), Execute(ann), Execute(eve), StartTls(), Write(b"b"))
    assert run(engine) == [b"a", ("read", 5.0, None), "tls", b"b", "closed"]
    none, closed, result, failed, tls, _ = engine.events
    assert (none, closed, result, tls) == (None, Closed(), Result(("fine", "ann")), TlsStarted())
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, PermissionDenied)


def test_what_is_no_step_is_our_own_bug(caplog):
    assert run(Steps("nonsense")) == [b"sorry", "closed"]
    assert "not a step" in caplog.text


def test_a_cancelled_driver_closes_engine_and_transport():
    class Endless(Paper):
        async def read(self, seconds_max, watch):
            await asyncio.sleep(60)

    engine, paper = Steps(Read()), Endless()

    async def cancel():
        task = asyncio.create_task(drive(engine, paper, in_this_thread(Store())))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert engine.ended
    assert paper.happened == ["closed"]


def test_a_blocking_run_may_not_suspend():
    async def suspends():
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="suspended"):
        run_blocking(suspends())


def test_watchers_are_woken_by_their_mailbox_or_all_together():
    woken = []
    first, second = MailboxId(UserName("ann"), 1), MailboxId(UserName("ann"), 2)
    watchers = Watchers()
    one, two = (lambda: woken.append(1)), (lambda: woken.append(2))
    watchers.add(first, one)
    watchers.add(second, two)
    watchers.changed(first)
    assert woken == [1]
    watchers.wake_all()
    assert sorted(woken) == [1, 1, 2]
    watchers.remove(first, one)
    watchers.remove(first, one)
    watchers.changed(first)
    assert sorted(woken) == [1, 1, 2]
