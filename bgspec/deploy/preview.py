"""`plan`: what `apply` would do, found out without changing anything."""

import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from bgspec.deploy import adopt, data, deployments, former, live, order, preflight, ripples, source
from bgspec.deploy.advice import advice
from bgspec.deploy.compare import compare, engine_changes, own
from bgspec.deploy.decide import UNDONE, Seen, Verdict, step, way_out
from bgspec.deploy.formation import FailedError, Formation
from bgspec.deploy.show import moment
from bgspec.deploy.units import Environment, Unit, route
from bgspec.diagnostics import Finding
from bgspec.plan.service import Service
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


def preview(
    formation: Formation, environment: Environment, account: str, allowed: frozenset[str] = frozenset(), *, takes_back: bool = False
) -> Preview:
    """Look at every stack, ask CloudFormation what would change in those that stand, and take the questions back.

    Args:
        formation: CloudFormation.
        environment: what is to be deployed.
        account: the caller's, twelve digits.
        allowed: what may be replaced or deleted, as `STACK/LogicalId`.
        takes_back: whether what an earlier `destroy` kept may be imported.
    """
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda unit: formation.seen(unit.name), environment.units))
        outputs = {name: value for one in seen for name, value in one.outputs.items()}
        by_key = {unit.key: one for unit, one in zip(environment.units, seen, strict=True)}
        found = former.find(formation, environment)
        findings = preflight.begin(pool, formation.aws, environment, account, by_key, takes_back=takes_back, former=found)
        services = pool.submit(live.services, formation.aws, environment, outputs)
        branch = pool.submit(source.look, formation.aws, environment)
        run = pool.submit(live.last_run, formation.aws, environment)
        look = _Look(formation, environment, account, outputs, by_key, allowed | former.left_behind(environment, allowed), takes_back)
        items = (*look.followed(pool, pool.map(look.item, environment.units, seen), seen), *map(look.former, found))
        due = {service.key: deployments.due(formation.aws, environment, service) for service in _standing(environment, seen)}
        newer = {item.unit.key for item in items if item.verdict.kind == "deployment"}  # their stacks bring a revision that is newer yet
        moving = {key: revision for key, revision in due.items() if revision and f"service-{key}" not in newer}
        told = findings(services.result(), _counted(items))
        return Preview(environment, account, _told_once(items), services.result(), moving, told, branch.result(), run.result())


