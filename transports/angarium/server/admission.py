"""How many connections there may be, in all and from one address, over all workers.

Workers share one anonymous memory map with a row each: 16-bit counters, one per bucket of addresses. A worker writes only its
own row, so no locks are needed, and the supervisor clears the row of a worker that died. Two addresses in one bucket share
their limit: with 4,096 buckets that is rare, and errs on the side of turning away.
"""

import mmap
from typing import Final
from zlib import crc32

from angarium.transports.asyncio_server import Admission
from angarium.transports.tcp_asyncio import is_loopback

BUCKETS: Final = 4096
WORKERS_MAX: Final = 256
ROW_OCTETS: Final = BUCKETS * 2


class Counters:
    """The connections of each worker by bucket; made before the workers are forked."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, WORKERS_MAX * ROW_OCTETS)
        self._cells = memoryview(self._map).cast("H")

    def clear(self, row: int) -> None:
        """Forget the connections of a worker that is no more."""
        self._map[row * ROW_OCTETS : (row + 1) * ROW_OCTETS] = bytes(ROW_OCTETS)

    def add(self, row: int, bucket: int, change: int) -> None:
        """Count a connection that came or went."""
        cell = row * BUCKETS + bucket
        self._cells[cell] = max(0, min(65_535, self._cells[cell] + change))

    def count(self, bucket: int) -> int:
        """Count the connections in one bucket, over all workers."""
        return sum(self._cells[bucket::BUCKETS])


def admission(counters: Counters, row: int, connections_max: int, per_address_max: int) -> Admission:
    """Admit at most so many connections: ``connections_max`` in this worker, ``per_address_max`` from one address in all.

    Loopback and unix sockets have no limit per address: web mail, proxies and delivery come from there.
    """
    open_here = 0

    def enter(address: str) -> bool:
        nonlocal open_here
        bucket = crc32(address.encode()) % BUCKETS
        limited = not (address == "unix" or is_loopback(address))
        if open_here >= connections_max or (limited and counters.count(bucket) >= per_address_max):
            return False
        open_here += 1
        counters.add(row, bucket, 1)
        return True

    def leave(address: str) -> None:
        nonlocal open_here
        open_here -= 1
        counters.add(row, crc32(address.encode()) % BUCKETS, -1)

    return Admission(enter, leave)
