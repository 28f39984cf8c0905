"""What CodeBuild, CodeDeploy and CodePipeline read, as JSON Schemas. AWS publishes prose; every key and word here is from it.

buildspec.yml: CodeBuild User Guide, build-spec-ref. appspec.yaml for ECS: CodeDeploy User Guide,
reference-appspec-file-structure-resources and -hooks. imageDetail.json, imagedefinitions.json: CodePipeline User Guide, file-reference.
"""

from typing import Any

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
MAPPING_OF_TEXTS = {"type": "object", "additionalProperties": TEXT}
YES_NO = {"enum": ["yes", "no", True, False]}


def section(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """A mapping with these keys and no others; `_` stands for `-`."""
    named = {key.replace("_", "-"): schema for key, schema in properties.items()}
    return {"type": "object", "properties": named, "required": list(required), "additionalProperties": False}


PHASE = {
    "run_as": TEXT,
    "on_failure": {"type": "string", "pattern": r"^(ABORT|CONTINUE|RETRY(-.+)?)$"},
    "commands": {"type": "array", "items": TEXT, "minItems": 1},
    "finally": TEXTS,
}
ARTIFACTS = {
    "files": {"type": "array", "items": TEXT, "minItems": 1},
    "name": TEXT,
    "discard_paths": YES_NO,
    "base_directory": TEXT,
    "exclude_paths": TEXTS,
    "enable_symlinks": YES_NO,
    "s3_prefix": TEXT,
}
BUILDSPEC = section(
    ("version", "phases"),
    version={"const": 0.2},
    run_as=TEXT,
    env=section(
        shell={"enum": ["bash", "/bin/sh", "powershell.exe", "cmd.exe"]},
        variables=MAPPING_OF_TEXTS,
        parameter_store=MAPPING_OF_TEXTS,
        exported_variables=TEXTS,
        secrets_manager=MAPPING_OF_TEXTS,
        git_credential_helper=YES_NO,
    ),
    phases={
        "type": "object",
        "properties": {
            "install": section(**PHASE, runtime_versions={"type": "object"}),
            **dict.fromkeys(("pre_build", "build", "post_build"), section(("commands",), **PHASE)),
        },
        "additionalProperties": False,
    },
    reports={"type": "object", "maxProperties": 5},
    artifacts={
        **section(**ARTIFACTS, secondary_artifacts={"type": "object", "additionalProperties": section(("files",), **ARTIFACTS)}),
        "anyOf": [{"required": ["files"]}, {"required": ["secondary-artifacts"]}],  # sample-multi-in-out has the latter alone
    },
    cache=section(key=TEXT, fallback_keys=TEXTS, action={"enum": ["restore", "save"]}, paths=TEXTS),
)

HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
"""In the order in which they run."""
APPSPEC = section(
    ("version", "Resources"),
    version={"const": 0.0},
    Resources={
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": section(
            ("TargetService",),
            TargetService=section(
                ("Type", "Properties"),
                Type={"const": "AWS::ECS::Service"},
                Properties=section(
                    ("TaskDefinition", "LoadBalancerInfo"),
                    TaskDefinition=TEXT,
                    LoadBalancerInfo=section(
                        ("ContainerName", "ContainerPort"),
                        ContainerName=TEXT,
                        ContainerPort={"type": "integer", "minimum": 1, "maximum": 65535},
                    ),
                    PlatformVersion=TEXT,
                    NetworkConfiguration=section(
                        ("AwsvpcConfiguration",),
                        AwsvpcConfiguration=section(
                            ("Subnets", "SecurityGroups", "AssignPublicIp"),
                            Subnets=TEXTS,
                            SecurityGroups=TEXTS,
                            AssignPublicIp={"enum": ["ENABLED", "DISABLED"]},
                        ),
                    ),
                    CapacityProviderStrategy={"type": "array"},
                ),
            ),
        ),
    },
    Hooks={"type": "array", "items": {**section(**dict.fromkeys(HOOKS, TEXT)), "minProperties": 1, "maxProperties": 1}},
)
