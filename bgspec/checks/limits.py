"""BG9xx: quotas, sizes and cost."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.plan import Plan
from bgspec.plan.iam import MOST, ExistingRole, Role

_FARGATE_VCPUS = 6
_RULES_OF_A_SECURITY_GROUP = 60
_TARGET_GROUPS_OF_A_LOAD_BALANCER = 100
_RULES_OF_A_LOAD_BALANCER = 100
_BYTES_OF_A_TASK_DEFINITION = 65_536
_SHORTEST_NAMES = 32


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


@rule("BG902", "warning")
def many_rules(env: Environment) -> Iterator[Found]:
    """A security group has more rules than it can have by default.

    What: The listeners together admit more than 60 networks (the test listener admits those of production unless it has its own), or the
        load balancer calls its services on more ports in more subnets, or the tasks of a service may call more networks than that.
    Why: A security group has 60 rules of each direction by default. The next one fails with RulesPerSecurityGroupLimitExceeded.
    Mend: Join neighbouring networks into larger ones, let services share a port, or ask for a higher quota first.
    Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (rules per security group, adjustable);
        https://github.com/cortexlabs/cortex/issues/2087 (the reply of the API).

    Fails:
        load_balancer:
          allow: [
              198.51.100.1/32, 198.51.100.3/32, 198.51.100.5/32, 198.51.100.7/32, 198.51.100.9/32, 198.51.100.11/32, 198.51.100.13/32,
              198.51.100.15/32, 198.51.100.17/32, 198.51.100.19/32, 198.51.100.21/32, 198.51.100.23/32, 198.51.100.25/32, 198.51.100.27/32,
              198.51.100.29/32, 198.51.100.31/32, 198.51.100.33/32, 198.51.100.35/32, 198.51.100.37/32, 198.51.100.39/32, 198.51.100.41/32,
              198.51.100.43/32, 198.51.100.45/32, 198.51.100.47/32, 198.51.100.49/32, 198.51.100.51/32, 198.51.100.53/32, 198.51.100.55/32,
              198.51.100.57/32, 198.51.100.59/32, 198.51.100.61/32,
          ]
    Passes:
        load_balancer:
          allow: [198.51.100.0/26]
    """
    balancer, network = env.plan.load_balancer, env.plan.network
    called = {port for service in env.served for port in service.target.ports} if balancer.own else set()
    join = "Join neighbouring networks, or ask for a higher quota first."
    counted: list[tuple[int, str, Route, str]] = [
        (
            sum(len(listener.allow) for listener in balancer.ports) if balancer.own else 0,
            "the load balancer's security group",
            env.written(("load_balancer", "allow"), ("load_balancer", "test", "allow")),
            join,
        ),
        (
            len(called) * len(network.task_cidrs),
            "the load balancer's security group",
            ("services",),
            "Let services listen on the same port, or ask for a higher quota first.",
        ),
        *(
            (len(egress), f"the security group of `{key}`", ("services", key, "egress"), join)
            for key, egress in zip(env.spec.services, network.task_egress, strict=True)
        ),
    ]
    for rules, whose, route, mend in counted:
        if rules > _RULES_OF_A_SECURITY_GROUP:
            yield Found(route, f"This makes {rules} rules in {whose}; {_RULES_OF_A_SECURITY_GROUP} are possible by default.", mend, "key")


@rule("BG903", "info")
def shortened_names(env: Environment) -> Iterator[Found]:
    """Names are shortened to fit AWS's limits.

    What: The names of system, environment and service together are too long for those of target groups.
    Why: A load balancer's and a target group's name have 32 characters. bgspec keeps the beginning and puts a hash of the rest behind it,
        so names stay unique, but are harder to read.
    Mend: Use shorter names, before the first deployment; later they stay as they are.
    Source: bc:elbv2.CreateTargetGroupInput.Name; https://github.com/byu-oit/handel/issues/33.

    Fails:
        system: bookshop
        environment: staging
        services:
          recommendations:
            image: {build: .}
            port: 8080
    Passes:
        system: shop
        environment: dev
        services:
          recommend:
            image: {build: .}
            port: 8080
    """
    for service in env.served:
        if len(env.plan.names.of("tg", service.key)) > _SHORTEST_NAMES:
            yield Found(
                ("services", service.key),
                f"Target groups have names of 32 characters: `{service.target.blue.name}` and `{service.target.green.name}`.",
                "Use shorter names, if you would rather read them.",
                "key",
            )


@rule("BG904")
def role_too_long(env: Environment) -> Iterator[Found]:
    r"""A role's policy is too long.

    What: The permissions or the secrets of a service give its role more than 10,240 characters of policy; or a role that deploys many
        services has more, because what they have stands already, under names that nothing gathers.
    Why: IAM takes no more inline policy in a role, and the limit cannot be raised: "Maximum policy size of 10240 bytes exceeded".
    Mend: Join ARNs with `*`, or keep several secrets in one as JSON keys; divide many services among several specs.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; https://github.com/aws/aws-cdk/issues/12403.

    Fails (Python):
        "services:\n  web:\n    image: {build: .}\n    port: 80\n    permissions:\n      - actions: [s3:GetObject]\n        resources:\n"
        + "          - arn:aws:s3:::a-bucket-with-a-rather-long-name-for-the-pictures-of-a-shop/pictures/large/*\n" * 120
    Passes:
        services:
          web:
            image: {build: .}
            port: 80
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws:s3:::a-bucket-with-a-rather-long-name-for-the-pictures-of-a-shop/pictures/*"]
    """
    for service in env.plan.services:
        for role, section in ((service.task_role, "permissions"), (service.execution_role, "secrets")):
            size = role.characters if isinstance(role, Role) else 0  # nothing is known of a role that exists
            if size > MOST:
                yield Found(
                    ("services", service.key, section),
                    f"This makes a policy of {size:,} characters; IAM takes {MOST:,} in a role.",
                    "Join ARNs with `*`." if section == "permissions" else "Keep several secrets in one, as JSON keys.",
                    "key",
                )
    for role in _deployers(env.plan):
        if isinstance(role, Role) and role.characters > MOST:
            yield Found(
                ("services",),
                f"The role {role.name} has a policy of {role.characters:,} characters for all of them; IAM takes {MOST:,}.",
                "Let services share roles, or divide them among several specs.",
                "key",
            )


def _deployers(plan: Plan) -> Iterator[Role | ExistingRole]:
    """The roles that deploy all services."""
    yield from (one.role for one in plan.deployment.codedeploy)
    for part in (plan.pipeline, plan.github, plan.tools):
        if part:
            yield part.role
            yield from part.stack_roles


@rule("BG905")
def task_definition_too_large(env: Environment) -> Iterator[Found]:
    r"""A task definition is too large.

    What: The variables and secrets of a service have more than 64 KiB.
    Why: ECS takes task definitions of 64 KiB, and the limit cannot be raised.
    Mend: Keep large values in a file, in S3 or in Parameter Store, and let the application read them.
    Source: https://docs.aws.amazon.com/general/latest/gr/ecs-service.html (task definition size).

    Fails (Python):
        "services:\n  web:\n    image: {build: .}\n    port: 80\n    environment:\n      CONFIG: " + "x" * 66000 + "\n"
    Passes:
        services:
          web:
            image: {build: .}
            port: 80
            environment:
              CONFIG: s3://shop-config/web.json
    """
    for service in env.plan.services:
        size = sum(len(name) + len(value.encode()) + 24 for name, value in service.environment)
        size += sum(len(secret.name) + len(str(secret.source)) + 28 for secret in service.secrets)
        if size > _BYTES_OF_A_TASK_DEFINITION:
            yield Found(
                ("services", service.key, "environment"),
                f"The variables have {size:,} bytes; a whole task definition takes {_BYTES_OF_A_TASK_DEFINITION:,}.",
                "Keep large values elsewhere, and let the application read them.",
                "key",
            )


@rule("BG906")
def many_target_groups(env: Environment) -> Iterator[Found]:
    """More services are behind the load balancer than it has target groups for.

    What: More than 50 services are behind the load balancer; each has two target groups, blue's and green's.
    Why: A load balancer has 100 target groups at most, and the quota cannot be raised. A deployment that brings in the next one fails with
        TooManyTargetGroups.
    Mend: Make two environments of it, each with a load balancer of its own.
    Source: ALB User Guide, load-balancer-limits (target groups per Application Load Balancer, not adjustable).

    Fails:
        services: {
          s: &s {image: {build: .}, port: 80, cpu: 256, count: 1},
          a: {<<: *s, routes: [{path: /a}]}, b: {<<: *s, routes: [{path: /b}]}, c: {<<: *s, routes: [{path: /c}]},
          d: {<<: *s, routes: [{path: /d}]}, e: {<<: *s, routes: [{path: /e}]}, f: {<<: *s, routes: [{path: /f}]},
          g: {<<: *s, routes: [{path: /g}]}, h: {<<: *s, routes: [{path: /h}]}, i: {<<: *s, routes: [{path: /i}]},
          j: {<<: *s, routes: [{path: /j}]}, k: {<<: *s, routes: [{path: /k}]}, l: {<<: *s, routes: [{path: /l}]},
          m: {<<: *s, routes: [{path: /m}]}, n: {<<: *s, routes: [{path: /n}]}, o: {<<: *s, routes: [{path: /o}]},
          p: {<<: *s, routes: [{path: /p}]}, q: {<<: *s, routes: [{path: /q}]}, r: {<<: *s, routes: [{path: /r}]},
          t: {<<: *s, routes: [{path: /t}]}, u: {<<: *s, routes: [{path: /u}]}, v: {<<: *s, routes: [{path: /v}]},
          w: {<<: *s, routes: [{path: /w}]}, x: {<<: *s, routes: [{path: /x}]}, y: {<<: *s, routes: [{path: /y}]},
          z: {<<: *s, routes: [{path: /z}]}, aa: {<<: *s, routes: [{path: /aa}]}, ab: {<<: *s, routes: [{path: /ab}]},
          ac: {<<: *s, routes: [{path: /ac}]}, ad: {<<: *s, routes: [{path: /ad}]}, ae: {<<: *s, routes: [{path: /ae}]},
          af: {<<: *s, routes: [{path: /af}]}, ag: {<<: *s, routes: [{path: /ag}]}, ah: {<<: *s, routes: [{path: /ah}]},
          ai: {<<: *s, routes: [{path: /ai}]}, aj: {<<: *s, routes: [{path: /aj}]}, ak: {<<: *s, routes: [{path: /ak}]},
          al: {<<: *s, routes: [{path: /al}]}, am: {<<: *s, routes: [{path: /am}]}, an: {<<: *s, routes: [{path: /an}]},
          ao: {<<: *s, routes: [{path: /ao}]}, ap: {<<: *s, routes: [{path: /ap}]}, aq: {<<: *s, routes: [{path: /aq}]},
          ar: {<<: *s, routes: [{path: /ar}]}, as: {<<: *s, routes: [{path: /as}]}, at: {<<: *s, routes: [{path: /at}]},
          au: {<<: *s, routes: [{path: /au}]}, av: {<<: *s, routes: [{path: /av}]}, aw: {<<: *s, routes: [{path: /aw}]},
          ax: {<<: *s, routes: [{path: /ax}]}, ay: {<<: *s, routes: [{path: /ay}]},
        }
    Passes:
        services:
          web: {image: {build: .}, port: 80}
    """
    groups = 2 * len(env.served)
    if groups > _TARGET_GROUPS_OF_A_LOAD_BALANCER:
        yield Found(
            ("services",),
            f"Blue and green of {len(env.served)} services are {groups} target groups; a load balancer has"
            f" {_TARGET_GROUPS_OF_A_LOAD_BALANCER} at most.",
            "Make two environments of it.",
            "key",
        )


@rule("BG907", "warning")
def many_listener_rules(env: Environment) -> Iterator[Found]:
    """The load balancer has more rules than it can have by default.

    What: All `routes` together make more than 100 rules: each is one on the production and one on the test listener.
    Why: A load balancer has 100 rules by default, beside the default rules. The next one fails with TooManyRules, and the traffic stack is
        rolled back.
    Mend: Ask for a higher quota of "Rules per Application Load Balancer" first, or use `*` instead of many paths.
    Source: ALB User Guide, load-balancer-limits (adjustable); bc:elbv2.CreateRule, TooManyRulesException.

    Fails:
        services:
          web:
            image: {build: .}
            port: 80
            routes: [
              {path: /a}, {path: /b}, {path: /c}, {path: /d}, {path: /e}, {path: /f}, {path: /g}, {path: /h}, {path: /i}, {path: /j},
              {path: /k}, {path: /l}, {path: /m}, {path: /n}, {path: /o}, {path: /p}, {path: /q}, {path: /r}, {path: /t}, {path: /u},
              {path: /v}, {path: /w}, {path: /x}, {path: /y}, {path: /z}, {path: /aa}, {path: /ab}, {path: /ac}, {path: /ad},
              {path: /ae}, {path: /af}, {path: /ag}, {path: /ah}, {path: /ai}, {path: /aj}, {path: /ak}, {path: /al}, {path: /am},
              {path: /an}, {path: /ao}, {path: /ap}, {path: /aq}, {path: /ar}, {path: /as}, {path: /at}, {path: /au}, {path: /av},
              {path: /aw}, {path: /ax}, {path: /ay}, {path: /az},
            ]
    Passes:
        services:
          web:
            image: {build: .}
            port: 80
            routes: [{path: /shop/*}]
    """
    rules = len(env.plan.traffic.rules)
    if rules > _RULES_OF_A_LOAD_BALANCER:
        largest = max(env.served, key=lambda service: len(env.spec.services[service.key].routes)).key
        yield Found(
            ("services", largest, "routes"),
            f"All routes together make {rules} rules on both listeners; {_RULES_OF_A_LOAD_BALANCER} are possible by default.",
            "Ask for a higher quota first, or use `*` instead of many paths.",
            "key",
        )
