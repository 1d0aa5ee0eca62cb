"""Limits on connections over several workers."""

from angarium.server.admission import Counters, admission


def test_limits_in_all_and_per_address_over_workers():
    counters = Counters()
    first, second = (admission(counters, row, connections_max=4, per_address_max=3) for row in (0, 1))
    assert [first.enter("192.0.2.1"), first.enter("192.0.2.1"), second.enter("192.0.2.1")] == [True] * 3
    assert not first.enter("192.0.2.1")
    assert not second.enter("192.0.2.1")
    assert first.enter("192.0.2.2")
    first.leave("192.0.2.1")
    assert second.enter("192.0.2.1")


def test_a_worker_is_full_for_everyone():
    only = admission(Counters(), 0, connections_max=2, per_address_max=9)
    assert [only.enter(address) for address in ("unix", "127.0.0.1", "::1")] == [True, True, False]
    only.leave("unix")
    assert only.enter("192.0.2.1")


def test_this_machine_has_no_limit_per_address():
    only = admission(Counters(), 0, connections_max=100, per_address_max=1)
    assert all(only.enter("127.0.0.1") for _ in range(10))


def test_the_connections_of_a_dead_worker_are_forgotten():
    counters = Counters()
    dead = admission(counters, 0, connections_max=9, per_address_max=1)
    assert dead.enter("192.0.2.1")
    alive = admission(counters, 1, connections_max=9, per_address_max=1)
    assert not alive.enter("192.0.2.1")
    counters.clear(0)
    assert alive.enter("192.0.2.1")
