"""BG9xx: quotas, sizes and cost."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule

_FARGATE_VCPUS = 6


@rule("BG901", "info")
def vcpu_quota(env: Environment) -> Iterator[Found]:
    """Blue and green together exceed a new account's quota of vCPUs.

    What: All tasks twice have more than 6 vCPUs.
    Why: A fresh account may run 6 Fargate vCPUs in a Region. Beyond, green's tasks do not start ("You've reached the limit on the number
        of vCPUs"), and the deployment waits until it fails.
    Mend: Ask for a higher quota of "Fargate On-Demand vCPU resource count" before the first deployment.
    Source: https://docs.aws.amazon.com/general/latest/gr/ecs-service.html (default 6; the applied quota may be higher).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 1024
            count: 4
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 512
            count: 4
    """
    units = sum(service.cpu * service.tasks for service in env.plan.services)
    if 2 * units > _FARGATE_VCPUS * 1024:
        largest = max(env.plan.services, key=lambda service: service.cpu * service.tasks).key
        yield Found(
            env.written(("services", largest, "count"), ("services", largest, "cpu"), ("services", largest)),
            f"Blue and green together have {2 * units / 1024:g} vCPUs; a new account may run {_FARGATE_VCPUS}.",
            "Look up the quota of Fargate On-Demand vCPUs before the first deployment.",
        )
