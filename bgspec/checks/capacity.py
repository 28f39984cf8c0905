"""BG34x: what tasks run on."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.spec import CapacityShare


@rule("BG340")
def capacity_impossible(env: Environment) -> Iterator[Found]:
    """A capacity strategy that ECS refuses.

    What: A `capacity` names a provider twice, has a `base` for both, or gives all of them the weight 0.
    Why: ECS refuses the service: a provider stands in a strategy once, one of them may have a base, and one must have a weight above 0.
    Mend: One entry for each provider, a base for one of them at most, and a weight for one of them at least.
    Source: bc:ecs.CapacityProviderStrategyItem; CodeDeploy User Guide, reference-appspec-file-structure-resources.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            capacity:
              - {provider: fargate, weight: 0}
              - {provider: fargate-spot, weight: 0}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            capacity:
              - {provider: fargate, base: 1, weight: 0}
              - {provider: fargate-spot, weight: 1}
    """
    for route, shares in _capacities(env):
        if len({share.provider for share in shares}) < len(shares):
            yield Found(route, f"{shares[0].provider} stands here twice.", "Write each provider once.")
        if sum(share.base > 0 for share in shares) > 1:
            yield Found(route, "Only one provider can have a base.", "Remove one `base`.")
        if not any(share.weight for share in shares):
            yield Found(route, "Without a weight above 0 no further task could run.", "Give one of them a `weight`.")


@rule("BG341", "warning")
def everything_on_spot(env: Environment) -> Iterator[Found]:
    """A service that is called runs on spare capacity alone.

    What: All tasks of a service behind the load balancer run on Fargate Spot.
    Why: When AWS needs the capacity, it takes all of it at once, with two minutes' warning, and ECS may find none to replace it.
    Mend: Let a `base` of tasks run on `fargate`.
    Source: ECS Developer Guide, fargate-capacity-providers.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            capacity:
              - provider: fargate-spot
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            capacity:
              - {provider: fargate, base: 2}
              - {provider: fargate-spot, weight: 3}
    """
    for service in env.served:
        if service.capacity and all(share.provider == "FARGATE_SPOT" for share in service.capacity):
            yield Found(
                env.written(("services", service.key, "capacity"), ("cluster", "capacity")),
                f"All tasks of `{service.key}` run on spare capacity: AWS can take them all at once.",
                "Let some run on `fargate`: `{provider: fargate, base: 1}`.",
                "key",
            )


@rule("BG342", "warning")
def shells_not_kept(env: Environment) -> Iterator[Found]:
    """Nobody can open a shell, so none is written down.

    What: `cluster.exec_logs` is true, but no service has `exec`.
    Why: The log group stays empty for ever.
    Mend: Add `exec: true` to the service whose containers are entered, or remove `exec_logs`.
    Source: ECS Developer Guide, ecs-exec.

    Fails:
        cluster:
          exec_logs: true
    Passes:
        cluster:
          exec_logs: true
        services:
          web:
            image: {build: .}
            port: 8080
            exec: true
    """
    if any(cluster.exec_log_group for cluster in env.plan.clusters) and not any(service.exec for service in env.plan.services):
        yield Found(
            ("cluster", "exec_logs"),
            "No service has `exec`, so there are no shells to write down.",
            "Add `exec: true` to a service, or remove `exec_logs`.",
            "key",
        )


def _capacities(env: Environment) -> Iterator[tuple[Route, list[CapacityShare]]]:
    """Everything that says what tasks run on, with its place."""
    if not isinstance(env.spec.cluster, str) and env.spec.cluster.capacity:
        yield ("cluster", "capacity"), env.spec.cluster.capacity
    for key, service in env.spec.services.items():
        if service.capacity:
            yield ("services", key, "capacity"), service.capacity
