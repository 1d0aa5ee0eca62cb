"""All faults, family by family."""

from stateful.faults import layers, states, stored, updates

FAULTS = (*states.FAULTS, *layers.FAULTS, *updates.FAULTS, *stored.FAULTS)
