"""The intrinsic functions, and what parameters may be."""

import base64
import ipaddress
import re
from collections.abc import Callable
from typing import Any

from bgspec.sandbox.cloudformation.template import Template, refuse
from bgspec.sandbox.cloudformation.unknown import Unknown, unknown
from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.services.ec2_network import zones, zones_for_templates
from bgspec.sandbox.world import Context

NO_VALUE = object()
Lookup = Callable[[str, str | None], Any]  # logical id, attribute (None asks for Ref) -> value or Unknown


class Resolver:
    """Evaluates one template for one stack: its parameters' values, and what its resources answer."""

    def __init__(self, ctx: Context, template: Template, pseudo: dict[str, Any], parameters: dict[str, Any], lookup: Lookup) -> None:
        self.ctx = ctx
        self.template = template
        self.lookup = lookup
        self.names = pseudo | parameters
        self.imports: set[str] = set()
        self._conditions: dict[str, bool] = {}

    def value(self, tree: Any) -> Any:
        if isinstance(tree, list):
            return [item for item in map(self.value, tree) if item is not NO_VALUE]
        if isinstance(tree, str):
            return self._dynamic(tree)
        if not isinstance(tree, dict):
            return tree
        if len(tree) == 1:
            ((name, argument),) = tree.items()
            if name == "Ref":
                return self._ref(argument)
            if name.startswith("Fn::"):
                return self._function(name[4:], argument)
        found = {key: self.value(item) for key, item in tree.items()}
        return {key: item for key, item in found.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            self._conditions[name] = self._truth(self.template.conditions[name])
        return self._conditions[name]

    def wanted(self, block: dict[str, Any]) -> bool:
        return "Condition" not in block or self.condition(block["Condition"])

    def _truth(self, tree: Any) -> bool:
        ((name, argument),) = tree.items()
        match name:
            case "Condition":
                return self.condition(argument)
            case "Fn::Equals":
                left, right = self.value(argument)
                return str(left) == str(right)
            case "Fn::Not":
                return not self._truth(argument[0])
            case "Fn::And":
                return all(map(self._truth, argument))
            case "Fn::Or":
                return any(map(self._truth, argument))
            case _:
                pass
        raise refuse(f"Template error: {name} is no condition function")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.names[name] if name in self.names else self.lookup(name, None)

    def _function(self, name: str, argument: Any) -> Any:
        if name == "If":
            return self.value(argument[1] if self.condition(argument[0]) else argument[2])
        if name == "GetAtt":
            logical, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
            return self.lookup(logical, self.value(attribute))
        if name == "Sub":
            return self._sub(argument)
        function = getattr(self, f"_fn_{name.lower()}", None)
        if function is None:
            raise NotEmulated(f"the function Fn::{name}")
        evaluated = self.value(argument)
        missing = unknown(evaluated)
        return missing if missing and name not in {"Select", "Join"} else function(evaluated)

    def _sub(self, argument: Any) -> Any:
        text, local = (argument, {}) if isinstance(argument, str) else argument
        local = {key: self.value(item) for key, item in local.items()}
        missing: list[Unknown] = []

        def fill(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            logical, dot, attribute = name.partition(".")
            value = local[name] if name in local else self.lookup(logical, attribute) if dot else self._ref(name)
            if isinstance(value, Unknown):
                missing.append(value)
            elif isinstance(value, list):
                raise refuse("Template error: every Fn::Sub placeholder must be a string")
            return str(value).lower() if isinstance(value, bool) else str(value)

        found = re.sub(r"\$\{([^}]+)\}", fill, text)
        return missing[0] if missing else self._dynamic(found)

    def _fn_join(self, argument: list[Any]) -> Any:
        separator, parts = argument
        return unknown(parts) or separator.join(map(str, parts))

    def _fn_select(self, argument: list[Any]) -> Any:
        index, items = argument
        if isinstance(items, Unknown):
            return items
        try:
            return items[int(index)]
        except IndexError as error:
            raise refuse(f"Template error: Fn::Select cannot select nonexistent value at index {index}") from error

    def _fn_split(self, argument: list[str]) -> list[str]:
        return argument[1].split(argument[0])

    def _fn_getazs(self, region: str) -> list[str]:
        return zones(region) if region not in {"", self.ctx.region} else zones_for_templates(self.ctx)

    def _fn_cidr(self, argument: list[Any]) -> list[str]:
        block, count, bits = argument
        subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
        return [str(next(subnets)) for _ in range(int(count))]

    def _fn_base64(self, text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def _fn_findinmap(self, argument: list[str]) -> Any:
        name, first, second = argument[:3]
        try:
            return self.template.mappings[name][first][second]
        except KeyError as error:
            raise refuse(f"Template error: Unable to get mapping for {name}::{first}::{second}") from error

    def _fn_importvalue(self, name: str) -> Any:
        export = self.ctx.table("cloudformation.exports").get(name)
        if export is None:
            raise refuse(f"No export named {name} found.")
        self.imports.add(name)
        return export["Value"]

    def _dynamic(self, text: str) -> str:
        """`{{resolve:ssm:name}}` and `{{resolve:secretsmanager:…}}` in a string."""
        return re.sub(r"\{\{resolve:(\w+):([^}]+)\}\}", self._resolve, text)

    def _resolve(self, match: re.Match[str]) -> str:
        if match[1] == "ssm":
            name = match[2].rpartition(":")[0] if re.search(r":\d+$", match[2]) else match[2]
            return str(self.ctx.call("ssm", "get_parameter", Name=name)["Parameter"]["Value"])
        return match[0]  # a secret's value stays a reference: nothing in the sandbox may show it


def parameters(ctx: Context, template: Template, given: list[dict[str, Any]], previous: dict[str, str]) -> dict[str, Any]:
    """The texts of all parameters, checked as CloudFormation checks them."""
    if unknown_names := sorted({p["ParameterKey"] for p in given} - template.parameters.keys()):
        raise refuse(f"Parameters: [{', '.join(unknown_names)}] do not exist in the template")
    texts: dict[str, str] = {}
    for item in given:
        if item.get("UsePreviousValue"):
            if item["ParameterKey"] not in previous:
                raise refuse(
                    f"Invalid input for parameter key {item['ParameterKey']}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"
                )
            texts[item["ParameterKey"]] = previous[item["ParameterKey"]]
        else:
            texts[item["ParameterKey"]] = item.get("ParameterValue", "")
    defaults = {name: declared["Default"] for name, declared in template.parameters.items() if "Default" in declared}
    texts = {name: _text(value) for name, value in defaults.items()} | texts
    if missing := sorted(template.parameters.keys() - texts.keys()):
        raise refuse(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in texts.items():
        _check_parameter(ctx, name, template.parameters[name], text)
    return texts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


_LISTS = ("List<", "CommaDelimitedList")
_EXISTING = {"AWS::EC2::VPC::Id": "Vpc", "AWS::EC2::Subnet::Id": "Subnet", "AWS::EC2::SecurityGroup::Id": "Group"}


def _is_list(kind: str) -> bool:
    return kind.startswith(_LISTS)


def _check_parameter(ctx: Context, name: str, declared: dict[str, Any], text: str) -> None:
    kind = declared.get("Type", "String")
    element = kind[5:-1] if kind.startswith("List<") else kind
    items = [item.strip() for item in text.split(",")] if _is_list(kind) else [text]
    allowed = declared.get("AllowedValues")
    why = declared.get("ConstraintDescription")
    for item in items:
        if allowed is not None and item not in map(_text, allowed):
            raise refuse(
                f"Parameter '{name}' must be one of AllowedValues" if not why else f"Parameter {name} failed to satisfy constraint: {why}"
            )
        pattern = declared.get("AllowedPattern")
        if pattern is not None and not re.fullmatch(pattern, item):
            raise refuse(f"Parameter {name} failed to satisfy constraint: {why or 'Parameter must match pattern ' + pattern}")
        if element == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", item):
            raise refuse(f"Parameter '{name}' must be a number")
        _check_exists(ctx, name, element, item)
    _check_bounds(name, declared, text)


def _check_bounds(name: str, declared: dict[str, Any], text: str) -> None:
    for bound, size, words in (
        ("MinLength", len(text), "contain at least {} characters"), ("MaxLength", -len(text), "contain at most {} characters"),
        ("MinValue", None, "be a number not less than {}"), ("MaxValue", None, "be a number not greater than {}"),
    ):  # fmt: skip
        if bound not in declared:
            continue
        sign = -1 if bound.startswith("Max") else 1
        actual = size if size is not None else sign * float(text)
        if actual < sign * float(declared[bound]):
            raise refuse(f"Parameter '{name}' must {words.format(declared[bound])}")


def _check_exists(ctx: Context, name: str, kind: str, item: str) -> None:
    if kind in _EXISTING and item not in ctx.table(f"ec2.{_EXISTING[kind]}"):
        raise refuse(f"Parameter validation failed: parameter value {item} for parameter name {name} does not exist")
    if kind == "AWS::EC2::AvailabilityZone::Name" and item not in zones(ctx.region):
        raise refuse(f"Parameter validation failed: parameter value {item} for parameter name {name} does not exist")
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        try:
            ctx.call("ssm", "get_parameter", Name=item)
        except AwsError as error:
            raise refuse(f"Unable to fetch parameters [{item}] from parameter store for this account.") from error
    elif kind.startswith("AWS::") and not kind.startswith(("AWS::EC2::", "AWS::SSM::Parameter::Name", "AWS::Route53::HostedZone::Id")):
        raise NotEmulated(f"the parameter type {kind}")


def typed(ctx: Context, template: Template, texts: dict[str, str]) -> dict[str, Any]:
    """What Ref of each parameter gives: a list for the list types, the stored value for SSM's."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        kind = template.parameters[name].get("Type", "String")
        if kind.startswith("AWS::SSM::Parameter::Value<"):
            text = ctx.call("ssm", "get_parameter", Name=text)["Parameter"]["Value"]  # noqa: PLW2901 -- the text it stands for
            kind = kind.removeprefix("AWS::SSM::Parameter::Value<")[:-1]
        found[name] = [item.strip() for item in text.split(",")] if _is_list(kind) else text
    return found
