"""The words in which the language speaks of values: what stands there, what may stand there, what was probably meant."""

import re
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from bgspec.diagnostics import Route, suggest
from bgspec.document import rules
from bgspec.regions import REGIONS
from bgspec.spec.shape import Kind, is_section
from bgspec.spec.types import SENTENCES
from bgspec.spec.values import Duration, Share

# What other tools call the things that the language has: ECS and CloudFormation (in any spelling), Compose, Copilot, Kubernetes.
ELSEWHERE = {
    "alb": "load_balancer",
    "aws_region": "region",
    "azs": "zones",
    "availability_zones": "zones",
    "balancer": "load_balancer",
    "branch_name": "branch",
    "cidr_block": "cidr",
    "container_port": "port",
    "ports": "port",
    "desired_count": "count",
    "replicas": "count",
    "tasks": "count",
    "elb": "load_balancer",
    "env": "environment",
    "environment_variables": "environment",
    "variables": "environment",
    "env_vars": "environment",
    "healthcheck": "health_check",
    "health_check_path": "health_check",
    "iam": "permissions",
    "policy": "permissions",
    "policies": "permissions",
    "ingress": "allow",
    "listen": "port",
    "log_retention": "logs",
    "retention": "days",
    "retention_in_days": "days",
    "nat_gateway": "egress",
    "nat_gateways": "egress",
    "assign_public_ip": "egress",
    "listener": "production",
    "listeners": "production",
    "config": "shift",
    "deployment_config": "shift",
    "deployment_config_name": "shift",
    "deployment_configuration": "shift",
    "minimum_healthy_percent": "minimum",
    "min_healthy_percent": "minimum",
    "maximum_percent": "maximum",
    "max_healthy_percent": "maximum",
    "subnets": "private_subnets",
    "subnet_ids": "private_subnets",
    "mem": "memory",
    "memory_mib": "memory",
    "platform": "architecture",
    "arch": "architecture",
    "cpu_architecture": "architecture",
    "repo": "repository",
    "service": "services",
    "containers": "services",
    "strategy": "shift",
    "traffic": "shift",
    "termination_wait": "terminate_after",
    "termination_wait_time_in_minutes": "terminate_after",
    "vpc": "network",
    "vpc_cidr": "cidr",
    "context": "build",
    "docker_file": "dockerfile",
    "application": "system",
    "project": "system",
    "app": "system",
    "stage": "environment",
    "certificate_arn": "certificate",
    "idle_timeout_seconds": "idle_timeout",
    "unhealthy_threshold": "unhealthy",
    "healthy_threshold": "healthy",
    "matcher": "codes",
    "grace_period": "grace",
    "autoscaling": "scaling",
    "auto_scaling": "scaling",
    "artifact_bucket": "bucket",
    "artifact_store": "bucket",
    "auto_rollback": "rollback",
    "auto_rollback_configuration": "rollback",
    "circuit_breaker": "rollback",
    "deployment_circuit_breaker": "rollback",
    "bake_time": "bake",
    "bake_time_in_minutes": "bake",
    "capacity_provider_strategy": "capacity",
    "capacity_providers": "capacity",
    "default_tags": "tags",
    "deployment_controller": "engine",
    "enable_execute_command": "exec",
    "execute_command": "exec",
    "execute_command_configuration": "exec_logs",
    "health_check_grace_period": "grace",
    "health_check_grace_period_seconds": "grace",
    "init_process_enabled": "init",
    "linux_parameters": "init",
    "load_balancing_algorithm_type": "algorithm",
    "log_configuration": "logs",
    "log_driver": "logs",
    "logging": "logs",
    "port_mappings": "port",
    "read_only_root_filesystem": "read_only",
    "readonly_root_filesystem": "read_only",
}

# What they say by a key that has no counterpart, and what there is instead: a setting that is always so, or a word in another place.
INSTEAD = {
    "container_name": "The service's own container is called like the service: remove it.",
    "domain": "Names stand in `load_balancer.dns`, each with its zone.",
    "domain_name": "Names stand in `load_balancer.dns`, each with its zone.",
    "drop_invalid_header_fields": "It is always so: remove it.",
    "enable_ecs_managed_tags": "It is always so: remove it.",
    "enable_nat_gateway": "Write `egress: nat`.",
    "force_new_deployment": "`bgspec apply` deploys what has changed: remove it.",
    "internal": "Write `scheme: internal`.",
    "launch_type": "Everything runs on Fargate: remove it.",
    "network_mode": "Fargate knows `awsvpc` alone: remove it.",
    "one_nat_gateway_per_az": "Write `nat: per-zone`.",
    "poll_for_source_changes": "Nothing polls, a change starts the pipeline: remove it.",
    "privileged_mode": "Builds of images have it, no other needs it: remove it.",
    "propagate_tags": "Tasks have the tags of their service: remove it.",
    "requires_compatibilities": "Everything runs on Fargate: remove it.",
    "restart_policy": "ECS starts a new task where an essential container ends: remove it.",
    "single_nat_gateway": "Write `nat: single`.",
    "waf": "Associate the web ACL from a stack of its own; the load balancer's ARN is the output `LoadBalancerArn`.",
    "web_acl": "Associate the web ACL from a stack of its own; the load balancer's ARN is the output `LoadBalancerArn`.",
}

