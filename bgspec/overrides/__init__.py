"""The escape hatch: properties of generated resources, patched as the spec's `overrides:` says.

An override names a stack by its file (`stacks/load-balancer.yaml` is `load-balancer`), a resource by its logical id, and what is laid over
its properties: mappings merge, a position in a list stands for the item there, everything else replaces. A task definition is patched
before it is laid out, so that taskdef.json says the same.

Most specs have none, so whatever this package needs is imported only where there are some.
"""

from typing import Any

from bgspec.cfn import Node, Setting
from bgspec.overrides import known, values
from bgspec.overrides.patching import LayOut, changes, child, patch, read
from bgspec.plan import Plan

TASK_DEFINITION = "TaskDefinition"


def into_plan(plan: Plan) -> Plan:
    """The plan with its task definitions as they are overridden."""
    form = known.properties()["AWS::ECS::TaskDefinition"]

    def patched(key: str, definition: tuple[Setting, ...]) -> Any:  # noqa: ANN401  a mapping laid over a mapping is a mapping
        value = plan.overrides.get(f"service-{key}", {}).get(TASK_DEFINITION, {})
        return _laid(definition, value, form, f"overrides.service-{key}.{TASK_DEFINITION}")

    services = tuple(service._replace(definition=patched(service.key, service.definition)) for service in plan.services)
    return plan._replace(services=services)


def into_template(template: str, key: str, plan: Plan, lay_out: LayOut) -> str:
    """A stack's template with all other resources as they are overridden."""
    root = read(template)
    for name, properties in plan.overrides.get(key, {}).items():
        resource = child(child(root, "Resources"), name)
        kind = getattr(child(resource, "Type"), "value", "")
        if name != TASK_DEFINITION:
            place, route = ("Resources", name, "Properties"), f"overrides.{key}.{name}"
            wanted = changes(child(resource, "Properties"), properties, known.properties()[kind], place, route)
            template = patch(template, tuple(wanted), lay_out)
    return template


def _laid(node: Node, value: Any, form: known.Form, route: str) -> Node:  # noqa: ANN401  whatever YAML can hold
    """A value laid over a node of a task definition."""
    if isinstance(value, dict) and type(node) is tuple:
        settings = {setting.key: setting for setting in node if isinstance(setting, Setting)}
        for name, one in value.items():
            old, below, where = settings.get(name), values.below(form, name), f"{route}.{name}"
            if old and isinstance(one, dict) and isinstance(old.value, tuple | list):
                settings[name] = old._replace(value=_laid(old.value, one, below, where))
            else:
                settings[name] = Setting(old.key if old else values.key(name, form), values.node(one, below), f"spec: {where}")
        return tuple(settings.values())
    if isinstance(value, dict) and isinstance(node, list):
        items = list(node)
        for position, one in value.items():
            if int(position) < len(items):
                items[int(position)] = _laid(items[int(position)], one, form[0], f"{route}.{position}")
            else:
                items.append(values.node(one, form[0]))
        return items
    return values.node(value, form)
