"""State diagrams as SVG, laid out here: a column of states, arrows down its middle and in lanes beside it.

The same rows give the same octets, so that a diagram can be checked against its table. What leads to the next state goes down
the middle; what leads further down is a lane on the right, what leads back up a lane on the left, short ones next to the
column. Labels stand in the gaps between states, where no arrow crosses.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from attrs import frozen

CHARACTER, LINE = 7.3, 16
"""How much room a character and a line of a label take."""
BOX_WIDTH, TEXT_COLUMNS, TOP = 400, 51, 44
LANE_MARGIN, GAP_MARGIN, CORNER, EDGE = 20, 28, 8, 16

STYLE: Final = """\
  text { font: 12px ui-monospace, monospace; fill: #24292f }
  .state { font: bold 14px system-ui, sans-serif }
  .stay { fill: #57606a }
  rect { fill: #f6f8fa; stroke: #57606a }
  path { fill: none; stroke: #0969da; stroke-width: 1.5 }
  .head, circle { fill: #0969da; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .stay { fill: #9da7b1 }
    rect { fill: #161b22; stroke: #8b949e }
    path { stroke: #58a6ff }
    .head, circle { fill: #58a6ff }
  }"""


@frozen
class Arrow:
    """What leads from one state to another, by their places in the column."""

    source: int
    target: int
    labels: tuple[str, ...]


@frozen
class Box:
    """A state: its name, and in small print what leaves it as it is."""

    name: str
    stay: tuple[str, ...]
    top: float

    @property
    def bottom(self) -> float:
        """Where the box ends."""
        return self.top + 30 + LINE * len(self.stay) + (6 if self.stay else 0)


def diagram(title: str, names: Sequence[str], stay: Mapping[str, Sequence[str]], arrows: Iterable[Arrow]) -> str:
    """The SVG of a column of states; the first is where it begins."""
    drawn = [arrow for arrow in arrows if arrow.source != arrow.target]
    gaps = [gap_height(drawn, place) for place in range(len(names))]
    boxes: list[Box] = []
    top: float = TOP
    for name, gap in zip(names, gaps, strict=True):
        boxes.append(Box(name, wrapped(stay.get(name, ())), top))
        top = boxes[-1].bottom + gap
    back = [arrow for arrow in drawn if arrow.target < arrow.source]
    ahead = [arrow for arrow in drawn if arrow.target > arrow.source + 1]
    left = EDGE + sum(widths(lanes(back)))
    width = left + BOX_WIDTH + sum(widths(lanes(ahead))) + EDGE
    parts = [start(left), *(part for box in boxes for part in box_parts(box, left))]
    parts += [part for arrow in drawn if arrow.target == arrow.source + 1 for part in straight(arrow, boxes, left)]
    parts += beside(lanes(back), boxes, left, -1) + beside(lanes(ahead), boxes, left + BOX_WIDTH, 1)
    return framed(title, width, boxes[-1].bottom + EDGE, parts)


def framed(title: str, width: float, height: float, parts: Iterable[str]) -> str:
    """The whole document."""
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>\n{STYLE}\n</style>", *parts, "</svg>"])


def wrapped(words: Sequence[str]) -> tuple[str, ...]:
    """Words in lines that fit into a box."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= TEXT_COLUMNS:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return tuple(lines)


def gap_height(arrows: Iterable[Arrow], place: int) -> float:
    """Room below a state for the labels that stand there."""
    return GAP_MARGIN + LINE * max((len(arrow.labels) for arrow in arrows if gap_of(arrow) == place), default=1)


def gap_of(arrow: Arrow) -> int:
    """The gap that an arrow's labels stand in: next to the state it leaves; gap n is below state n."""
    return arrow.source if arrow.target > arrow.source else arrow.source - 1


def lanes(arrows: Iterable[Arrow]) -> list[list[Arrow]]:
    """Arrows that run side by side in different lanes, the short ones innermost."""
    result: list[list[Arrow]] = []
    for arrow in sorted(arrows, key=lambda each: (abs(each.source - each.target), each.source)):
        free = next((lane for lane in result if not any(overlap(arrow, other) for other in lane)), None)
        if free is None:
            result.append([arrow])
        else:
            free.append(arrow)
    return result


def overlap(one: Arrow, other: Arrow) -> bool:
    """Whether two arrows pass by the same state or share an end."""
    low, high = sorted((one.source, one.target))
    first, last = sorted((other.source, other.target))
    return low <= last and first <= high


def widths(side: list[list[Arrow]]) -> list[float]:
    """How wide each lane is: its line, and the labels outside of it."""
    return [2 * LANE_MARGIN + CHARACTER * max(len(label) for arrow in lane for label in arrow.labels) for lane in side]


def start(left: float) -> str:
    """The dot where a connection begins."""
    middle = left + BOX_WIDTH / 2
    return f'<circle cx="{number(middle)}" cy="16" r="6"/>\n{line([(middle, 22), (middle, TOP)])}'


def box_parts(box: Box, left: float) -> list[str]:
    """A state."""
    size = f'width="{BOX_WIDTH}" height="{number(box.bottom - box.top)}" rx="6"'
    parts = [f'<rect x="{number(left)}" y="{number(box.top)}" {size}/>', text(left + 12, box.top + 20, box.name, "state")]
    return parts + [text(left + 12, box.top + 40 + LINE * row, words, "stay") for row, words in enumerate(box.stay)]


def straight(arrow: Arrow, boxes: Sequence[Box], left: float) -> list[str]:
    """An arrow to the next state, with its labels to the right."""
    middle, above, below = left + BOX_WIDTH / 2, boxes[arrow.source].bottom, boxes[arrow.target].top
    return [line([(middle, above), (middle, below)]), *labels(arrow, boxes, middle + 10, "start")]


def beside(side: list[list[Arrow]], boxes: Sequence[Box], column: float, outwards: int) -> list[str]:
    """The lanes beside the column, whose edge is at ``column``, outwards one by one."""
    heights, x = ports(side, boxes, upwards=outwards < 0), column
    parts: list[str] = []
    for lane, width in zip(side, widths(side), strict=True):
        lane_x = x + outwards * LANE_MARGIN
        for arrow in lane:
            leave, arrive = heights[arrow, True], heights[arrow, False]
            parts.append(line([(column, leave), (lane_x, leave), (lane_x, arrive), (column, arrive)]))
            parts += labels(arrow, boxes, lane_x + outwards * 8, "end" if outwards < 0 else "start")
        x += outwards * width
    return parts


def ports(side: list[list[Arrow]], boxes: Sequence[Box], *, upwards: bool) -> dict[tuple[Arrow, bool], float]:
    """Where arrows leave (True) and reach (False) the boxes, so that none crosses another of the same box."""
    ends: dict[int, list[tuple[Arrow, bool]]] = {}
    arrows = [arrow for lane in side for arrow in lane]
    for leaving, chosen in ((True, arrows), (False, arrows[::-1])):
        for arrow in chosen:
            ends.setdefault(arrow.source if leaving else arrow.target, []).append((arrow, leaving))
    heights: dict[tuple[Arrow, bool], float] = {}
    for place, found in ends.items():
        box, ordered = boxes[place], found if upwards else found[::-1]
        for position, end in enumerate(ordered, start=1):
            heights[end] = box.top + (box.bottom - box.top) * position / (len(ordered) + 1)
    return heights


def labels(arrow: Arrow, boxes: Sequence[Box], x: float, anchor: str) -> list[str]:
    """The labels of an arrow, one below the other in the middle of their gap."""
    gap = gap_of(arrow)
    middle = (boxes[gap].bottom + boxes[gap + 1].top) / 2
    first = middle - LINE * (len(arrow.labels) - 1) / 2 + 4
    return [text(x, first + LINE * row, words, anchor=anchor) for row, words in enumerate(arrow.labels)]


def text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    """A line of text."""
    chosen = f' class="{style}"' if style else ""
    ends = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{number(x)}" y="{number(y)}"{chosen}{ends}>{escape(words)}</text>'


def line(points: Sequence[tuple[float, float]]) -> str:
    """A line with round corners and a head at its end."""
    steps = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (a, b), (c, d) = towards(corner, before), towards(corner, after)
        steps.append(f"L{number(a)} {number(b)} Q{number(corner[0])} {number(corner[1])} {number(c)} {number(d)}")
    steps.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return f'<path d="{" ".join(steps)}"/>\n{head(points[-2], points[-1])}'


def towards(corner: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """A point a little way from a corner; lines are level or upright."""
    (x, y), (to_x, to_y) = corner, end
    return x + CORNER * direction(to_x - x), y + CORNER * direction(to_y - y)


def direction(distance: float) -> int:
    """Which way: -1, 0 or 1."""
    return (distance > 0) - (distance < 0)


def head(before: tuple[float, float], end: tuple[float, float]) -> str:
    """The head of an arrow."""
    (x, y), across, along = end, direction(end[0] - before[0]), direction(end[1] - before[1])
    corners = [(x, y), (x - 8 * across + 4 * along, y - 8 * along + 4 * across)]
    corners.append((x - 8 * across - 4 * along, y - 8 * along - 4 * across))
    return f'<path class="head" d="M{" L".join(f"{number(a)} {number(b)}" for a, b in corners)} Z"/>'


def number(value: float) -> str:
    """A coordinate, as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")
