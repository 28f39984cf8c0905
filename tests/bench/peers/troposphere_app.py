"""The article's environment with troposphere: each stack's resources by their classes, written out as JSON.

The properties are those of the rendered templates (a JSON file beside, made from them), so both write the same environment. Nested
properties stay plain mappings, which spares troposphere some work that a user's program would make it do.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from troposphere import Template


def main(source, directory):
    for name, resources in json.loads(Path(source).read_text()).items():
        template = Template()
        for logical_id, resource in resources.items():
            _, service, kind = resource["Type"].split("::")
            cls = getattr(import_module(f"troposphere.{service.lower()}"), kind)
            made = cls(logical_id, validation=False)
            made.properties.update(resource.get("Properties", {}))
            template.add_resource(made)
        Path(directory, f"{name}.json").write_text(template.to_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
