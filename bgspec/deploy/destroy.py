"""`destroy`: the stacks deleted in the order in which nothing is pulled away from under another; what holds data only when told."""

from typing import NamedTuple

from bgspec.deploy import data, former, graph, large, left, live, order
from bgspec.deploy.advice import explained
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import Seen
from bgspec.deploy.formation import Cause, FailedError, Formation
from bgspec.deploy.show import Tell, Voice
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError

_TRIES = 3
"""Deletions of one thing: network interfaces of endpoints and load balancers outlive what they belong to for some minutes, and a task
that stops late writes its log group anew."""
_BREATH = 6
"""Pauses between two tries: half a minute on AWS, beside the time for which CloudFormation itself tries."""


class Standing(NamedTuple):
    """What there is to destroy."""

    stacks: dict[str, Seen]
    """By key, in the order of deployment."""
    kept: tuple[data.Kept, ...]
    """What holds data and exists."""
    absent: tuple[data.Kept, ...]
    """What would hold data and does not exist; log groups can be born while their writers end."""
    passage: tuple[data.Kept, ...]
    """The bucket through which large templates went, if there is one; no data, and deleted with the stacks."""
    left: tuple[data.Kept, ...] | None
    """What holds data and was left by what the spec named earlier; None where nobody may look."""
    obstacles: tuple[str, ...]
    """Why it may not be destroyed now, each with the way out."""

    def going(self, *, delete_data: bool) -> dict[str, Seen]:
        """The stacks to be deleted."""
        return {key: one for key, one in self.stacks.items() if delete_data or key != former.KEY}

    def staying(self, *, delete_data: bool) -> bool:
        """Whether anything is left afterwards."""
        return not delete_data and bool(self.kept or self.left or former.KEY in self.stacks)

    @property
    def data(self) -> tuple[data.Kept, ...]:
        """All that holds data and exists."""
        return (*self.kept, *(self.left or ()))


def standing(aws: Aws, formation: Formation, environment: Environment, account: str) -> Standing:
    """Look at what exists."""
    seen = {unit.key: formation.seen(unit.name) for unit in environment.units}
    stacks = {key: one for key, one in seen.items() if one.status}
    names = environment.names
    obstacles = [
        f"{names[key]} has termination protection: `aws cloudformation update-termination-protection --no-enable-termination-protection"
        f" --stack-name {names[key]}`"
        for key, one in stacks.items()
        if one.protected
    ]
    if "load-balancer" in stacks and any(
        str(one.key) == "deletion_protection.enabled" and one.value == "true" for one in environment.plan.load_balancer.attributes
    ):
        where = environment.place(("load_balancer", "deletion_protection"))
        obstacles.append(f"the load balancer is protected ({where}): take `deletion_protection` out of the spec and apply it first")
    outputs = {name: value for one in stacks.values() for name, value in one.outputs.items()}
    obstacles += [
        f"deployment {service.deployment.id} of {service.service} is {service.deployment.status}: wait for its end, or stop it"
        f" (`bgspec release {environment.compilation.document.name} stop`)"
        for service in (live.services(aws, environment, outputs) if stacks else ())
        if service.deploying and service.deployment and not stacks[f"service-{service.service}"].status.endswith("_IN_PROGRESS")
    ]
    all_data = {thing: data.exists(aws, thing) for thing in data.kept(environment, account)}
    there = tuple(thing for thing, exists in all_data.items() if exists)
    absent = tuple(thing for thing, exists in all_data.items() if not exists)
    behind = left.find(aws, environment, account, {str(thing) for thing in all_data})
    front = environment.plan.names.template_bucket(environment.plan.region.name)
    passage = data.Kept("AWS::S3::Bucket", large.address(front, aws, account), "templates")
    return Standing(stacks, there, absent, (passage,) if data.exists(aws, passage) else (), behind, tuple(obstacles))


def words(environment: Environment, found: Standing, *, delete_data: bool) -> str:
    """What would be destroyed, in order, and what would stay."""
    names = environment.names
    stacks = found.going(delete_data=delete_data)
    count = len(stacks)
    what = f"{count} stack{'s' * (count > 1)} would be deleted, the last one made first" if count else "none of its stacks stands"
    lines = [f"{environment.name}: {what}"]
    lines += [f"  {key:<20} {names[key]} ({one.status})" for key, one in reversed(stacks.items())]
    lines += [f"  {'':<20} {thing}, through which large templates went" for thing in found.passage]
    if found.data or former.KEY in found.stacks:
        kept = "Kept, because it holds data (--delete-data deletes it too; a later `apply --adopt` takes it back):"
        lines.append("Would be deleted with all that is in it (--delete-data):" if delete_data else kept)
        lines += [f"  {thing}" for thing in found.kept]
        lines += [f"  {thing}, left by what the spec named earlier" for thing in found.left or ()]
        lines += [
            f"  KMS::Key in {names[former.KEY]}" + (", within 30 days" if delete_data else "") for _ in found.stacks.keys() & {former.KEY}
        ]
    if found.left is None:
        lines.append(
            "Whether the spec named more earlier, and left data behind, was not looked at: these credentials may not (tag:GetResources)."
        )
    return "\n".join(lines)


