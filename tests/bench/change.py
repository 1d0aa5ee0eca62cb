"""How fast are changes to many messages at once: flags, copies, moves, expunges, and catching up with them?

    PYTHONPATH=tests python -m bench.change

STORE over all 10,000 messages, COPY and MOVE of 1,000, EXPUNGE of 1,000, STATUS of 50 mailboxes, and a QRESYNC SELECT
after ten changes.
"""

import re
from collections.abc import Callable

from bench.messages import messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, filled
from peers.servers import Server


def store_seconds(server: Server) -> float:
    """Set a flag on every message, then take it away (not timed)."""
    wire = Wire(server)
    wire.command("SELECT big")
    wire.command(r"STORE 1:* +FLAGS.SILENT (\Flagged)")
    seconds = wire.seconds
    wire.command(r"STORE 1:* -FLAGS.SILENT (\Flagged)")
    wire.close()
    return seconds


def fresh(wire: Wire, mailbox: str) -> None:
    """Make an empty mailbox."""
    if wire.status(mailbox) is not None:
        wire.command(f"DELETE {mailbox}")
    wire.command(f"CREATE {mailbox}")


def copy_seconds(server: Server, some: int, command: str = "COPY") -> float:
    """COPY, or MOVE out of a copy, ``some`` messages."""
    wire = Wire(server)
    fresh(wire, "copied")
    wire.command("SELECT big")
    wire.command(f"COPY 1:{some} copied")
    if command == "MOVE":
        fresh(wire, "moved")
        wire.command("SELECT copied")
        wire.command("MOVE 1:* moved")
    seconds = wire.seconds
    wire.close()
    return seconds


def expunge_seconds(server: Server, some: int) -> float:
    """EXPUNGE ``some`` messages marked before."""
    wire = Wire(server)
    fresh(wire, "doomed")
    wire.command("SELECT big")
    wire.command(f"COPY 1:{some} doomed")
    wire.command("SELECT doomed")
    wire.command(r"STORE 1:* +FLAGS.SILENT (\Deleted)")
    wire.command("EXPUNGE")
    seconds = wire.seconds
    wire.close()
    return seconds


def status_seconds(server: Server) -> float:
    """STATUS of 50 mailboxes, in one write."""
    wire = Wire(server)
    for number in range(50):
        if wire.status(f"box{number}") is None:
            wire.command(f"CREATE box{number}")
    wire.command('LIST "" "box*" RETURN (STATUS (MESSAGES UIDNEXT UNSEEN HIGHESTMODSEQ))')
    seconds = wire.seconds
    wire.close()
    return seconds


def resync_seconds(server: Server) -> float:
    """QRESYNC SELECT after ten changes of flags."""
    wire = Wire(server)
    wire.command("ENABLE QRESYNC")
    answer = wire.command("SELECT big")
    validity = re.search(rb"UIDVALIDITY (\d+)", answer)
    modseq = re.search(rb"HIGHESTMODSEQ (\d+)", answer)
    if validity is None or modseq is None:
        raise AssertionError(answer)
    wire.command(r"STORE 1:10 +FLAGS.SILENT (\Answered)")
    wire.command(r"STORE 1:10 -FLAGS.SILENT (\Answered)")
    wire.command("UNSELECT")
    wire.command(f"SELECT big (QRESYNC ({int(validity[1])} {int(modseq[1])}))")
    seconds = wire.seconds
    wire.close()
    return seconds


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=10_000)
    some = min(1000, options.messages)
    workloads: dict[str, Callable[[Server], float]] = {
        "store on all": store_seconds,
        "copy 1,000": lambda s: copy_seconds(s, some),
        "move 1,000": lambda s: copy_seconds(s, some, "MOVE"),
        "expunge 1,000": lambda s: expunge_seconds(s, some),
        "list, status of 50": status_seconds,
        "qresync": resync_seconds,
    }
    figures = []
    with running(options) as servers:
        for server in servers:
            filled(server, "big", options.messages, messages(options.messages))
        for name, run in workloads.items():
            figures += rounds(name, "s", servers, options.rounds, run)
    show(figures, options)


if __name__ == "__main__":
    main()
