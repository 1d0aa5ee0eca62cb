"""Go down into two values to the smallest places where they differ."""

from collections.abc import Iterator

from attrs import evolve, frozen

from angarium.grammar.imap.responses import BodyExtensions, BodyStructure, MultiPart, Parameters, SinglePart
from peers.fetching import Difference


@frozen
class Leaf:
    """The smallest place where two answers differ: ``path`` leads there from the item."""

    item: tuple[object, ...]
    path: tuple[str, ...]
    ours: object
    theirs: object


def leaves(difference: Difference) -> Iterator[Leaf]:
    """Go down into both values as far as they have the same shape; media types and the like compare without case."""
    ours, theirs = difference.ours, difference.theirs
    if isinstance(ours, SinglePart | MultiPart) and isinstance(theirs, SinglePart | MultiPart):
        ours, theirs = without_case(ours), without_case(theirs)
    if ours == theirs:
        yield Leaf(difference.item, ("names",), difference.ours, difference.theirs)
    yield from _descend(difference.item, (), ours, theirs)


def _descend(item: tuple[object, ...], path: tuple[str, ...], ours: object, theirs: object) -> Iterator[Leaf]:
    if ours == theirs:
        return
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs) and path[-1:] != ("parameters",):
        for mine, its in zip(ours, theirs, strict=True):
            yield from _descend(item, path, mine, its)
    elif type(ours) is type(theirs) and hasattr(ours, "__attrs_attrs__"):
        for field in ours.__attrs_attrs__:
            yield from _descend(item, (*path, field.name), getattr(ours, field.name), getattr(theirs, field.name))
    elif path[-1:] == ("parameters",) and _same_names(ours, theirs):
        for (_, mine), (_, its) in zip(ours, theirs, strict=True):  # type: ignore[call-overload]
            yield from _descend(item, (*path, "value"), mine, its)
    else:
        yield Leaf(item, path, ours, theirs)


def _same_names(ours: object, theirs: object) -> bool:
    both = isinstance(ours, tuple) and isinstance(theirs, tuple)
    return both and [name for name, _ in ours] == [name for name, _ in theirs]  # type: ignore[attr-defined]


def without_case(structure: BodyStructure) -> BodyStructure:
    """Media types, encodings and parameter names in upper case (RFC 2045 §5.1)."""
    if isinstance(structure, MultiPart):
        children = tuple(without_case(part) for part in structure.parts)
        return MultiPart(children, structure.subtype.upper(), _extensions(structure.extensions))
    return evolve(
        structure,
        type=structure.type.upper(),
        subtype=structure.subtype.upper(),
        encoding=structure.encoding.upper(),
        parameters=_parameters(structure.parameters),
        body=structure.body and without_case(structure.body),
        extensions=_extensions(structure.extensions),
    )


def _parameters(parameters: Parameters) -> Parameters:
    return None if parameters is None else tuple((name.upper(), value) for name, value in parameters)


def _extensions(extensions: BodyExtensions | None) -> BodyExtensions | None:
    if extensions is None:
        return None
    disposition = extensions.disposition
    if disposition is not None:
        disposition = disposition[0].upper(), _parameters(disposition[1])
    return evolve(extensions, parameters=_parameters(extensions.parameters), disposition=disposition)
