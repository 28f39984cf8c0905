"""One thing to look at: where the spec speaks of it, and how AWS is asked."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bgspec import account as words
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.diagnostics import Diagnostic, Route


class Look(NamedTuple):
    """Something to look at before anything is changed, and the place in the spec that it is about."""

    route: Route
    what: str
    """As a finding names it when it cannot be looked at: `the certificate`."""
    ask: Callable[[Aws], Iterable[Diagnostic]]


def there(call: Callable[[], object], *gone: str) -> bool:
    """Whether something exists: `call` describes it, and AWS answers with one of the codes `gone` where there is none."""
    try:
        return call() not in (None, False)
    except RefusedError as error:
        if error.code in gone:
            return False
        raise


def missing(route: Route, kind: str, command: str) -> Diagnostic:
    """What the spec names is not there; `command` lists what is."""
    return words.missing(route, kind, f"Check the name, the account and the Region: `{command}`.")
