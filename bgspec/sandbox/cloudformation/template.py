"""A template: its text read, its sections and references checked, in CloudFormation's own words where they are known."""

import re
from typing import Any, NamedTuple

import yaml

from bgspec.document.tree import Loader
from bgspec.sandbox.cloudformation.schema import known_types
from bgspec.sandbox.errors import AwsError, NotEmulated

MAX_BODY = 51_200  # bytes inline; aws-facts: CloudFormation quotas
MAX_OBJECT = 1_048_576  # bytes from S3
_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
_ATTRIBUTES = {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}
_PSEUDO = {"AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix"}
_POLICIES = {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}


class Template(NamedTuple):
    body: str
    description: str
    parameters: dict[str, Any]
    mappings: dict[str, Any]
    conditions: dict[str, Any]
    resources: dict[str, Any]
    outputs: dict[str, Any]


class _Loader(Loader):
    """YAML 1.1 as CloudFormation reads it: short tags, and neither dates nor `on`/`off` as anything but text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false|True|False|TRUE|FALSE"), list("tTfF"))


def _short(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] # the third kind of node
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short)


def refuse(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def read_tree(body: str) -> dict[str, Any]:
    """The template's text with its short tags written out, otherwise unchecked."""
    try:
        tree = yaml.load(body, _Loader)  # noqa: S506 -- a SafeLoader with CloudFormation's tags
    except yaml.YAMLError as error:
        raise refuse(f"Template format error: YAML not well-formed. {error}") from error
    if not isinstance(tree, dict):
        raise refuse("Template format error: unsupported structure.")
    return tree


def parse(body: str, limit: int = MAX_BODY) -> Template:
    """Raises ValidationError as CreateChangeSet does, NotEmulated for sections and types the sandbox has not."""
    size = len(body.encode())
    if size > limit:
        raise refuse(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limit}"
        )
    tree = read_tree(body)
    for section in ("Transform", "Hooks", "Rules"):
        if section in tree:
            raise NotEmulated(f"the template section {section}")
    if unknown := sorted(tree.keys() - _SECTIONS):
        raise refuse(f"Invalid template property or properties [{', '.join(unknown)}]")
    if not isinstance(tree.get("Resources"), dict) or not tree["Resources"]:
        raise refuse("Template format error: At least one Resources member must be defined.")
    sections = (tree.get(name) or {} for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"))
    template = Template(body, tree.get("Description") or "", *sections)
    _check_limits(template)
    _check_resources(template)
    _check_references(template)
    order(template)
    return template


def _check_limits(template: Template) -> None:
    limits = {"Resources": (template.resources, 500), "Parameters": (template.parameters, 200),
              "Outputs": (template.outputs, 200), "Mappings": (template.mappings, 200)}  # fmt: skip
    for name, (section, most) in limits.items():
        if len(section) > most:
            raise refuse(f"Template format error: Number of {name.lower()}, {len(section)}, is greater than maximum allowed, {most}")
        for logical in section:
            if not re.fullmatch(r"[A-Za-z0-9]+", str(logical)):
                raise refuse(f"Template format error: {name[:-1]} name {logical} is non alphanumeric.")


def _check_resources(template: Template) -> None:
    unknown = sorted({str(r.get("Type")) for r in template.resources.values()} - known_types())
    if unknown:
        raise refuse(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    for logical, resource in template.resources.items():
        if extra := sorted(resource.keys() - _ATTRIBUTES):
            raise refuse(f"Invalid template resource property '{extra[0]}'")
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy, "Delete") not in _POLICIES:
                raise refuse(f"Template error: Unrecognized {policy} {resource[policy]} for resource {logical}")


def _check_references(template: Template) -> None:
    known = template.resources.keys() | template.parameters.keys() | {f"AWS::{name}" for name in _PSEUDO}
    for section, blocks in (("Resources", template.resources), ("Outputs", template.outputs)):
        missing = sorted({name for block in blocks.values() for name in references(block)} - known)
        if missing:
            raise refuse(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the {section} block of the template"
            )
        for block in blocks.values():
            for name in _conditions(block):
                if name not in template.conditions:
                    raise refuse(f"Template format error: Unresolved condition dependency {name} in the {section} block of the template")
    for logical, resource in template.resources.items():
        for name in depends_on(resource):
            if name not in template.resources:
                raise refuse(f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template")
            if name == logical:
                raise refuse(f"Circular dependency between resources: [{logical}]")


def depends_on(resource: dict[str, Any]) -> list[str]:
    found = resource.get("DependsOn", [])
    return [found] if isinstance(found, str) else list(found)


def references(value: Any) -> set[str]:
    """Every name that Ref, GetAtt and Sub mention below `value`."""
    if isinstance(value, list):
        return {name for item in value for name in references(item)}
    if not isinstance(value, dict):
        return set()
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "Ref":
            return {str(inner)}
        if key == "Fn::GetAtt":
            return {str(inner[0] if isinstance(inner, list) else inner.split(".")[0])}
        if key == "Fn::Sub":
            text, local = (inner, {}) if isinstance(inner, str) else inner
            named = {name.split(".")[0] for name in placeholders(text)}
            return (set(named) - set(local)) | references(list(local.values()))
    return {name for item in value.values() for name in references(item)}


def placeholders(text: str) -> list[str]:
    return [name.strip() for name in re.findall(r"\$\{([^!][^}]*)\}", text)]


def _conditions(block: dict[str, Any]) -> set[str]:
    """The conditions a resource or an output names: its own, and those of every Fn::If inside it."""
    own = {str(block["Condition"])} if "Condition" in block else set()
    return own | _ifs(block)


def _ifs(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for item in value for name in _ifs(item)}
    if not isinstance(value, dict):
        return set()
    own = {str(value["Fn::If"][0])} if "Fn::If" in value else set()
    return own | {name for item in value.values() for name in _ifs(item)}


def dependencies(template: Template, logical: str) -> set[str]:
    """The resources that must be there before this one."""
    resource = template.resources[logical]
    named = references(resource.get("Properties", {})) | set(depends_on(resource))
    return (named & template.resources.keys()) - {logical}


def order(template: Template) -> list[str]:
    """Logical ids, each after those it depends on; ties stand in the template's order."""
    waits = {logical: dependencies(template, logical) for logical in template.resources}
    found: list[str] = []
    while waits:
        ready = [logical for logical, needs in waits.items() if not needs & waits.keys()]
        if not ready:
            raise refuse(f"Circular dependency between resources: [{', '.join(sorted(waits))}]")
        found += ready
        for logical in ready:
            del waits[logical]
    return found
