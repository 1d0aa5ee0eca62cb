"""All faults, family by family."""

from stateful.faults import layers, sorting, states, stored, updates

FAULTS = (*states.FAULTS, *layers.FAULTS, *sorting.FAULTS, *updates.FAULTS, *stored.FAULTS)
