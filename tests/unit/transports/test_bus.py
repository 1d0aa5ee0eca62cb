"""The bus between processes: nothing blocks, nothing that matters is lost."""

import asyncio
import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.operations import MailboxId, UserName
from angarium.transports.bus import PREFIX, Announcer, Bus, decode, encode

INBOX = MailboxId(UserName("ann"), 1)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.integers(0, 2**31))
def test_names_are_carried(owner, number):
    mailbox = MailboxId(UserName(owner), number)
    assert decode(encode(mailbox)) == mailbox


@pytest.mark.parametrize("octets", [b"*", b"", b"x y", b"1 \xff"])
def test_what_names_no_mailbox(octets):
    assert decode(octets) is None


@pytest.fixture
def listener(tmp_path):
    """A bus on a loop that is run by hand, and what it has heard."""
    loop = asyncio.new_event_loop()
    heard = []
    bus = Bus(tmp_path, loop, heard.append, lambda: heard.append("everything"))

    def turn():
        loop.run_until_complete(asyncio.sleep(0.01))
        taken = heard[:]
        heard.clear()
        return taken

    yield bus, turn
    bus.close()
    loop.close()


def test_a_process_hears_others_and_not_itself(tmp_path, listener):
    bus, turn = listener
    announce = Announcer(tmp_path)
    announce(INBOX)
    announce(INBOX)
    announce(MailboxId(UserName("ben"), 2))
    bus.announce(INBOX)
    assert sorted(turn(), key=str) == sorted([INBOX, MailboxId(UserName("ben"), 2)], key=str)
    announce.close()


def test_sockets_of_dead_processes_are_removed(tmp_path):
    dead = tmp_path / f"{PREFIX}1"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(dead))
    announce = Announcer(tmp_path)
    announce(INBOX)
    assert not dead.exists()
    announce(INBOX)
    announce.close()


def test_a_full_peer_is_told_to_look_everywhere_later(tmp_path, listener):
    _, turn = listener
    announce = Announcer(tmp_path)
    for number in range(5000):
        announce(MailboxId(UserName("ann"), number))
    assert not announce.retry()
    heard = turn()
    assert 0 < len(heard) < 5000
    while not announce.retry():
        heard += turn()
    heard += turn()
    assert "everything" in heard
    assert announce.retry()
    announce.close()


def test_a_bus_makes_up_for_what_a_full_peer_missed(tmp_path, monkeypatch):
    async def run():
        loop = asyncio.get_running_loop()
        heard, none = [], []
        hearing = Bus(tmp_path, loop, heard.append, lambda: heard.append("everything"))
        monkeypatch.setattr(os, "getpid", lambda: 1)
        telling = Bus(tmp_path, loop, none.append, lambda: None)
        for number in range(5000):
            telling.announce(MailboxId(UserName("ann"), number))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if "everything" in heard:
                break
        hearing.close()
        telling.close()
        return heard, none

    heard, none = asyncio.run(run())
    assert "everything" in heard
    assert none == []
    assert list(tmp_path.iterdir()) == []


def test_a_leftover_of_our_own_number_is_replaced(tmp_path):
    async def run():
        (tmp_path / f"{PREFIX}{os.getpid()}").write_bytes(b"")
        Bus(tmp_path, asyncio.get_running_loop(), print, print).close()

    asyncio.run(run())
    assert list(tmp_path.iterdir()) == []
