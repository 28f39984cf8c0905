"""What a key becomes on AWS, as docstrings name it, with the address of AWS's page.

`cfn:AWS::ECS::Service.DeploymentConfiguration.BakeTimeInMinutes` is a property of a resource in CloudFormation,
`bc:ecs.Secret.valueFrom` a member of a structure in an API as botocore describes it. Tests look every one of them up.
"""

from collections.abc import Iterable

_TEMPLATES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_APIS = {
    "application-autoscaling": "autoscaling/application/APIReference",
    "codebuild": "codebuild/latest/APIReference",
    "codedeploy": "codedeploy/latest/APIReference",
    "codepipeline": "codepipeline/latest/APIReference",
    "ecs": "AmazonECS/latest/APIReference",
    "elbv2": "elasticloadbalancing/latest/APIReference",
    "lambda": "lambda/latest/api",
    "logs": "AmazonCloudWatchLogs/latest/APIReference",
}


def shown(reference: str) -> str:
    """A reference as people name it: `AWS::ECS::Service DesiredCount`."""
    _, name = reference.split(":", 1)
    thing, _, path = name.partition(".")
    return f"{thing} {path}".rstrip()


def address(reference: str) -> str | None:
    """AWS's page on it; None where there is no page of its own."""
    family, name = reference.split(":", 1)
    thing, _, path = name.partition(".")
    first, _, _ = path.partition(".")
    if family == "cfn":
        words = thing.lower().split("::")
        anchor = f"#cfn-{'-'.join(words[1:])}-{first.lower()}" if first else ""
        return f"{_TEMPLATES}/aws-resource-{'-'.join(words[1:])}.html{anchor}"
    if thing in _APIS and "." in path:  # only structures have pages
        return f"https://docs.aws.amazon.com/{_APIS[thing]}/API_{first}.html"
    return None


def becomes(references: Iterable[str]) -> str:
    """The line that ends a documentation: what the key becomes."""
    links = ", ".join(link(reference) for reference in references)
    return f"AWS: {links}" if links else ""


def link(reference: str) -> str:
    """A reference in Markdown."""
    page = address(reference)
    return f"[{shown(reference)}]({page})" if page else f"`{shown(reference)}`"
