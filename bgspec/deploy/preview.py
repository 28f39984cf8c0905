"""What `plan` says: what becomes of every stack and service, and why nothing may be changed now. `outlook` finds it out."""

import json
import sys
from typing import Any, NamedTuple

from bgspec.deploy import deployments, live, ripples, source
from bgspec.deploy.decide import Seen, Verdict, step
from bgspec.deploy.show import moment
from bgspec.deploy.units import Environment, Unit
from bgspec.diagnostics import Finding
from bgspec.report import REPORTERS, is_colored


class Item(NamedTuple):
    """What would become of one stack."""

    unit: Unit
    status: str
    verdict: Verdict
    place: str
    """`file:line` of what made it."""
    moves: tuple[ripples.Move, ...] = ()
    """The outputs that it changes."""

    @property
    def stands(self) -> bool:
        """Whether it could be updated as it is."""
        return step(Seen(self.status)) == "update"


class Preview(NamedTuple):
    """What `apply` would do, and what it would meet."""

    environment: Environment
    account: str
    items: tuple[Item, ...]
    services: tuple[live.Live, ...]
    deployments: dict[str, str]
    """The revision that a deployment of apply's own would bring, by service."""
    findings: tuple[Finding, ...]
    """What the account lacks, or has in the way."""
    source: source.Source | None
    """What the pipeline deploys from, compared with what the spec renders."""
    run: live.Run | None
    """The last run of the pipeline, or the one under way."""

    @property
    def building(self) -> bool:
        """Whether a pipeline is under way while something would change that it was begun with.

        What is made only now it does not know, and a stack that CloudFormation is at is waited for.
        """
        touched = (
            item.verdict.kind in {"changed", "later", "deployment", "replaced", "deleted"}
            for item in self.items
            if not item.status.endswith("_IN_PROGRESS")
        )
        return self.run is not None and self.run.status in {"InProgress", "Stopping"} and any(touched)

    @property
    def changes(self) -> bool:
        return bool(self.deployments) or any(item.verdict.kind != "nothing" for item in self.items)

    @property
    def blocked(self) -> tuple[live.Live, ...]:
        """The services whose deployment is under way while something would change that it needs.

        One that CloudFormation carries is not among them: apply waits for the end of its stack's update.
        """
        touched = {"network", "load-balancer", "traffic", "cluster", "deployment", *(f"service-{one.service}" for one in self.services)}
        needed = any(item.unit.key in touched and item.verdict.kind != "nothing" for item in self.items)
        carried = {item.unit.key for item in self.items if item.status.endswith("_IN_PROGRESS")}
        moving = (one for one in self.services if one.deploying and f"service-{one.service}" not in carried)
        return tuple(one for one in moving if needed or (one.service in self.deployments and not self.brings(one)))

    def brings(self, service: live.Live) -> bool:
        """Whether the deployment that is under way is the one that apply would begin."""
        revision = self.deployments.get(service.service, "")
        return service.deployment is not None and service.deploying and service.deployment.description == deployments.title(revision)

    @property
    def lacking(self) -> tuple[Finding, ...]:
        """The findings without whose mending a stack would fail."""
        return tuple(found for found in self.findings if found.severity == "error")

    @property
    def former(self) -> tuple[Unit, ...]:
        """The stacks to be deleted, because the spec does not name them any more."""
        return tuple(item.unit for item in self.items if item.verdict.kind == "deleted")

    @property
    def refused(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.verdict.stops)


_WORDS = {
    "nothing": "nothing",
    "created": "created",
    "changed": "changed in place",
    "later": "known later",
    "busy": "busy",
    "deployment": "new deployment",
    "replaced": "replacement",
    "deleted": "DELETED",
    "refused": "REFUSED",
    "two steps": "TWO STEPS",
}


def human(found: Preview) -> str:
    """The preview in words, a line for each stack and for each service that runs."""
    plan = found.environment.plan
    lines = [f"{found.environment.name} in {plan.region.name}, account {found.account}"]
    for item in found.items:
        reasons = item.verdict.reasons
        lines.append(f"  {item.unit.key:<20} {_WORDS[item.verdict.kind]:<17} {reasons[0] if reasons else ''}".rstrip())
        lines += [f"{'':41}{reason}" for reason in reasons[1:]]
        if item.verdict.stops:
            lines.append(f"{'':39}--> {item.place}")
        if item.verdict.kind == "deployment":
            lines.append(f"{'':41}{_deployment(found.environment, item.unit)}")
    ours = {service.service for service in found.services if found.brings(service)}
    lines += [
        f"  {key:<20} {'new deployment':<17} of {revision.rpartition('/')[2]}"
        + (", under way already: apply tells how it goes on" if key in ours else "")
        for key, revision in found.deployments.items()
    ]
    lines += [f"  {service.service:<20} {words(service)}" for service in found.services if service.status]
    if found.source:
        lines += [f"  {'source':<20} {text}" for text in _branch(found.source)]
    lines += [f"  {'not now':<20} {text}" for text in obstacles(found)]
    return "\n".join(lines) + "\n"