def destroy(  # noqa: PLR0913  what there is, and what was decided about it
    aws: Aws, formation: Formation, environment: Environment, found: Standing, voice: Voice, *, delete_data: bool
) -> dict[str, str]:
    """Delete what stands, each stack once nothing needs it any more. Returns `done`, `failed` or `left` for every step."""
    needed_by: dict[str, list[str]] = {key: [] for key in found.going(delete_data=delete_data)}
    names = environment.names
    for key, others in order.needs(environment, order.roles(found.stacks)).items():
        for other in others:
            if key in needed_by and other in needed_by:
                needed_by[other].append(key)
    steps = {key: tuple(needed_by[key]) for key in reversed(needed_by)}
    things = {f"data {number}": thing for number, thing in enumerate((*found.data, *found.absent), 1)} if delete_data else {}
    things |= {f"templates {number}": thing for number, thing in enumerate(found.passage, 1)}
    # What is deleted before the stack that writes to it could be born again.
    everything = {**steps, **dict.fromkeys(things, tuple(steps))}

    def step(name: str) -> bool:
        tell = voice.teller(name)
        try:
            if name in things:
                _delete_data(aws, formation, things[name], tell)
            else:
                if name == former.KEY:
                    _retire(aws, found.stacks[former.KEY].outputs.get("KeyArn", ""), tell)
                delete(formation, names[name], tell)
        except FailedError as error:
            tell(f"FAILED {explained(str(error), environment, name)}", loud=True)
            return False
        except AwsError as error:
            tell(f"FAILED {error}", loud=True)
            return False
        return True

    voice.steps(dict.fromkeys(everything, 0.0))
    ended = graph.run(everything, step, stop=formation.stop, turn=voice.turn)
    voice.end()
    return ended


def delete(formation: Formation, name: str, tell: Tell) -> None:
    """Delete a stack, and wait for what outlives its use for a while; no error where it is gone. FailedError where something stays.

    A name in DNS that somebody has led elsewhere meanwhile is not taken away from there.
    """
    left: tuple[str, ...] = ()
    tries = 0
    while True:
        seen = formation.seen(name)
        if not seen.status:
            return
        if seen.status.endswith("_IN_PROGRESS") and seen.status not in {"DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS"}:
            tell(f"is in {seen.status}: waiting")
            seen = formation.settled(seen.id, name, tell)
        tell("deleting")
        try:
            formation.delete(seen, name, tell, left)
        except FailedError as error:
            if error.cause and error.cause.id not in left and _led_elsewhere(error.cause):
                left = (*left, error.cause.id)
                tell(f"{error.cause.id} leads elsewhere by now: it stays as it is", loud=True)
                continue
            tries += 1
            if tries == _TRIES:
                raise
            tell(f"not yet: {error}; trying again", loud=True)
            for _ in range(_BREATH):
                formation.wait()
        else:
            tell("deleted")
            return


def _led_elsewhere(cause: Cause) -> bool:
    """Whether a record was not deleted because it is not the one that was made (bc:route53.ChangeResourceRecordSets)."""
    return cause.type == "AWS::Route53::RecordSet" and "Tried to delete resource record set" in cause.reason


def _retire(aws: Aws, key: str, tell: Tell) -> None:
    """Let KMS delete the key after its waiting time: 30 days, in which that can be taken back (KMS Developer Guide, deleting-keys)."""
    if not key:
        return
    try:
        aws.call("kms", "schedule_key_deletion", KeyId=key)
    except RefusedError as error:
        if error.code not in {"KMSInvalidStateException", "NotFoundException"}:  # by an earlier try, or gone for good
            raise
    tell(f"{key} is deleted in 30 days; until then `aws kms cancel-key-deletion` keeps it")


def _delete_data(aws: Aws, formation: Formation, thing: data.Kept, tell: Tell) -> None:
    """Delete what holds data, again where it was born again meanwhile."""
    for _ in range(_TRIES):
        if not data.exists(aws, thing):
            return
        data.delete(aws, thing)
        tell(f"deleted {thing}")
        formation.wait()
    if data.exists(aws, thing):
        raise AwsError(f"{thing} is there again: something still writes to it")
