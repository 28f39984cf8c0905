"""BG64x: services that call each other."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.engines import that_have
from bgspec.spec import RoutedLogs, ServiceConnect
from bgspec.spec import Service as ServiceSpec

_PROVIDER = ("discovery", "provider")
_MESH = "discovery.provider: service-connect"


@rule("BG640")
def call_to_nobody(env: Environment) -> Iterator[Found]:
    """A service calls what cannot be called.

    What: `connect` names something that is no service of this environment, the service itself, or one without a port.
    Why: There is no name to find and no port to let anybody in to.
    Mend: Name another service that has a `port`.
    Source: The language itself.

    Fails:
        services:
          web: {image: {build: web}, port: 8080, connect: [mailer]}
          mailer: {image: {build: mailer}}
    Passes:
        services:
          web: {image: {build: web}, port: 8080, connect: [mailer]}
          mailer: {image: {build: mailer}, port: 2525, load_balancer: false}
    """
    callable_ones = [key for key, service in env.spec.services.items() if service.port and not service.schedule]
    for key, service in env.spec.services.items():
        for number, callee in enumerate(service.connect):
            if callee == key or callee not in callable_ones:
                others = [f"`{other}`" for other in callable_ones if other != key]
                what = "is this service itself" if callee == key else "has no port" if callee in env.spec.services else "is no service here"
                yield Found(
                    ("services", key, "connect", number),
                    f"`{callee}` {what}, so it cannot be called.",
                    f"Name {' or '.join(others[:5])}." if others else "Give another service a `port:`, or remove it.",
                )


@rule("BG641")
def mesh_without_engine(env: Environment) -> Iterator[Found]:
    """CodeDeploy's services cannot take part in Service Connect.

    What: `provider: service-connect`, and with `engine: codedeploy` a service behind the load balancer calls or is called.
    Why: ECS refuses Service Connect for services that CodeDeploy deploys. Services that ECS replaces itself may have it.
    Mend: Use `engine: ecs`, or `provider: dns`.
    Source: ECS Developer Guide, service-connect-concepts-deploy and service-connect-blue-green;
        https://github.com/aws/containers-roadmap/issues/1993.

    Fails:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, cpu: 512, load_balancer: false}
    Passes:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, cpu: 512, load_balancer: false}
        deployment: {engine: ecs}
    """
    able = that_have(_MESH) if env.plan.discovery.meshes else ()
    if not able or env.spec.deployment.engine in able:
        return
    for service in env.served:
        if service.neighbours.settings:
            yield Found(
                _PROVIDER,
                f"`{service.key}` is deployed by CodeDeploy, and so cannot take part in Service Connect.",
                f"Use `engine: {able[0]}`, or `provider: dns`.",
                related=(("the engine", ("deployment", "engine")),) if env.wrote("deployment", "engine") else (),
            )
            return


@rule("BG642")
def task_in_mesh(env: Environment) -> Iterator[Found]:
    """A scheduled task cannot use Service Connect.

    What: A service with a `schedule` has `connect`, and `discovery.provider` is `service-connect`.
    Why: The proxy comes with ECS services only; a task that runs by itself has none, and finds nobody.
    Mend: Use `provider: dns`, or call the other service by another way.
    Source: ECS Developer Guide, service-connect-concepts-deploy: standalone tasks cannot be configured for Service Connect.

    Fails:
        discovery: {provider: service-connect}
        services:
          api: {image: {build: api}, port: 8080, cpu: 512, load_balancer: false}
          report: {image: {build: report}, schedule: rate(1 hour), connect: [api]}
    Passes:
        services:
          api: {image: {build: api}, port: 8080, load_balancer: false}
          report: {image: {build: report}, schedule: rate(1 hour), connect: [api]}
    """
    for key, service in env.spec.services.items() if isinstance(env.spec.discovery, ServiceConnect) else ():
        if service.schedule and service.connect:
            yield Found(
                ("services", key, "connect"),
                f"`{key}` runs at its times only, and such a task has no proxy of Service Connect.",
                "Use `discovery: {provider: dns}`.",
                "key",
                (("the provider", _PROVIDER),),
            )


@rule("BG643")
def calls_in_a_circle(env: Environment) -> Iterator[Found]:
    """Services that call each other cannot all find each other.

    What: Along `connect` a way leads from a service back to itself, and `discovery.provider` is `service-connect`.
    Why: A task finds only what stood in the namespace before it started. Whichever of them is made first, its tasks do not know the
        others, until a later deployment happens to replace them.
    Mend: Take one of the calls away, or use `provider: dns`, which asks anew at every call.
    Source: ECS Developer Guide, service-connect-concepts-deploy, "Deployment order".

    Fails:
        discovery: {provider: service-connect}
        services:
          cart: {image: {build: cart}, port: 8080, cpu: 512, load_balancer: false, connect: [price]}
          price: {image: {build: price}, port: 9000, cpu: 512, load_balancer: false, connect: [cart]}
    Passes:
        services:
          cart: {image: {build: cart}, port: 8080, load_balancer: false, connect: [price]}
          price: {image: {build: price}, port: 9000, load_balancer: false, connect: [cart]}
    """
    discovery = env.plan.discovery
    if not discovery.meshes:
        return
    place = {key: number for number, key in enumerate(discovery.order)}
    for call in discovery.calls:
        if place[call.callee] > place[call.caller]:
            number = env.spec.services[call.caller].connect.index(call.callee)
            yield Found(
                ("services", call.caller, "connect", number),
                f"`{call.callee}` calls `{call.caller}` too, itself or through others: one must start before it can find the other.",
                "Take one of the calls away, or use `discovery: {provider: dns}`.",
                related=((f"whom `{call.callee}` calls", ("services", call.callee, "connect")),),
            )


@rule("BG644", "warning")
def calls_beside_the_shift(env: Environment) -> Iterator[Found]:
    """Calls between services do not wait for the deployment.

    What: A service that is deployed blue/green is called by its name in DNS.
    Why: The name leads to old and new tasks alike: neighbours reach green before anybody has approved it, and blue after the traffic has
        moved. Only what comes through the load balancer, or through Service Connect, follows the deployment.
    Mend: Use `engine: ecs` with `provider: service-connect`; or give the callee `load_balancer: false`, if nobody else calls it; or call
        it through the load balancer. If both versions may be called at any time, nothing need be done.
    Source: ECS Developer Guide, service-discovery (traffic goes to the tasks and not to the load balancer);
        https://github.com/aws/containers-roadmap/issues/648.

    Fails:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, routes: [{path: /api/*}]}
    Passes:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false}
    """
    discovery = env.plan.discovery
    if not discovery.zones:
        return
    served = {service.key for service in env.served}
    for call in discovery.calls:
        if call.callee in served:
            number = env.spec.services[call.caller].connect.index(call.callee)
            yield Found(
                ("services", call.caller, "connect", number),
                f"In a deployment, `{call.caller}` calls old and new tasks of `{call.callee}` alike.",
                "Use `provider: service-connect`."
                if env.spec.deployment.engine in that_have(_MESH)
                else "Use `engine: ecs` and `provider: service-connect`, or let it be so.",
            )


@rule("BG645", "warning")
def proxy_without_room(env: Environment) -> Iterator[Found]:
    """The proxy of Service Connect takes most of the task.

    What: A task with Service Connect has the smallest CPU there is, 256 units.
    Why: AWS recommends 256 units and 64 MiB for the proxy alone, 512 for more than 500 requests in a second; the application shares what
        there is with it.
    Mend: Use `cpu: 512` or more.
    Source: ECS Developer Guide, service-connect-concepts-deploy, "Service Connect proxy".

    Fails:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false}
        deployment: {engine: ecs}
    Passes:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, cpu: 512, load_balancer: false}
        deployment: {engine: ecs}
    """
    for service in env.plan.services if env.plan.discovery.meshes else ():
        if service.neighbours.settings and service.cpu <= _PROXY_CPU:
            yield Found(
                env.written(("services", service.key, "cpu"), ("services", service.key)),
                f"The proxy alone should have {_PROXY_CPU} CPU units, which is all that the task has.",
                f"Use `cpu: {2 * _PROXY_CPU}`.",
                "value" if env.wrote("services", service.key, "cpu") else "key",
            )


_PROXY_CPU = 256


@rule("BG646")
def proxy_without_memory(env: Environment) -> Iterator[Found]:
    """The containers leave no memory for the proxy of Service Connect.

    What: The memory limits of a task's containers add up to all of the task's memory, and the task has Service Connect.
    Why: The proxy is a container of its own, which takes what the others leave. ECS wants the task's memory to be more than their sum.
    Mend: Give the task more memory, or a container less.
    Source: ECS Developer Guide, service-connect-concepts-deploy, "Considerations" and "Service Connect proxy".

    Fails:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, cpu: 512, memory: 1024, container: {memory: 1024}, load_balancer: false}
        deployment: {engine: ecs}
    Passes:
        discovery: {provider: service-connect}
        services:
          web: {image: {build: web}, port: 8080, cpu: 512, connect: [api]}
          api: {image: {build: api}, port: 9000, cpu: 512, memory: 1024, container: {memory: 896}, load_balancer: false}
        deployment: {engine: ecs}
    """
    for planned in env.plan.services if env.plan.discovery.meshes else ():
        if planned.neighbours.settings and _limits(env.spec.services[planned.key]) == planned.memory:
            yield Found(
                ("services", planned.key),
                f"The containers take all of the {planned.memory} MiB; the proxy of Service Connect needs 64 of them.",
                f"Give the task more (`services.{planned.key}.memory`), or a container less.",
                "key",
            )


def _limits(service: ServiceSpec) -> int:
    """MiB that the containers may use, or at least reserve; more than the task has is another rule's."""
    shares = (service.container, *service.sidecars.values())
    router = service.logs.firelens.memory_reservation if isinstance(service.logs, RoutedLogs) else 0
    return router + sum(share.memory or share.memory_reservation or 0 for share in shares)


@rule("BG647")
def more_than_dns_holds(env: Environment) -> Iterator[Found]:
    """More tasks than a name in DNS can have.

    What: A service that is called by its name in DNS may grow beyond 1,000 tasks.
    Why: Route 53 holds so many records for one name; ECS starts no further task.
    Mend: Use fewer, or `provider: service-connect`.
    Source: ECS Developer Guide, service-discovery, "Considerations".

    Fails:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false, count: 1001}
    Passes:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false, count: 1000}
    """
    for registry in env.plan.discovery.registries:
        service = env.spec.services[registry.name]
        for value, route in ((service.count, ("count",)), (service.scaling.max if service.scaling else 0, ("scaling", "max"))):
            if value > _MOST_IN_DNS:
                yield Found(
                    ("services", registry.name, *route),
                    f"A name in DNS leads to {_MOST_IN_DNS} tasks at most.",
                    f"Use at most {_MOST_IN_DNS}, or `discovery: {{provider: service-connect}}`.",
                )


_MOST_IN_DNS = 1000


@rule("BG648", "warning")
def called_by_nobody(env: Environment) -> Iterator[Found]:
    """Nobody can call the port.

    What: A service has a `port` and `load_balancer: false`, but no other service's `connect` names it.
    Why: Its security group lets nobody in.
    Mend: Name it in the `connect` of those that call it; or take `load_balancer: false` away; or `port`, if it is a worker.
    Source: The language itself.

    Fails:
        services:
          web: {image: {build: web}, port: 8080}
          api: {image: {build: api}, port: 9000, load_balancer: false}
    Passes:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false}
    """
    called = {call.callee for call in env.plan.discovery.calls}
    for key, service in env.spec.services.items():
        if service.port and not service.load_balancer and not service.schedule and key not in called:
            yield Found(
                ("services", key, "load_balancer"),
                f"Nobody can call `{key}`: neither the load balancer nor another service.",
                f"Add `connect: [{key}]` to the services that call it.",
                "key",
            )


@rule("BG649", "warning")
def said_to_nobody(env: Environment) -> Iterator[Found]:
    """Nothing comes of a word about calls.

    What: There is a `discovery:` and no service has `connect`; or a service has a `protocol`, but neither the load balancer nor Service
        Connect leads to it.
    Why: Names are made where they are needed, and only the load balancer and Service Connect's proxies want to know what a port speaks.
    Mend: Add `connect:` to the services that call, or take the word away.
    Source: The language itself.

    Fails:
        services:
          web: {image: {build: web}, port: 8080}
        discovery: {ttl: 30s}
    Passes:
        services:
          web: {image: {build: web}, port: 8080, connect: [api]}
          api: {image: {build: api}, port: 9000, load_balancer: false}
        discovery: {ttl: 30s}
    """
    discovery = env.plan.discovery
    if env.wrote("discovery") and not discovery.calls:
        yield Found(
            ("discovery",),
            "No service calls another, so nobody has to be found.",
            "Add `connect:` to the services that call, or take this away.",
            "key",
        )
    led = {service.key for service in env.served} | {call.callee for call in discovery.calls if discovery.meshes}
    for key in env.spec.services:
        if key not in led and env.wrote("services", key, "protocol"):
            yield Found(
                ("services", key, "protocol"),
                f"The load balancer and Service Connect want to know it, and neither leads to `{key}`.",
                "Take it away, or use `discovery: {provider: service-connect}` and name the service in a `connect`.",
                "key",
            )