# The unit of a key, what is said of it, and how many there are in the one that people write instead (by its first letter).
_UNITS = {
    "memory": ("MiB", "It is in MiB; 1 GiB is 1024.", {"": 1024, "g": 1024, "m": 1}),
    "cpu": ("CPU units", "1024 units are one vCPU.", {"": 1024, "v": 1024}),
}
_MOST_LARGE_UNITS = 245
"""No task has so many GiB or vCPUs: a larger number is in the small unit already."""
_SHORTEST_LIST = 9
_MOST_KEYS = 16
LONGEST_EXAMPLE = 48


def meant(key: str, known: Sequence[str], *, guess: bool = True) -> str | None:
    """The key of this section that was meant by `key`: in another spelling, in another tool's words or, by a guess, mistyped."""
    for candidate in (_snake(key), translated(key)):
        if candidate in known:
            return candidate
    return suggest(_snake(key), known) if guess else None


def translated(key: str) -> str:
    """What another tool calls `key`, in the words of the language; `key` itself where they are the same."""
    return ELSEWHERE.get(_snake(key), _snake(key))


def instead(key: str) -> str:
    """What to do about a key of another tool's that has no counterpart; empty for any other."""
    return INSTEAD.get(_snake(key), "")


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").replace(" ", "_").lower()


def section(route: Route) -> str:
    """A section as a sentence names it, from its middle on."""
    return f"`{dotted(route)}`" if route else "the spec"


def name(route: Route) -> str:
    """A value as a sentence begins with it."""
    if route and isinstance(route[-1], int):
        return f"An item of {section(route[:-1])}"
    return shown(route[-1]) if route else "The spec"


def dotted(route: Route) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{shown(step)[1:-1]}" for step in route).removeprefix(".")


def known(keys: Sequence[str]) -> str:
    """The keys of a section, for one that is none of them."""
    if not keys:
        return "Remove it."
    return f"Known keys here: {', '.join(keys)}." if len(keys) <= _MOST_KEYS else f"docs/language.md lists the {len(keys)} keys here."


def places(found: Sequence[str]) -> str:
    """Sections in which a key exists."""
    return alternatives([place or "the top level" for place in found[:3]]).replace("`the top level`", "the top level")


