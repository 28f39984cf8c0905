"""The language as everything after it sees it: the sections of a spec that was read, by name.

For the type checker these are the models in this package. At run time they are plain classes of the same names (see `compiled`), so that
`validate` and `render` need not load pydantic. Plan, checks and stacks therefore import sections from here, never from the models.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bgspec.spec.cluster import *
    from bgspec.spec.container import *
    from bgspec.spec.deployment import *
    from bgspec.spec.discovery import *
    from bgspec.spec.encryption import *
    from bgspec.spec.github import *
    from bgspec.spec.load_balancer import *
    from bgspec.spec.logs import *
    from bgspec.spec.models import *
    from bgspec.spec.network import *
    from bgspec.spec.pipeline import *
    from bgspec.spec.routing import *
    from bgspec.spec.scaling import *
    from bgspec.spec.service import *
    from bgspec.spec.tools import *


def __getattr__(name: str) -> type:
    if name[:1].isupper():  # otherwise Python asks for a module of this package
        from bgspec.spec.compiled import language  # noqa: PLC0415  whoever imports only `values` needs no language

        if name in language().classes:
            return language().classes[name]
    raise AttributeError(f"no section {name!r} in the language")