def _told_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Where a service is to have another engine, what is refused because of that alone points there: its own way out leads nowhere."""
    engine = next((item.unit.key for item in items if item.verdict.about == ("deployment", "engine")), "")
    return tuple(
        item._replace(verdict=item.verdict._replace(reasons=(f"comes with the other engine: see {engine}",)))
        if engine and item.verdict.kind == "refused" and item.unit.key in {"traffic", "deployment"}
        else item
        for item in items
    )


def _counted(items: Iterable[Item]) -> frozenset[str]:
    """The services whose stacks change how many tasks are wanted."""
    return frozenset(
        service.key
        for item in items
        if any("DesiredCount" in change.properties for change in item.verdict.changes)
        or any(update.argument == "desiredCount" for update in item.verdict.updates)
        for service in item.unit.services
    )


def _standing(environment: Environment, seen: list[Seen]) -> tuple[Service, ...]:
    """The services whose stack stands."""
    stands = {unit.key for unit, one in zip(environment.units, seen, strict=True) if step(one) == "update"}
    return tuple(service for service in environment.plan.services if f"service-{service.key}" in stands)


class _Look(NamedTuple):
    formation: Formation
    environment: Environment
    account: str
    outputs: dict[str, str]
    stands: dict[str, Seen]
    allowed: frozenset[str]
    takes_back: bool

    def followed(self, pool: Executor, items: Iterable[Item], seen: Iterable[Seen]) -> Iterator[Item]:
        """The same, those looked at again that take what others say only once they are changed. None waits for a later one."""
        found: dict[str, Future[Item]] = {}
        for item, one in zip(items, seen, strict=True):
            found[item.unit.key] = pool.submit(self._follow, item, one, [found[key] for key in item.unit.needs])
        return (one.result() for one in found.values())

    def _follow(self, item: Item, seen: Seen, needs: list[Future[Item]]) -> Item:
        moves = [move for need in needs for move in need.result().moves]
        taken = tuple(move for move in moves if move.output in item.unit.parameters)
        found = self.item(item.unit, seen, taken) if taken and item.stands else item
        stands = Seen() if found.verdict.kind == "created" else seen
        return found._replace(moves=tuple(ripples.moves(found.unit, stands, found.verdict.changes)))

    def item(self, unit: Unit, seen: Seen, moved: tuple[ripples.Move, ...] = ()) -> Item:
        """What becomes of a stack; `moved` are the parameters whose values others change first."""
        verdict = self._verdict(unit, seen, moved)
        return Item(
            unit, seen.status, verdict, self.environment.place(verdict.about or route(self.environment.plan, unit.key, verdict.culprit))
        )

    def former(self, unit: Unit) -> Item:
        """One that the spec does not name any more."""
        place = self.environment.place(route(self.environment.plan, unit.key))
        keeps = data.kept(self.environment._replace(units=(unit,)), self.account)
        held = order.held(unit, order.roles(self.stands), self.environment.units)
        return Item(unit, self.formation.seen(unit.name).status, former.verdict(unit, self.allowed, keeps, held), place)

    def _verdict(self, unit: Unit, seen: Seen, moved: tuple[ripples.Move, ...]) -> Verdict:
        match step(seen):
            case "create":
                count = unit.template.count("\n    Type: AWS::")
                return Verdict("created", (f"{count} resource{'s' if count > 1 else ''}", *self._taken_back(unit, seen)))
            case "recreate":
                return Verdict("created", (f"it is in {seen.status}: it is deleted first", *self._why(unit, seen)))
            case "wait":
                return Verdict("busy", (f"it is in {seen.status}: apply waits for its end, and looks again",))
            case "refuse":
                return Verdict("refused", (way_out(unit.name, seen), *self._why(unit, seen)))
            case "update":
                verdict = self._update(unit, seen, moved)
                if seen.status in UNDONE:
                    reasons = (*verdict.reasons, f"it is in {seen.status}: what failed was not taken back", *self._why(unit, seen))
                    return verdict._replace(reasons=reasons)
                return verdict

    def _why(self, unit: Unit, seen: Seen) -> tuple[str, ...]:
        """Why a stack is in the state in which it is, and what to do about that."""
        cause = self.formation.cause(seen.id, back=seen.status == "UPDATE_ROLLBACK_FAILED")
        if cause is None:
            return ()
        mend = advice(cause.reason, self.environment, unit.key)
        return f"because of {cause.id} ({cause.type}): {cause.reason}", *([mend] if mend else [])

    def _taken_back(self, unit: Unit, seen: Seen) -> tuple[str, ...]:
        things = adopt.kept(self.formation, self.environment, unit, seen, self.account) if self.takes_back else ()
        return tuple(f"takes back {thing}" for thing in things)

    def _update(self, unit: Unit, seen: Seen, moved: tuple[ripples.Move, ...]) -> Verdict:
        if moves := engine_changes(self.formation.aws, self.environment, unit):
            return moves
        if taken_back := self._taken_back(unit, seen):
            return Verdict("changed", (*taken_back, "what else changes is known once it is back"))
        others = ripples.stand_ins(unit, [move.output for move in moved], self.outputs | seen.parameters)
        known = self.outputs | (others or {})
        if others is None or any(name not in known for name in unit.parameters):
            return self._later(moved)
        parameters = {name: known[name] for name in unit.parameters} | own(self.environment, unit, seen, self.account)
        try:
            change_set, verdict = compare(self.formation, self.environment, unit, seen, parameters, self.account, self.allowed)
        except FailedError as error:
            mend = advice(str(error), self.environment, unit.key)
            refused = Verdict("refused", (str(error), *([mend] if mend else [])))
            return self._later(moved) if moved else refused  # CloudFormation may take no stand-in
        self.formation.forget(change_set)
        return self._later(moved) if moved and verdict.kind == "nothing" else self._because(moved, verdict)

    def _later(self, moved: tuple[ripples.Move, ...]) -> Verdict:
        return self._because(moved, Verdict("later", ("what changes is known once it is given what it takes from others",)))

    def _because(self, moved: tuple[ripples.Move, ...], verdict: Verdict) -> Verdict:
        """The same, saying which stacks change what this one is given, and where the spec speaks of them."""
        stacks = dict.fromkeys(move.stack for move in moved)
        given = {stack: ", ".join(move.output for move in moved if move.stack == stack) for stack in stacks}
        places = {stack: self.environment.place(route(self.environment.plan, stack)) for stack in stacks}
        why = tuple(f"because {stack} ({places[stack]}) changes {given[stack]}" for stack in stacks)
        return verdict._replace(reasons=(*verdict.reasons, *why))


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
    traffic = ", ".join(f"{colour} {weight} %" for colour, weight in service.production.items())
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
