"""How fast are the FETCHes that mail programs open a mailbox with, over 10,000 messages?

    PYTHONPATH=tests python -m bench.fetch

``list`` is everything for a message list (ENVELOPE and BODYSTRUCTURE included), ``flags`` a resynchronisation, ``headers``
what Thunderbird asks for, ``bodies`` 1,000 whole messages. The time is that of reading the whole answer, unparsed.
"""

from bench.messages import messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer, filled
from peers.servers import Server

WORKLOADS = {
    "list": "1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
    "flags": "1:* (UID FLAGS)",
    "envelope": "1:* (ENVELOPE)",
    "headers": "1:* (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID REFERENCES)])",
    "bodies": "1:{bodies} (BODY.PEEK[])",
}


def fetch_seconds(server: Server, items: str, count: int) -> float:
    """Open the mailbox on a new connection and fetch."""
    wire = Wire(server)
    wire.command("EXAMINE big")
    answer = wire.command(f"FETCH {items}")
    seconds = wire.seconds
    wire.close()
    if answer.count(b" FETCH (") < count:
        raise WrongAnswer(f"{answer.count(b' FETCH (')} FETCH responses, not {count}")
    return seconds


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=10_000)
    bodies = min(1000, options.messages)
    figures = []
    with running(options) as servers:
        for server in servers:
            filled(server, "big", options.messages, messages(options.messages))
        for name, items in WORKLOADS.items():
            count = bodies if name == "bodies" else options.messages
            text = items.format(bodies=bodies)
            figures += rounds(name, "s", servers, options.rounds, lambda s, text=text, count=count: fetch_seconds(s, text, count))
    show(figures, options)


if __name__ == "__main__":
    main()
