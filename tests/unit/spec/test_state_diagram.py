"""Diagrams of states: everything is on them, nothing lies on something else, and the same rows are the same octets."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from angarium.spec.state_diagram import CHARACTER, LINE, Arrow, diagram

SVG = "{http://www.w3.org/2000/svg}"
STATES = ("not yet", "begun", "under way", "over")
WORDS = ("BEGIN", "GO & SEE", "STOP <now>", "A LONG NAME OF A COMMAND")


def arrows(places: int) -> st.SearchStrategy[list[Arrow]]:
    ends = st.tuples(st.integers(0, places - 1), st.integers(0, places - 1))
    labels = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(tuple)
    drawn = st.dictionaries(ends, labels, max_size=10)
    return drawn.map(lambda rows: [Arrow(*pair, words) for pair, words in rows.items()])


def areas(svg: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """What each line of text covers."""
    result = []
    for text in svg.iter(f"{SVG}text"):
        x, y, length = float(text.get("x")), float(text.get("y")), CHARACTER * len(text.text)
        left = x - length if text.get("text-anchor") == "end" else x
        result.append((left, y - LINE * 0.7, left + length, y + LINE * 0.2))
    return result


@given(arrows(len(STATES)))
def test_everything_is_drawn_and_nothing_covers_anything(drawn: list[Arrow]) -> None:
    svg = ElementTree.fromstring(diagram("A protocol", STATES, {"begun": WORDS}, drawn))
    width, height = float(svg.get("width")), float(svg.get("height"))
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    wanted = [word for arrow in drawn if arrow.source != arrow.target for word in arrow.labels]
    assert sorted(texts) == sorted([*STATES, "BEGIN GO & SEE STOP <now> A LONG NAME OF A COMMAND", *wanted])
    covered = areas(svg)
    assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in covered)
    for number, one in enumerate(covered):
        for other in covered[:number]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (one, other)


@given(arrows(len(STATES)))
def test_every_arrow_begins_and_ends_at_its_states(drawn: list[Arrow]) -> None:
    svg = ElementTree.fromstring(diagram("A protocol", STATES, {}, drawn))
    boxes = [(float(box.get("y")), float(box.get("y")) + float(box.get("height"))) for box in svg.iter(f"{SVG}rect")]
    found = []
    for path in svg.iter(f"{SVG}path"):
        if path.get("class") != "head":
            numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
            source, target = ([n for n, (top, end) in enumerate(boxes) if top <= y <= end] for y in (numbers[1], numbers[-1]))
            found += [(a, b) for a in source for b in target]
    assert sorted(found) == sorted((each.source, each.target) for each in drawn if each.source != each.target)


def test_it_begins_at_the_first_state_and_is_the_same_again() -> None:
    once, again = (diagram("A <protocol>", STATES, {}, [Arrow(0, 1, ("GO",))]) for _ in range(2))
    assert once == again
    assert "<title>A &lt;protocol&gt;</title>" in once
    assert once.count("<circle") == 1
