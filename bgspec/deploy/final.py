"""The article's own checks at the end of `apply`, done by bgspec."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from bgspec.deploy import live
from bgspec.deploy.aws import Aws
from bgspec.deploy.show import Voice
from bgspec.deploy.tasks import Stopped
from bgspec.deploy.units import Environment

PATIENCE = 300.0
"""Seconds that a service may take to become steady once its stack stands: CloudFormation has waited for it already."""
SANDBOX_PATIENCE = 15.0
"""The same in the sandbox, whose time passes faster."""
_EVER = datetime.min.replace(tzinfo=UTC)
_ANSWER = 10.0
"""Seconds that a port may take to answer."""


class Check(NamedTuple):
    """Something that was looked at when everything stood, in words."""

    ok: bool
    text: str


def checks(  # noqa: PLR0913  what is checked, and what is told meanwhile
    aws: Aws, environment: Environment, outputs: dict[str, str], voice: Voice, *, new: bool, stop: threading.Event
) -> Iterator[Check]:
    """Whether the environment does what it is for.

    Args:
        aws: where to ask.
        environment: what was deployed.
        outputs: the outputs of its stacks.
        voice: told which service is waited for, and why its tasks stop.
        new: whether this was its first deployment: then both listeners carry blue. Later either colour is right.
        stop: ends the waiting.
    """
    for service in _steady(aws, environment, outputs, voice, stop):
        deploying = f" (deployment {service.deployment.id} is under way)" if service.deploying and service.deployment else ""
        ok = service.status == "ACTIVE" and service.running == service.wanted
        yield Check(ok or bool(deploying), f"{service.service}: {service.tasks}{deploying}")
        yield Check(bool(service.image), f"{service.service}: runs {service.image or 'no image'}")
        if service.production:
            for listener, weights in (("production", service.production), ("test", service.test)):
                told = service.carried("production" if listener == "production" else "test") or "nothing"
                yield Check("blue" in weights if new else bool(weights), f"{service.service}: {listener} listener carries {told}")
    yield from _ports(aws, environment, outputs)


def _steady(aws: Aws, environment: Environment, outputs: dict[str, str], voice: Voice, stop: threading.Event) -> tuple[live.Live, ...]:
    end = time.monotonic() + (SANDBOX_PATIENCE if aws.sandbox else PATIENCE)
    watches: dict[str, Stopped] = {}
    while True:
        found = live.services(aws, environment, outputs)
        lacking = {one.service: one for one in found if one.running != one.wanted and not one.deploying}
        if not lacking or time.monotonic() > end:
            return found
        for service in environment.plan.services:
            if one := lacking.get(service.key):
                if service.key not in watches:
                    tell = voice.teller(service.key)
                    tell(f"{one.tasks}: waiting", loud=True)
                    watches[service.key] = Stopped(aws, environment, service, tell, _EVER)
                watches[service.key].look()
        if stop.wait(0.2 if aws.sandbox else 5.0):
            return found


def addresses(environment: Environment, outputs: dict[str, str]) -> dict[str, str]:
    """What to open, by the kind of the listener."""
    name = outputs.get("LoadBalancerDnsName")
    if not name:
        return {}
    return {one.kind: f"{one.scheme}://{name}:{one.port}" for one in environment.plan.load_balancer.listeners}


def _ports(aws: Aws, environment: Environment, outputs: dict[str, str]) -> Iterator[Check]:
    balancer = environment.plan.load_balancer
    for kind, address in addresses(environment, outputs).items():
        if aws.sandbox:
            yield Check(ok=True, text=f"{kind}: {address} (simulated: nothing listens there)")
        elif balancer.scheme != "internet-facing":
            yield Check(ok=True, text=f"{kind}: {address} (internal: not to be reached from here)")
        else:
            yield _answers(kind, address)


def _answers(kind: str, address: str) -> Check:
    """Any answer of HTTP will do: which one is right, the load balancer's health check has decided."""
    try:
        with urllib.request.urlopen(address, timeout=_ANSWER) as answer:  # noqa: S310  http or https: made here
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, ValueError) as error:
        # A listener that admits only some networks does not answer others, and a certificate is for the user's own name.
        return Check(ok=True, text=f"{kind}: {address} does not answer from here ({error})")
    return Check(status < 500, f"{kind}: {address} answers {status}")
