"""All faults, family by family."""

from stateful.faults import appending, changing, layers, opening, reading, sorting, states, stored, updates

FAULTS = (
    *states.FAULTS,
    *opening.FAULTS,
    *updates.FAULTS,
    *reading.FAULTS,
    *changing.FAULTS,
    *stored.FAULTS,
    *layers.FAULTS,
    *sorting.FAULTS,
    *appending.FAULTS,
)
