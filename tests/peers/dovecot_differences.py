"""Where do Angarium and Dovecot differ on real mail, and who is right? Writes the table of the reference.

    PYTHONPATH=tests python -m peers.dovecot_differences > docs/reference/dovecot-differences.md

Every message of the corpus goes into both servers, every FETCH item of every message comes out of both, is parsed by our
own client and compared by value.
"""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.wire import Wire
from peers import corpus
from peers.fetching import Reader, compare
from peers.kinds import KINDS, kind_of
from peers.leaves import Leaf, leaves
from peers.servers import Server, angarium, dovecot

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "dovecot-differences.md"
SHOWN = 70

OPENING = """# What Angarium and Dovecot say differently

{messages:,} real messages were appended to both (Dovecot 2.3.19.1, sdbox), with the same internal dates. Then everything that
FETCH can say was asked of both, for every message: UID, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY, BODYSTRUCTURE,
RFC822.HEADER, the whole message, HEADER, TEXT, HEADER.FIELDS and HEADER.FIELDS.NOT, four partial ranges, and for every body
part its content, MIME header, a partial range, BINARY and BINARY.SIZE, HEADER and TEXT of messages inside. Both answers were
parsed and compared by value. {equal:,} messages differ in nothing but the case of names and the zone of INTERNALDATE.

All that differed, in the order of how many messages it touches. No other kind occurs; a test fails when one does.

| kind | places | messages | example: Angarium / Dovecot | right | by which words |
|---|---|---|---|---|---|
"""
HARMLESS = {"zone of INTERNALDATE", "case of names", "case of us-ascii"}


def deposit(server: Server, messages: Sequence[bytes]) -> None:
    """Append the messages, with dates in all zones."""
    wire = Wire(server)
    wire.command("CREATE corpus")
    dates = (f"{corpus.date_of(number):%d-%b-%Y %H:%M:%S %z}" for number in range(1, len(messages) + 1))
    wire.pipeline((f'APPEND corpus "{date}" {{}}', (message,)) for date, message in zip(dates, messages, strict=True))
    wire.close()


Place = tuple[int, Leaf]
"""A message's number, and where in it two answers differ."""


def found(messages: Sequence[bytes], ours: Reader, theirs: Reader) -> tuple[dict[str, list[Place]], list[Place]]:
    """All differences by kind, and those of no kind."""
    kinds: dict[str, list[Place]] = defaultdict(list)
    unknown: list[Place] = []
    for difference in compare(ours, theirs):
        for leaf in leaves(difference):
            kind = kind_of(leaf, messages[difference.number - 1])
            (unknown if kind is None else kinds[kind.name]).append((difference.number, leaf))
    return kinds, unknown


def _shown(value: object) -> str:
    if isinstance(value, bytes) and len(value) > SHOWN:
        value = b"..." + value[-SHOWN:]
    text = repr(value).removeprefix("b")
    text = text if len(text) <= 2 * SHOWN else text[: 2 * SHOWN] + "..."
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def document(messages: Sequence[bytes], kinds: dict[str, list[Place]]) -> str:
    """The page."""
    differing = {number for name, places in kinds.items() if name not in HARMLESS for number, _ in places}
    text = OPENING.format(messages=len(messages), equal=len(messages) - len(differing))
    for kind in sorted(KINDS, key=lambda kind: -len({number for number, _ in kinds[kind.name]})):
        places = kinds[kind.name]
        example = ""
        if places:
            leaf = places[len(places) // 2][1]
            example = f"{leaf.item[0]}: {_shown(leaf.ours)} / {_shown(leaf.theirs)}"
        numbers = {number for number, _ in places}
        text += f"| {kind.name} | {len(places)} | {len(numbers)} | {example} | {kind.right} | {kind.why} |\n"
    return text


def main() -> None:
    """Compare everything and print the page."""
    messages = list(corpus.messages())
    with tempfile.TemporaryDirectory(prefix="angarium-peer-") as folder, angarium(Path(folder)) as one, dovecot() as other:
        for server in (one, other):
            deposit(server, messages)
        kinds, unknown = found(messages, Reader(one, "corpus"), Reader(other, "corpus"))
    for number, leaf in unknown:
        raise SystemExit(f"of no known kind: message {number}, {leaf}")
    print(document(messages, kinds), end="")


if __name__ == "__main__":
    main()
