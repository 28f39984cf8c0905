"""How hypothesis searches: the same examples in every run, so that a gate fails only for a change.

`--hypothesis-profile=explore` looks elsewhere every time.
"""

from hypothesis import HealthCheck, settings

COMMON = settings(database=None, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

settings.register_profile("bgspec", COMMON, derandomize=True)
settings.register_profile("explore", COMMON, derandomize=False)
settings.load_profile("bgspec")
