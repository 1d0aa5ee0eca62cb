"""Whole sessions in memory: the same seed gives the same run, whatever the network does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.operations import Column, FetchMessages, OpenMailbox, UserName
from angarium.engine.steps import Peer, Read, StartTls, TlsStarted, Write
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model_store import EPOCH, ModelStore
from angarium.transports.memory import Faults, World

ROUGH = Faults(split=True, delay=0.3, interleave=True)


def contents(store, user="ann"):
    opened = store.execute(OpenMailbox(UserName(user), "INBOX"))
    rows = store.execute(FetchMessages(opened.id, NumberSet(((1, 2**32 - 1),)), Column.CONTENT)).rows
    return [row.content.rpartition(b"\r\n\r\n")[2] for row in rows]


def deliveries(seed, faults, count=4):
    """Several clients deliver at once; what they heard, and the order of messages in the mailbox."""
    store, world = ModelStore({"ann": ""}), World(seed, faults)
    links = [world.connect(lambda peer: LmtpServer(peer, clock=lambda: EPOCH), store) for _ in range(count)]
    for number, link in enumerate(links):
        link.send(b"LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<ann>\r\nDATA\r\nSubject: x\r\n\r\n%d.\r\n.\r\nQUIT\r\n" % number)
    world.run()
    return [link.take() for link in links], contents(store)


@given(st.integers(0, 2**32))
def test_cuts_and_delays_change_nothing_for_a_client(seed):
    heard, order = deliveries(seed, ROUGH)
    assert heard == deliveries(0, Faults())[0]
    assert sorted(order) == [b"0.\r\n", b"1.\r\n", b"2.\r\n", b"3.\r\n"]


def test_a_seed_decides_everything():
    assert deliveries(7, ROUGH) == deliveries(7, ROUGH)
    assert len({tuple(deliveries(seed, ROUGH)[1]) for seed in range(10)}) > 1


@given(st.integers(0, 2**32))
def test_broken_connections_deliver_whole_messages_or_none(seed):
    heard, order = deliveries(seed, Faults(split=True, drop=0.02, interleave=True))
    acknowledged = sum(b"delivered" in each for each in heard)
    assert acknowledged <= len(order)
    assert set(order) <= {b"0.\r\n", b"1.\r\n", b"2.\r\n", b"3.\r\n"}


def test_time_passes_by_hand():
    world = World()
    link = world.connect(lambda peer: LmtpServer(peer, clock=lambda: EPOCH), ModelStore({}))
    world.pass_time(299)
    assert link.take() == b"220 localhost LMTP ready\r\n"
    world.pass_time(2)
    assert link.take().startswith(b"421 4.4.2")
    assert link.finished
    assert world.clock == 301


class Upgrading:
    def run(self):
        yield Write(b"begin")
        assert isinstance((yield StartTls()), TlsStarted)
        yield Write(b"protected")
        yield Read(1.0)

    def crash_farewell(self):
        return b""


def test_tls_is_played():
    world = World()
    link = world.connect(lambda peer: Upgrading(), ModelStore({}), Peer("x", can_start_tls=True))
    link.send(b"injected")
    world.run()
    assert link.take() == b"beginprotected"
    assert link.peer.tls


@pytest.mark.parametrize("octets", [b"", b"a", b"abc" * 1000])
def test_pieces_are_the_whole(octets):
    assert b"".join(World(3, Faults(split=True)).pieces(octets)) == octets
    assert b"".join(World(3).pieces(octets)) == octets
