"""Task definitions."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ecs_records import ecs
from bgspec.sandbox.services.registry import LOWER, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

# Fargate's pairs: cpu units -> MiB (aws-facts: Amazon ECS guide, fargate-tasks-services).
FARGATE = {
    256: [512, 1024, 2048], 512: list(range(1024, 4097, 1024)), 1024: list(range(2048, 8193, 1024)),
    2048: list(range(4096, 16385, 1024)), 4096: list(range(8192, 30721, 1024)), 8192: list(range(16384, 61441, 4096)),
    16384: list(range(32768, 122881, 8192)), 32768: [61440, 122880, 249856],
}  # fmt: skip


_MOST_FILES = 1_048_576  # ECS Developer Guide, fargate-tasks-services


def definitions(ctx: Context) -> Table:
    return ctx.table("ecs.definitions")


def client_error(message: str) -> AwsError:
    return AwsError("ClientException", message)


def definition(ctx: Context, name: str) -> Record:
    """By ARN, `family:revision`, or family alone: then the newest active one."""
    short = name.rpartition("task-definition/")[2]
    if ":" in short:
        found = definitions(ctx).get(ctx.arn("ecs", f"task-definition/{short}"))
    else:
        active = (d for d in reversed(definitions(ctx).values()) if d["family"] == short and d["status"] == "ACTIVE")
        found = next(active, None)
    if found is None:
        raise client_error("Unable to describe task definition.")
    return found


def units(text: str, unit: str) -> int:
    """`1024`, `1 vCPU`, `3 GB`."""
    number, _, word = text.strip().partition(" ")
    return int(float(number) * 1024) if word.strip().lower().startswith(unit) else int(number)


@ecs
def register_task_definition(ctx: Context, p: Record) -> Record:
    family = p["family"]
    _check(p)
    revision = ctx.world.number(f"{ctx.account}/{ctx.region}/definition/{family}")
    arn = ctx.arn("ecs", f"task-definition/{family}:{revision}")
    containers = [_completed(container) for container in p["containerDefinitions"]]
    made = {
        **{name: value for name, value in p.items() if name != "tags"},
        "taskDefinitionArn": arn,
        "containerDefinitions": containers,
        "revision": revision,
        "volumes": p.get("volumes", []),
        "placementConstraints": p.get("placementConstraints", []),
        "compatibilities": ["EC2", "FARGATE"] if p.get("networkMode") == "awsvpc" else ["EC2"],
        "status": "ACTIVE",
        "registeredAt": ctx.now(),
        "registeredBy": f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox",
        "requiresAttributes": [],
        "_tags": tags_of(p.get("tags")),
    }
    if "FARGATE" in p.get("requiresCompatibilities", ()):  # kept as units and MiB, however they were written
        made["cpu"], made["memory"] = str(units(p["cpu"], "vcpu")), str(units(p["memory"], "gb"))
    definitions(ctx)[arn] = made
    return {"taskDefinition": made, "tags": tag_list(made, *LOWER)}


def _completed(container: Record) -> Record:
    ports = [{"hostPort": m["containerPort"], "protocol": "tcp"} | m for m in container.get("portMappings", ())]
    return (
        {"cpu": 0, "essential": True, "environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": []}
        | container
        | {"portMappings": ports}
    )


def _check(p: Record) -> None:
    names = [container["name"] for container in p["containerDefinitions"]]
    if len(set(names)) < len(names):
        raise client_error("Container names must be unique within a task definition.")
    if not any(container.get("essential", True) for container in p["containerDefinitions"]):
        raise client_error("Task definition does not contain any essential container.")
    if len(names) > 10:
        raise client_error("Task definitions are limited to 10 containers.")
    if "FARGATE" in p.get("requiresCompatibilities", ()):
        _check_fargate(p)
    for container in p["containerDefinitions"]:
        for needed in container.get("dependsOn", ()):
            if needed["containerName"] not in names:
                raise client_error(f"Container dependency {needed['containerName']} does not exist in the task definition.")
        options = (container.get("logConfiguration") or {}).get("options") or {}
        if {"awslogs-datetime-format", "awslogs-multiline-pattern"} <= options.keys():  # the words are those of the API's reference
            raise client_error("You cannot configure both the awslogs-datetime-format and awslogs-multiline-pattern options.")


def _check_fargate(p: Record) -> None:
    if p.get("networkMode") != "awsvpc":
        raise client_error("Fargate only supports network mode ‘awsvpc’.")  # noqa: RUF001 -- AWS's own quotation marks
    if "cpu" not in p or "memory" not in p:
        raise client_error("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    cpu, memory = units(p["cpu"], "vcpu"), units(p["memory"], "gb")
    if memory not in FARGATE.get(cpu, ()):
        raise client_error(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
        )
    for container in p["containerDefinitions"]:
        for limit in container.get("ulimits", ()):
            if limit["name"] == "nofile" and limit["hardLimit"] > _MOST_FILES:  # how ECS says it is not documented
                raise client_error(f"On Fargate nofile can be set up to {_MOST_FILES}.")
    ecr = any(".dkr.ecr." in container["image"] for container in p["containerDefinitions"])
    logs = any((c.get("logConfiguration") or {}).get("logDriver") == "awslogs" for c in p["containerDefinitions"])
    if (ecr or logs) and not p.get("executionRoleArn"):
        what = "ECR images" if ecr else "log driver awslogs"
        raise client_error(f"Fargate requires task definition to have execution role ARN to support {what}.")


@ecs
def describe_task_definition(ctx: Context, p: Record) -> Record:
    found = definition(ctx, p["taskDefinition"])
    tags = tag_list(found, *LOWER) if "TAGS" in p.get("include", ()) else []
    return {"taskDefinition": found, "tags": tags}


@ecs
def deregister_task_definition(ctx: Context, p: Record) -> Record:
    found = definition(ctx, p["taskDefinition"])
    found["status"], found["deregisteredAt"] = "INACTIVE", ctx.now()
    return {"taskDefinition": found}


@ecs
def delete_task_definitions(ctx: Context, p: Record) -> Record:
    gone = []
    for name in p["taskDefinitions"]:
        found = definition(ctx, name)
        if found["status"] == "ACTIVE":
            raise client_error(
                f"The specified task definition {name} is still in ACTIVE status. Please deregister the target and try again."
            )
        gone.append(definitions(ctx).pop(found["taskDefinitionArn"]) | {"status": "DELETE_IN_PROGRESS"})
    return {"taskDefinitions": gone, "failures": []}


@ecs
def list_task_definitions(ctx: Context, p: Record) -> Record:
    status, prefix = p.get("status", "ACTIVE"), p.get("familyPrefix")
    found = [arn for arn, d in definitions(ctx).items() if d["status"] == status and (not prefix or d["family"] == prefix)]
    return {"taskDefinitionArns": found[::-1] if p.get("sort") == "DESC" else found}


@ecs
def list_task_definition_families(ctx: Context, p: Record) -> Record:
    wanted = p.get("status", "ACTIVE")
    found = {d["family"] for d in definitions(ctx).values() if wanted == "ALL" or d["status"] == wanted}
    return {"families": sorted(name for name in found if name.startswith(p.get("familyPrefix", "")))}


def usable(ctx: Context, name: str) -> Record:
    """A definition that tasks may start from."""
    found = definition(ctx, name)
    if found["status"] != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    return found
