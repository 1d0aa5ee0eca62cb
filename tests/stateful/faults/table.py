"""All faults, family by family."""

from stateful.faults import (
    access,
    appending,
    changing,
    contexts,
    finding,
    layers,
    names,
    opening,
    reading,
    sorting,
    states,
    stored,
    updates,
)
from stateful.faults.fault import Fault

FAMILIES: dict[str, tuple[Fault, ...]] = {
    "States": states.FAULTS,
    "Opening mailboxes": opening.FAULTS,
    "Names": names.FAULTS,
    "What a session is told": updates.FAULTS,
    "Reading": reading.FAULTS,
    "Finding": finding.FAULTS,
    "Sorting and threading": sorting.FAULTS,
    "Searches kept up to date": contexts.FAULTS,
    "Changing": changing.FAULTS,
    "Appending": appending.FAULTS,
    "The store": stored.FAULTS,
    "Layers": layers.FAULTS,
    "Access": access.FAULTS,
}
FAULTS = tuple(fault for family in FAMILIES.values() for fault in family)
