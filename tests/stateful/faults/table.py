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

FAULTS = (
    *states.FAULTS,
    *opening.FAULTS,
    *names.FAULTS,
    *updates.FAULTS,
    *reading.FAULTS,
    *finding.FAULTS,
    *sorting.FAULTS,
    *contexts.FAULTS,
    *changing.FAULTS,
    *appending.FAULTS,
    *stored.FAULTS,
    *layers.FAULTS,
    *access.FAULTS,
)