def _branch(found: source.Source) -> tuple[str, ...]:
    where = f"{found.branch} of {found.repository}"
    if not found.there:
        return (f"{found.repository} has no branch {found.branch}: the pipeline begins with the first commit that is pushed there",)
    if not found.head:
        return (f"{where} could not be looked at: these credentials may not",)
    if not found.differs:
        return (f"{where} holds what the spec renders",)
    return (
        f"{where} is not what the spec renders: {', '.join(found.differs)}",
        "the pipeline deploys what is there: commit them (`render` writes them, `apply --commit` commits them)",
    )


def _deployment(environment: Environment, unit: Unit) -> str:
    pipeline = environment.plan.pipeline
    if unit.controller != "CODE_DEPLOY":
        return "the update of this stack is a deployment: its tasks are replaced"
    files = " and ".join(environment.plan.layout.in_source(path) for path in _deploy_files(environment, unit))
    if environment.plan.github:
        return f"running tasks stay as they are until the workflow deploys: commit {files} to {environment.plan.github.branch}"
    if environment.plan.tools:
        return f"running tasks stay as they are until the pipeline in {environment.plan.tools.account} deploys: give it {files}"
    if pipeline is None:
        return "CodeDeploy replaces the tasks: a deployment that apply begins once the stack stands"
    return f"running tasks stay as they are until the pipeline deploys: commit {files} to {pipeline.source.branch or pipeline.source.place}"


def _deploy_files(environment: Environment, unit: Unit) -> tuple[str, ...]:
    layout = environment.plan.layout
    key = unit.services[0].key
    return layout.taskdef(key), layout.appspec(key)


def words(service: live.Live) -> str:
    """A running service in one line."""
    traffic = service.carried("production")
    parts = [service.tasks, service.revision, f"production: {traffic}" if traffic else ""]
    if service.deploying and service.deployment:
        parts.append(f"deployment {service.deployment.id} is {service.deployment.status}")
    return ", ".join(filter(None, parts))


def told(found: Preview, output: str) -> str:
    """The findings of a preview in one of the formats of findings."""
    document = found.environment.compilation.document
    return REPORTERS[output](found.findings, {document.name: document}, color=output == "human" and is_colored(sys.stderr))


def hindrances(found: Preview) -> tuple[str, ...]:
    """Why nothing may be changed now, in lines; empty where nothing stands in the way."""
    if found.lacking:
        return ("Nothing was changed: what is wrong above has to be mended first.",)
    if found.refused:
        return ("Nothing was changed: what is refused above has to be decided first.",)
    return tuple(f"Nothing was changed: {obstacle}" for obstacle in obstacles(found))


def obstacles(found: Preview) -> tuple[str, ...]:
    """What is under way that apply does not touch, and how it ends, in lines; empty where nothing is."""
    spec = found.environment.compilation.document.name
    if found.building and found.run:
        since = f"the pipeline is under way since {moment(found.run.started)} ({found.run.id})"
        way = f"Wait for its end (`bgspec status {spec} --watch`), or stop it (`aws codepipeline stop-pipeline-execution`)."
        return (f"{since}, and deploys what was there then. {way}",)
    many = len(found.environment.plan.served) > 1
    return tuple(f"{one.service} is being deployed: {words(one)}. {one.way(spec, many=many)}" for one in found.blocked)


def machine(found: Preview) -> str:
    """The same as JSON."""
    plan = found.environment.plan
    stacks: list[dict[str, Any]] = [
        {
            "stack": item.unit.key,
            "name": item.unit.name,
            "status": item.status or None,
            "action": item.verdict.kind,
            "reasons": list(item.verdict.reasons),
            "place": item.place,
        }
        for item in found.items
    ]
    whole = {
        "system": plan.system,
        "environment": plan.environment,
        "region": plan.region.name,
        "account": found.account,
        "changes": found.changes,
        "stacks": stacks,
        "deployments": found.deployments,
        "services": [service_json(service) for service in found.services],
        "source": found.source and found.source._asdict(),
        "pipeline": found.run and found.run._asdict(),
        "not_now": obstacles(found),
        "findings": json.loads(REPORTERS["json"](found.findings, {}, color=False)),
    }
    return json.dumps(whole, indent=2) + "\n"


def service_json(service: live.Live) -> dict[str, Any]:
    """A running service as plain values."""
    return {**service._asdict(), "colour": service.colour, "deployment": service.deployment and service.deployment._asdict()}
