"""Settings for all tests: how long Hypothesis searches is chosen by ``ANGARIUM_PROFILE`` (dev, ci or long)."""

import os

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("dev", deadline=None, suppress_health_check=SLOW_IS_FINE, max_examples=30, stateful_step_count=25)
settings.register_profile("ci", deadline=None, suppress_health_check=SLOW_IS_FINE, max_examples=120, stateful_step_count=30)
settings.register_profile("long", deadline=None, suppress_health_check=SLOW_IS_FINE, max_examples=4000, stateful_step_count=60)
settings.load_profile(os.environ.get("ANGARIUM_PROFILE", "dev"))
