"""The requirement catalogue: what each RFC demands, in our own words, and which checks witness it.

``requirements/rfcNNNN.toml`` has the rows of one RFC in the order of its sections. A ``[[requirement]]`` is one demand; an
``[[aside]]`` accounts for RFC 2119 words that demand nothing, so that ``angarium.spec.coverage`` can compare the sum with
the text of the RFC. Loading is strict: a row that is not well formed is an error that names the file and the row.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from importlib.resources import files
from typing import Any, Final

from attrs import fields, frozen

ABSTRACT: Final = "abstract"
"""What stands before the first section."""

_SECTION: Final = re.compile(r"abstract|(?:\d+|[A-Z])(?:\.\d+)*\Z")
_ID: Final = re.compile(r"rfc(\d+)-(abstract|(?:\d+|[A-Z])(?:\.\d+)*)-(\d+)\Z")


class CatalogueError(Exception):
    """A row that is not as it should be; the text names file and row."""


class Level(Enum):
    """How strong a demand is (RFC 2119 §1 to §5)."""

    MUST = "MUST"
    MUST_NOT = "MUST NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD NOT"
    MAY = "MAY"


class Binds(Enum):
    """Whom a demand binds."""

    SERVER = "server"
    CLIENT = "client"
    BOTH = "both"
    ADMINISTRATOR = "administrator"


class Witness(Enum):
    """Where a test can see that it is met: on the wire, only from inside (store, clock, source), or nowhere."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    NONE = "none"


@frozen
class Requirement:
    """One demand of an RFC."""

    id: str
    level: Level
    binds: Binds
    text: str
    witness: Witness
    checks: tuple[str, ...] = ()
    keywords: int = 1
    why: str = ""

    @property
    def section(self) -> str:
        """The section, which the id names."""
        return self.id.split("-")[1]

    @property
    def testable(self) -> bool:
        """Whether it binds the server and a test can witness it."""
        return self.binds in (Binds.SERVER, Binds.BOTH) and self.witness is not Witness.NONE

    @property
    def unwitnessed(self) -> bool:
        """Whether a test could witness it and none does."""
        return self.testable and not self.checks


@frozen
class Aside:
    """RFC 2119 words that demand nothing, and why."""

    section: str
    keywords: int
    why: str


@frozen
class Document:
    """The rows of one RFC. ``sections``, where it is not empty, says that only these are accounted for."""

    name: str
    rfc: int
    title: str
    requirements: tuple[Requirement, ...]
    asides: tuple[Aside, ...] = ()
    sections: tuple[str, ...] = ()


_CLOSED: Final[Mapping[str, type[Enum]]] = {"level": Level, "binds": Binds, "witness": Witness}
"""Fields with a closed set of words."""


def section_key(section: str) -> tuple[int, ...]:
    """Sort sections as the RFC has them: abstract, numbers, appendices."""
    if section == ABSTRACT:
        return (-1,)
    return tuple(int(part) if part.isdigit() else 1_000 + ord(part) for part in section.split("."))


def section_title(section: str) -> str:
    """Name a section as one cites it."""
    if section[0].isdigit():
        return f"§{section}"
    return f"Appendix {section}" if section[0].isupper() else "Abstract"


def load() -> tuple[Document, ...]:
    """Read the whole catalogue, ordered by the number of the RFC."""
    folder = files("angarium.spec") / "requirements"
    texts = [(each.name, each.read_text("utf-8")) for each in folder.iterdir() if each.name.endswith(".toml")]
    documents = [read_document(name.removesuffix(".toml"), text) for name, text in texts]
    return tuple(sorted(documents, key=lambda document: (document.rfc, document.name)))


def read_document(name: str, text: str) -> Document:
    """Read the rows of one RFC from TOML."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}.toml: {error}") from error
    rfc, title = data.pop("rfc", None), data.pop("title", None)
    if not isinstance(rfc, int) or not isinstance(title, str):
        raise CatalogueError(f"{name}.toml: the head needs rfc = number and title = text")
    rows, asides, sections = (data.pop(key, []) for key in ("requirement", "aside", "sections"))
    if data:
        raise CatalogueError(f"{name}.toml: nobody knows {', '.join(data)}")
    requirements = tuple(_requirement(f"{name}.toml: {row.get('id', row)}", row) for row in rows)
    _demand_order(name, rfc, requirements)
    read_asides = tuple(_aside(f"{name}.toml: aside of {row.get('section', row)}", row) for row in asides)
    return Document(name, rfc, title, requirements, read_asides, tuple(sections))


def _requirement(where: str, row: Mapping[str, Any]) -> Requirement:
    _demand_fields(where, row, Requirement, needed=("id", "level", "binds", "text", "witness"))
    read = dict(row) | {"checks": tuple(row.get("checks", ()))}
    read |= {name: _member(where, kind, row[name]) for name, kind in _CLOSED.items()}
    requirement = Requirement(**read)
    if not _ID.match(requirement.id):
        raise CatalogueError(f"{where}: an id is rfcNUMBER-SECTION-NUMBER")
    if not requirement.text.strip() or requirement.keywords < 0:
        raise CatalogueError(f"{where}: it needs a text, and keywords of 0 or more")
    if requirement.witness is Witness.NONE and not requirement.why:
        raise CatalogueError(f"{where}: nothing can witness it, so it needs why")
    return requirement


def _aside(where: str, row: Mapping[str, Any]) -> Aside:
    _demand_fields(where, row, Aside, needed=("section", "keywords", "why"))
    aside = Aside(**row)
    if not _SECTION.match(aside.section) or aside.keywords < 1 or not aside.why:
        raise CatalogueError(f"{where}: it needs a section, keywords of 1 or more, and why")
    return aside


def _demand_fields(where: str, row: Mapping[str, Any], cls: type[Any], needed: Sequence[str]) -> None:
    """Demand the fields of a value, each of the type that its annotation names."""
    types = {each.name: int if each.name == "keywords" else list if each.name == "checks" else str for each in fields(cls)}
    if missing := [name for name in needed if name not in row]:
        raise CatalogueError(f"{where}: it lacks {', '.join(missing)}")
    for name, value in row.items():
        if not isinstance(value, types.get(name, ())):
            raise CatalogueError(f"{where}: {name} = {value!r} is not what belongs there")


def _member(where: str, kind: type[Enum], value: str) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        raise CatalogueError(f"{where}: {value!r} is not one of {', '.join(each.value for each in kind)}") from error


def _demand_order(name: str, rfc: int, requirements: Sequence[Requirement]) -> None:
    """Demand ids of this RFC, in the order of its sections and then of their numbers, each once."""
    before: tuple[tuple[int, ...], int] = ((-2,), 0)
    for requirement in requirements:
        number, section, position = requirement.id.split("-")
        place = section_key(section), int(position)
        if number != f"rfc{rfc}":
            raise CatalogueError(f"{name}.toml: {requirement.id}: this is the file of RFC {rfc}")
        if place <= before:
            raise CatalogueError(f"{name}.toml: {requirement.id}: it is not in the order of sections and numbers")
        before = place
