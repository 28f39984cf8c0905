"""What an update would do to each resource: pure comparison of what stands with what is wanted."""

from typing import Any

from bgspec.sandbox.cloudformation.schema import create_only, problems, tag_property
from bgspec.sandbox.cloudformation.stack import Props, Resource, Stack, answers, resolver
from bgspec.sandbox.cloudformation.template import Template, order
from bgspec.sandbox.cloudformation.unknown import Unknown, unknown
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.world import Context, Record


def replacement(type_name: str, old: Props, new: Props) -> str:
    """True, False, or Conditional while a value that decides it is not known."""
    verdict = "False"
    for pointer in create_only(type_name):
        path = pointer.split("/")
        before, after = _at(old, path), _at(new, path)
        if unknown(after):
            verdict = "Conditional" if verdict == "False" else verdict
        elif before != after:
            return "True"
    return verdict


def _at(value: Any, path: list[str]) -> Any:
    if not path or isinstance(value, Unknown):
        return value
    if isinstance(value, list):
        return [_at(item, path[path[0] == "*" :]) for item in value]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, dict) else None


def differing(old: Props, new: Props) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name) or unknown(new.get(name)))


def merged_tags(resource_tags: Any, stack_tags: dict[str, str]) -> dict[str, str]:
    """The resource's own tags win over the stack's."""
    own = resource_tags or {}
    if isinstance(own, list):
        own = {tag["Key"]: tag["Value"] for tag in own if isinstance(tag, dict)}
    return stack_tags | own


def compare(ctx: Context, stack: Stack, template: Template, texts: dict[str, str], tags: dict[str, str]) -> list[Record]:
    """The changes of a change set, with what is wrong with a resource under `_problems`."""
    new_or_moved: dict[str, str] = {}
    standing = answers(ctx, stack)

    def lookup(logical: str, attribute: str | None) -> Any:
        if logical in new_or_moved:
            return Unknown(f"{logical}.{attribute}" if attribute else logical)
        return standing(logical, attribute)

    evaluate = resolver(ctx, stack, template, texts, lookup)
    found = []
    for logical in order(template):
        block = template.resources[logical]
        if not evaluate.wanted(block):
            continue
        old = stack.resources.get(logical)
        if old is None or old.type != block["Type"]:
            new_or_moved[logical] = "new"
        props = evaluate.value(block.get("Properties") or {})
        change = _added(logical, block) if logical in new_or_moved else _modified(old, block, props, tags, stack)
        if change is not None and change.get("Replacement") in {"True", "Conditional"}:
            new_or_moved[logical] = "replaced"
        if change is not None:
            found.append(change | {"_problems": list(problems(block["Type"], props))})
    return found + _gone(stack, template, {logical for logical, block in template.resources.items() if evaluate.wanted(block)})


def _gone(stack: Stack, template: Template, wanted: set[str]) -> list[Record]:
    found = []
    for logical, resource in stack.resources.items():
        moved = logical in wanted and template.resources[logical]["Type"] != resource.type
        if moved:
            raise AwsError(
                "ValidationError",
                f"Update of resource type is not permitted. The new template modifies resource type of the following resources: [{logical}]",
            )
        if logical not in wanted:
            found.append(_removed(resource))
    return found


def _added(logical: str, block: Record) -> Record:
    return {"Action": "Add", "LogicalResourceId": logical, "ResourceType": block["Type"], "Scope": [], "Details": []}


def _removed(resource: Resource) -> Record:
    policy = "Retain" if resource.deletion_policy.startswith("Retain") else "Delete"
    return {
        "Action": "Remove", "PolicyAction": policy, "LogicalResourceId": resource.logical, "_problems": [],
        "PhysicalResourceId": resource.physical, "ResourceType": resource.type, "Scope": [], "Details": [],
    }  # fmt: skip


def _modified(old: Resource | None, block: Record, props: Props, stack_tags: dict[str, str], stack: Stack) -> Record | None:
    if old is None:
        return None
    own = tag_property(old.type)
    names = [name for name in differing(old.props, props) if name != own]
    tags = merged_tags(props.get(own), stack_tags) if own else {}
    tagged = bool(own) and not unknown(props.get(own)) and tags != merged_tags(old.props.get(own), stack.tags)
    attributes = [name for name in ("DeletionPolicy", "UpdateReplacePolicy") if _policy(old, block, name)]
    if not names and not tagged and not attributes:
        return None
    verdict = replacement(old.type, old.props, props) if names else "False"
    details = [_detail(name, old, props) for name in names]
    details += [
        {
            "Target": {"Attribute": "Tags", "RequiresRecreation": "Never"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
    ] * tagged
    details += [
        {
            "Target": {"Attribute": name, "RequiresRecreation": "Never"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in attributes
    ]
    change = {
        "Action": "Modify", "LogicalResourceId": old.logical, "PhysicalResourceId": old.physical, "ResourceType": old.type,
        "Replacement": verdict, "Details": details,
        "Scope": ["Properties"] * bool(names) + ["Tags"] * tagged + attributes,
    }  # fmt: skip
    if verdict == "True":
        retained = block.get("UpdateReplacePolicy", "Delete").startswith("Retain")
        change["PolicyAction"] = "ReplaceAndRetain" if retained else "ReplaceAndDelete"
    return change


def _policy(old: Resource, block: Record, name: str) -> bool:
    kept = old.deletion_policy if name == "DeletionPolicy" else old.replace_policy
    return bool(block.get(name, "Delete") != kept)


def _detail(name: str, old: Resource, props: Props) -> Record:
    pointers = [p for p in create_only(old.type) if p.split("/")[0] == name]
    moved = [p for p in pointers if _at(old.props, p.split("/")) != _at(props, p.split("/"))]
    missing = unknown(props.get(name))
    recreation = "Never" if not moved else "Conditionally" if missing else "Always"
    target = {"Attribute": "Properties", "Name": name, "Path": f"/Properties/{name}", "RequiresRecreation": recreation}
    if missing:
        return {
            "Target": target,
            "Evaluation": "Dynamic",
            "ChangeSource": "ResourceReference",
            "CausingEntity": missing.of,
        }
    if name in old.props:
        target["BeforeValue"] = str(old.props[name])
    if name in props:
        target["AfterValue"] = str(props[name])
    target["AttributeChangeType"] = "Modify" if name in old.props and name in props else "Add" if name in props else "Remove"
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def output_changes(stack: Stack, template: Template) -> bool:
    """CloudFormation takes a change of the outputs alone for a change."""
    before = stack.template.outputs if stack.template else {}
    return before != template.outputs
