"""How a new version replaces the old one, whichever engine does it."""

from typing import Literal, NamedTuple

from bgspec.naming import Names
from bgspec.plan import alarms, codedeploy, hooks, native
from bgspec.plan.codedeploy import CodeDeploy, DeploymentGroup
from bgspec.plan.load_balancer import LoadBalancer
from bgspec.plan.native import Native
from bgspec.plan.network import Network
from bgspec.plan.service import Service
from bgspec.spec import Canary, EcsDeployment, Linear, Spec


class Deployment(NamedTuple):
    """How a new version replaces the old one, whatever the engine."""

    engine: Literal["codedeploy", "ecs"]
    gradual: bool
    """Whether the traffic moves in steps."""
    shift_minutes: int
    """How long the traffic moves, from the first step to the last."""
    approval: tuple[int, ...]
    """How many minutes a deployment waits for a person's word before traffic moves; empty where it waits for nobody."""
    stays: int
    """Minutes that the old version stays after the traffic has moved."""
    alarms: alarms.Alarms
    hooks: hooks.Asked
    codedeploy: tuple[CodeDeploy, ...]
    """What CodeDeploy has to know, where it is the engine."""
    native: tuple[Native, ...]
    """What the services say of their deployments, where ECS is the engine."""

    @property
    def groups(self) -> tuple[DeploymentGroup, ...]:
        """CodeDeploy's deployment groups; none where ECS is the engine."""
        return tuple(group for codedeploy in self.codedeploy for group in codedeploy.groups)


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], balancer: LoadBalancer, network: Network) -> Deployment:
    """`services` are those behind the load balancer: the others are replaced without any traffic to move."""
    wanted = spec.deployment
    watched = alarms.resolve(spec, names, services)
    asked = hooks.resolve(spec, names, balancer, network, served=bool(services))
    guards = (watched, asked)
    return Deployment(
        engine=wanted.engine,
        gradual=not isinstance(wanted.shift, str),
        shift_minutes=_minutes(wanted.shift),
        approval=(wanted.approval.timeout // 60,) if wanted.approval else (),
        stays=(wanted.bake if isinstance(wanted, EcsDeployment) else wanted.terminate_after) // 60,
        alarms=watched,
        hooks=asked,
        codedeploy=() if isinstance(wanted, EcsDeployment) else (codedeploy.resolve(wanted, names, services, balancer, guards),),
        native=(native.resolve(wanted, names, services, balancer, guards),) if isinstance(wanted, EcsDeployment) else (),
    )


def _minutes(shift: str | Canary | Linear) -> int:
    """From the first step to the last: 30 % every 2 m is three waits, for 30, 60 and 90 %."""
    if isinstance(shift, Canary):
        return shift.after // 60
    if isinstance(shift, Linear):
        return (-(-100 // shift.linear) - 1) * (shift.every // 60)
    return 0
