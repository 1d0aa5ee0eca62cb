"""All faults, family by family."""

from stateful.faults import states, stored, updates

FAULTS = (*states.FAULTS, *updates.FAULTS, *stored.FAULTS)
