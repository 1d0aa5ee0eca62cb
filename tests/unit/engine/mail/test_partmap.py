"""Part maps: what is dumped is loaded."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.partmap import dump, load
from angarium.engine.mail.structure import Part, parse_message


def skeleton(part):
    """What a part map keeps of a part."""
    children = tuple(skeleton(child) for child in part.children)
    return evolve(part, params=(), lines=0, children=children, message=part.message and skeleton(part.message))


tokens = st.sampled_from([b"TEXT", b"X-Y", b"7BIT", b"\xe9"])
offsets = st.integers(0, 2**32 - 1) | st.integers(0, 2**63)
leaves = st.builds(Part, offsets, offsets, offsets, tokens, tokens, tokens)
trees = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda part, children, message: evolve(part, children=tuple(children), message=message),
        leaves,
        st.lists(parts, max_size=4),
        st.none() | parts,
    ),
    max_leaves=12,
)


@given(trees)
def test_round_trip(tree):
    total = max(part.end for part in flat(tree))
    biggest = max(total, *(max(part.start, part.body) for part in flat(tree)))
    tree = evolve(tree, end=biggest)  # a message ends where its last part ends, or later
    assert load(dump(tree)) == tree


def flat(part):
    inner = [*part.children, *([part.message] if part.message else [])]
    return [part, *(deeper for child in inner for deeper in flat(child))]


def test_a_part_takes_a_few_octets():
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100
    message = parse_message(octets)
    assert load(dump(message)) == skeleton(message)
    assert len(dump(message)) < 101 * 16 + 50


def test_a_message_in_a_message():
    message = parse_message(b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny")
    assert load(dump(message)) == skeleton(message)
