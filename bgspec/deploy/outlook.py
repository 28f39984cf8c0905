"""What `apply` would do with every stack, and what it would meet: asked of AWS, and the questions taken back."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import NamedTuple

from bgspec.deploy import adopt, data, deployments, former, live, order, preflight, ripples, source
from bgspec.deploy.advice import advice
from bgspec.deploy.compare import compare, engine_changes, own
from bgspec.deploy.decide import UNDONE, Seen, Verdict, step, way_out
from bgspec.deploy.formation import FailedError, Formation
from bgspec.deploy.preview import Item, Preview
from bgspec.deploy.units import Environment, Unit, route
from bgspec.plan.service import Service


def look(
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
        asked = _Look(formation, environment, account, outputs, by_key, allowed | former.left_behind(environment, allowed), takes_back)
        items = (*asked.followed(pool, pool.map(asked.item, environment.units, seen), seen), *map(asked.former, found))
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
    """What every stack is looked at with."""

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