def alternatives(words: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return " or ".join((", ".join(quoted[:-1]), quoted[-1])) if len(quoted) > 1 else "".join(quoted)


def choose(value: object, words: Sequence[str]) -> str:
    """How to mend a value that is none of `words`."""
    near = suggest(str(value), words) if isinstance(value, str) else None
    if near:
        return f"Did you mean `{near}`?" if len(words) == 1 else f"Did you mean `{near}`? Possible are {alternatives(words)}."
    if len(words) > _SHORTEST_LIST and isinstance(value, int) and all(word.isdigit() for word in words):
        below = [word for word in words if int(word) < value][-1:]
        above = [word for word in words if int(word) > value][:1]
        return f"The nearest that AWS knows: {alternatives(below + above)}."
    return f"Use {alternatives(words)}."


def predefined(value: object) -> str | None:
    """What CodeDeploy's name of a configuration says, as `shift` says it (CodeDeploy User Guide, deployment-configurations)."""
    found = re.fullmatch(r"(?:CodeDeployDefault\.)?ECS(?:AllAtOnce|(Linear|Canary)(\d+)Percent(?:Every)?(\d+)Minutes?)", str(value))
    if found is None or not found[1]:
        return found and "all-at-once"
    return f"{{{found[1].lower()}: {found[2]}%, {'every' if found[1] == 'Linear' else 'after'}: {found[3]}m}}"


def unit(key: str, value: object) -> str:
    """A sentence on the unit of a key that is often misread, with the value in that unit; nothing for other keys."""
    if key not in _UNITS:
        return ""
    name, sentence, factors = _UNITS[key]
    written = re.match(r"(\d{0,9}\.?\d{1,9})(?!\d) *([A-Za-z]?)", str(value))
    factor = factors.get(written[2].lower(), 0) if written and (written[2] or float(written[1]) < _MOST_LARGE_UNITS) else 0
    return f" In {name} that is `{float(written[1]) * factor:g}`." if written and factor else f" {sentence}"


def wanted(kinds: Sequence[Kind], chooser: str = "") -> str:
    """What may stand somewhere: `a whole number`, `a list`, a choice of words or sections."""
    sections = [kind.tag[1:-1] for kind in kinds if kind.tag not in {"", "<word>"} and is_section(kind.type)]
    plain = list(dict.fromkeys(_wanted(kind) for kind in kinds if kind.type is not type(None) and kind.tag in {"", "<word>"}))
    if sections:
        plain.append(f"a mapping with {f'`{chooser}:` ' if chooser else ''}{alternatives(sections)}")
    return ", or ".join(plain) or "a value"


def _wanted(kind: Kind) -> str:
    for limit in kind.marks:
        if isinstance(limit, Duration | Share):
            low, high = (limit.low, limit.high) if isinstance(limit, Duration) else (f"{limit.low}%", f"{limit.high}%")
            return f"a {type(limit).__name__.lower()} from `{low}` to `{high}`"
    if get_origin(kind.type) is Literal:
        words = [str(word) for word in get_args(kind.type)]
        return alternatives(words) if len(words) < _SHORTEST_LIST else "one of certain numbers"
    if get_origin(kind.type) is dict:
        return "a mapping of names"
    if get_origin(kind.type) is list:
        return "a list"
    if is_section(kind.type):
        return "a section"
    return {int: "a whole number", bool: "`true` or `false`", str: "text", float: "a number"}.get(kind.type, "a value")


def limit(kind: str, context: dict[str, Any], value: object) -> str:
    """What the limit is that a value breaks; empty for errors of another kind."""
    length = len(value) if isinstance(value, str | list | dict) else 0
    sentences = {
        "greater_than_equal": "Use {ge} or more.",
        "less_than_equal": "Use {le} or less.",
        "string_too_long": "It has {length} characters; use at most {max_length}.",
        "string_too_short": "Use at least {min_length} characters.",
        "too_long": "At most {max_length} are possible.",
        "too_short": "At least {min_length} must be given.",
        "duration_range": "Use a time from {low} to {high}.",
        "duration_step": "Use a multiple of {step}.",
        "cidr_size": "Use a network from /16 to /24: it is cut into eight, and a load balancer needs /27.",
        "share_range": "Use a share from {low}% to {high}%.",
    }
    return sentences[kind].format(**context, length=length) if kind in sentences else ""


def unfilled(value: object) -> str:
    """What helps where something else should have written the value; empty where nothing should."""
    text = value if isinstance(value, str) else ""
    if text.startswith(("{{", "{%")):
        return "This belongs to a template, and the file was not filled in."
    if re.search(r"\$\{\w+[^}]*\}|^\$\w+$", text):
        return "Variables are not filled in. Write the value; where it differs, give each environment its own, below `environments:`."
    return ""


def form(kind: str, context: dict[str, Any], message: str, value: object) -> str:
    """How a value is written that has another form than it must have."""
    text = str(value)
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return SENTENCES.get(pattern, f"Write what matches `{pattern}`.") + _slug(pattern, text)
    if kind == "duration":
        digits = re.match(r"\s*(\d{1,9})(?!\d)\s*([smhd]?)", text)
        example = f"{int(digits[1])}{digits[2] or 's'}" if digits else "30s"
        return f"Write a whole number and a unit (s, m, h, d), such as `{example}`."
    if kind == "share":
        digits = re.match(r"\s*(\d{1,9})(?!\d)", text)
        return f"Write a whole number and a percent sign: `{int(digits[1]) if digits and text != '0' and '.' not in text else 10}%`."
    if kind == "region":
        near = text[:-1] if text[:-1] in REGIONS else suggest(text, REGIONS)
        return f"Did you mean `{near}`?" if near else "Write an AWS Region's name, such as `eu-central-1`."
    if kind == "cidr" and re.fullmatch(r"\d+\.\d+\.\d+\.\d+", text):
        return f"Write a network; this address alone is `{text}/32`."
    return f"Write {message}."


def _slug(pattern: str, text: str) -> str:
    """A name like `text` that has the form, if there is one."""
    if any(sign in text for sign in ":/{") or len(text) > LONGEST_EXAMPLE:
        return ""
    candidates = (re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"), re.sub(r"[^A-Za-z0-9]+", "_", text))
    try:
        fitting = [candidate for candidate in candidates if candidate != text and re.fullmatch(pattern.strip("^$"), candidate)]
    except re.error:  # pydantic's regular expressions are not quite Python's
        return ""
    return f" Such as `{fitting[0]}`." if fitting else ""


def shown(value: object) -> str:
    """A value in backticks, on one line and short enough for a sentence."""
    return rules.shown(str(value).lower() if isinstance(value, bool) else str(value))


def counted(value: object) -> str:
    """A list or a mapping with the number of what is in it; nothing for anything else."""
    if not isinstance(value, list | dict):
        return ""
    kind, part = ("list", "item") if isinstance(value, list) else ("mapping", "key")
    return f"a {kind} with {len(value)} {part}{'s' * (len(value) != 1)}"


def described(value: object) -> str:
    """A value with its kind, for those that look alike."""
    match value:
        case bool():
            return shown(value)
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"the text {shown(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"
