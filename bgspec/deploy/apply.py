"""`apply`: every stack brought to what the spec says, the first image and the first commit in between."""

import threading
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from bgspec.deploy import adopt, deployments, destroy, former, graph, image, native, order, seed, source, usual
from bgspec.deploy.advice import explained, of_resources
from bgspec.deploy.aws import Aws
from bgspec.deploy.compare import compare, engine_changes, own
from bgspec.deploy.decide import Seen, Verdict, step, way_out
from bgspec.deploy.formation import Cause, ChangeSet, FailedError, Formation, StoppedError
from bgspec.deploy.show import Voice
from bgspec.deploy.tasks import Stopped, Watch
from bgspec.deploy.units import Environment, Unit, route
from bgspec.errors import AwsError


class Options(NamedTuple):
    """What the user decided beyond the spec."""

    source: Path
    """The root of the sources: where `image.build` starts from."""
    allowed: frozenset[str] = frozenset()
    """What may be replaced or deleted, as `STACK/LogicalId`."""
    protect: bool = False
    """Whether stacks get termination protection."""
    commit: bool = False
    """Whether what a pipeline deploys from is committed, where it is not what the spec renders."""
    adopt: bool = False
    """Whether what an earlier `destroy` kept is taken back."""


class Apply:
    """One run over one environment."""

    def __init__(  # noqa: PLR0913, PLR0917  what is to be done, for whom, and who hears of it
        self, environment: Environment, aws: Aws, account: str, options: Options, voice: Voice, stop: threading.Event
    ) -> None:
        self.environment = environment
        self.aws = aws
        self.options = options
        self.voice = voice
        self.stop = stop
        """Set to begin nothing new and to wait for nothing any more."""
        self.formation = Formation(aws, stop, of_resources(environment), locked=True)
        self.source: source.Source | None = None
        """The branch whose files are to be committed, as it was looked at."""
        self.former: tuple[Unit, ...] = ()
        """The stacks to be deleted first, because the spec does not name them any more."""
        self.verdicts: dict[str, Verdict] = {}
        self._left: list[str] = []
        self._account = account
        self._outputs: dict[str, str] = {}
        self._units = {unit.key: unit for unit in environment.units}

    def run(self, new: Collection[str] = ()) -> dict[str, str]:
        """Bring everything to what the spec says. Returns `done`, `failed` or `left` for every step.

        Args:
            new: the keys of the stacks that do not stand yet.
        """
        steps = self._steps()
        self.voice.steps({step: usual.seconds(self._units[step].template) if step in new else 0.0 for step in steps})
        return graph.run(steps, self._step, stop=self.stop, turn=self.voice.turn)

    def lacks(self, new: Collection[str]) -> tuple[str, ...]:
        """Why nothing is changed, in lines: what the first images or the first commit are made from is not there. Empty where it is.

        Args:
            new: the keys of the stacks that do not stand yet.
        """
        plan, source = self.environment.plan, self.options.source
        try:
            if "repository" in new and not self.options.adopt and plan.pipeline and seed.wanted(plan):
                seed.gathered(self.environment, source, *plan.pipeline.source.repository)
            if "registry" in new and not self.options.adopt and not self.aws.sandbox:
                for service in plan.services:
                    for wanted in image.wanted(plan, service, self._account):
                        image.builder(wanted, source)
        except AwsError as error:
            return (f"Nothing was changed: {error}",)
        return ()

    def under_way(self) -> tuple[str, ...]:
        """The stacks that CloudFormation goes on with after somebody has stopped this run."""
        states = {key: self.formation.seen(self._units[key].name).status for key in self._left if key in self._units}
        return tuple(key for key, state in states.items() if state.endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS")

    @property
    def outputs(self) -> dict[str, str]:
        """What the stacks say of themselves."""
        return dict(self._outputs)

    def _steps(self) -> dict[str, tuple[str, ...]]:
        plan = self.environment.plan
        steps: dict[str, tuple[str, ...]] = {}
        needs = order.needs(self.environment, self._roles())
        for unit in self.environment.units:
            built = [f"image {one.name}" for service in unit.services for one in image.wanted(plan, service, self._account)]
            seeds = ("seed",) if unit.key == "pipeline" and seed.wanted(plan) else ()
            steps |= dict.fromkeys(built, ("registry",) if "registry" in self._units else ())  # or all repositories exist already
            # What still uses a stack that goes must let go of it first: then it goes last, and nothing it needs waits for that.
            users = [one.key for one in self.former if not one.users and (unit.key in one.needs or order.made(unit) & order.made(one))]
            steps[unit.key] = (*needs[unit.key], *built, *seeds, *users)
            if unit.key == "repository" and seed.wanted(plan):
                steps["seed"] = (unit.key,)
        steps |= {unit.key: (*(other.key for other in self.former if unit.key in other.needs), *unit.users) for unit in self.former}
        if not plan.delivered:
            steps |= {f"deploy {one.service.key}": ("deployment", f"service-{one.service.key}") for one in plan.deployment.groups}
            steps |= {f"deploy {one.service}": (f"service-{one.service}",) for ecs in plan.deployment.native for one in ecs.services}
        if self.source:  # the pipeline begins with it, so all that it needs comes first
            steps["commit"] = tuple(steps)
        return steps

    def _roles(self) -> dict[str, str]:
        """The roles with which CloudFormation changes the services' stacks, by key."""
        if not self.environment.plan.deployment.native:  # under CODE_DEPLOY nobody updates a service's stack but apply
            return {}
        return order.roles({unit.key: self.formation.seen(unit.name) for unit in self.environment.units if unit.services})

    def _step(self, name: str) -> bool:
        """One step; what goes wrong with it is told with its place in the spec."""
        try:
            if name == "seed":
                seed.sow(self.aws, self.environment, self.options.source, self.voice.teller(name))
            elif name == "commit" and self.source:
                source.commit(self.aws, self.environment, self.source, self.voice.teller(name))
            elif any(name == unit.key for unit in self.former):
                destroy.delete(self.formation, self.environment.plan.names.stack(name), self.voice.teller(name))
            elif name in self._units:
                self._stack(self._units[name])
            elif name.startswith("deploy "):
                self._deploy(name)
            else:
                self._image(name.removeprefix("image "))
        except FailedError as error:
            where = self.environment.place(route(self.environment.plan, name, error.cause.id if error.cause else ""))
            what = f"{error.cause.id} ({error.cause.type}): " if error.cause and error.cause.id else ""
            why = explained(error.cause.reason if error.cause else error.status, self.environment, name, where)
            self.voice.say(name, f"FAILED {what}{why}", loud=True)
            return False
        except AwsError as error:
            self.voice.say(name, f"FAILED {error}", loud=True)
            return False
        except StoppedError:
            self._left.append(name)
            raise
        return True

    def _deploy(self, name: str) -> None:
        """Bring the stack's revision to production where its update did not: always under CodeDeploy, else after a way back."""
        service = next(one for one in self.environment.plan.services if one.key == name.removeprefix("deploy "))
        tell = self.voice.teller(name)
        if self.environment.plan.deployment.engine == "codedeploy":
            deployments.deploy(self.formation, self.environment, service, tell)
        elif revision := deployments.due(self.aws, self.environment, service):
            native.bring(self.formation, self.environment, service, revision, tell)
        unit = self._units[f"service-{service.key}"]
        if self.verdicts[unit.key].again:
            self._stack(unit)

    def _image(self, name: str) -> None:
        """Push a first image where the service's stack is yet to be given it."""
        plan = self.environment.plan
        found = (one for service in plan.services for one in image.wanted(plan, service, self._account))
        wanted = next(one for one in found if one.name == name)
        seen = self.formation.seen(self._units[f"service-{wanted.service.key}"].name)
        fresh = seen.status in {"", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
        if fresh or wanted.parameter not in seen.parameters:
            image.provide(self.aws, wanted, self.options.source, self.voice.teller(f"image {name}"))

    def _stack(self, unit: Unit) -> None:
        """Look, decide, do, until the stack stands as the spec says."""
        tell, adopted = self.voice.teller(unit.key), False
        while True:
            seen = self.formation.seen(unit.name)
            match step(seen):
                case "wait":
                    tell(f"is in {seen.status}: waiting")
                    self.formation.settled(seen.id, unit.name, tell)
                    continue
                case "refuse":
                    raise FailedError(unit.name, seen.status, Cause("", "", way_out(unit.name, seen)))
                case "recreate":
                    cause = self.formation.cause(seen.id)
                    tell(f"is in {seen.status} ({cause.reason if cause else seen.reason}): deleting it, to make it anew", loud=True)
                    self.formation.delete(seen, unit.name, tell)
                    continue
                case "create" | "update" as what:
                    if not adopted and self._adopt(unit, seen):
                        adopted = True
                        continue
                    if what == "create":
                        seen = self._create(unit, seen)
                        self._guard(unit)
                    else:
                        self._guard(unit)  # a policy of an earlier version may forbid what is right now
                        self.formation.tidy(unit.name)
                        seen = self._update(unit, seen)
            break
        if adopted:
            self.verdicts[unit.key] = Verdict("created")
        self._outputs |= seen.outputs
        if self.options.protect and not seen.protected:
            self.aws.call("cloudformation", "update_termination_protection", StackName=unit.name, EnableTerminationProtection=True)

    def _guard(self, unit: Unit) -> None:
        if unit.policy:
            self.formation.set_policy(unit.name, unit.policy)

    def _adopt(self, unit: Unit, seen: Seen) -> bool:
        """Import what is there already, if that is wanted and anything is."""
        things = adopt.kept(self.formation, self.environment, unit, seen, self._account) if self.options.adopt else ()
        if not things:
            return False
        self.voice.say(unit.key, f"taking back {', '.join(map(str, things))}")
        part = adopt.part(self.formation, unit, seen, things)
        parameters = self._parameters(part, seen) | seen.parameters
        imports = adopt.imports(self.aws, things)
        self._execute(unit, self.formation.change_set(part, seen, parameters, self.environment.plan.tags, imports))
        return True

    def _create(self, unit: Unit, seen: Seen) -> Seen:
        tell = self.voice.teller(unit.key)
        tell("creating")
        change_set = self.formation.change_set(unit, seen, self._parameters(unit, seen), self.environment.plan.tags)
        made = self._execute(unit, change_set)
        self.verdicts[unit.key] = Verdict("created")
        tell("created")
        return made

    def _update(self, unit: Unit, seen: Seen, *, again: bool = False) -> Seen:
        tell = self.voice.teller(unit.key)
        change_set, verdict = self._compared(unit, seen)
        self.verdicts[unit.key] = verdict
        if verdict.kind == "nothing":
            tell("as it should be")
            return seen
        if verdict.stops:
            self.formation.forget(change_set)
            raise FailedError(unit.name, verdict.kind, Cause(verdict.culprit, verdict.kind, "; ".join(verdict.reasons)))
        for reason in verdict.reasons:
            tell(reason)
        if former.in_the_way(unit, change_set.found, self._left_behind()):
            self.formation.forget(change_set)
            change_set = self._clear(unit, seen)
        self._update_services(unit, verdict)
        changed = self._execute(unit, change_set) if change_set.id else seen
        tell("changed")
        if verdict.again and not again and unit.controller == "ECS":  # this update was the deployment
            return self._update(unit, changed, again=True)
        return changed

    def _update_services(self, unit: Unit, verdict: Verdict) -> None:
        """Change what ECS lets be updated. The stack comes after: only then does it tell another count, wherever apply is killed."""
        asked = {update.argument: update.value for update in verdict.updates}
        for service in unit.services if asked else ():
            self.aws.call("ecs", "update_service", cluster=self.environment.plan.cluster, service=service.name, **asked)

    def _clear(self, unit: Unit, seen: Seen) -> ChangeSet:
        """Let go what former services left behind, before what may take its place is made."""
        part = former.without(self.formation, unit, self._left_behind())
        parameters = {name: value for name, value in seen.parameters.items() if name in part.parameters}
        self._execute(unit, self.formation.change_set(part, seen, parameters, self.environment.plan.tags))
        return self._compared(unit, self.formation.seen(unit.name))[0]

    def _left_behind(self) -> frozenset[str]:
        return former.left_behind(self.environment, self.options.allowed)

    def _compared(self, unit: Unit, seen: Seen) -> tuple[ChangeSet, Verdict]:
        moves = engine_changes(self.aws, self.environment, unit)
        if moves:
            return ChangeSet("", seen.id, ()), moves
        allowed = self.options.allowed | self._left_behind()
        return compare(self.formation, self.environment, unit, seen, self._parameters(unit, seen), self._account, allowed)

    def _execute(self, unit: Unit, change_set: ChangeSet) -> Seen:
        watches = self._watches(unit)

        def look() -> None:
            for watch in watches:
                watch.look()

        try:
            return self.formation.execute(change_set, unit.name, self.voice.teller(unit.key), look)
        except FailedError:
            for watch in watches:
                watch.look(last=True)
            raise

    def _watches(self, unit: Unit) -> tuple[Watch, ...]:
        """What is looked at while CloudFormation waits for a service: tasks that stop, and a deployment of ECS's own."""
        if not unit.services:
            return ()
        (service,), tell = unit.services, self.voice.teller(unit.key)
        stopped = Stopped(self.aws, self.environment, service, tell)
        if unit.controller == "ECS" and service.targets:
            return stopped, native.Progress(self.aws, self.environment, service, tell)
        return (stopped,)

    def _parameters(self, unit: Unit, seen: Seen) -> dict[str, str]:
        """What the stack is given. KeyError is a bug: the order of the steps sees to it that every producer stands."""
        given = {name: self._outputs[name] for name in unit.parameters}
        return given | own(self.environment, unit, seen, self._account)
