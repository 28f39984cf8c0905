"""A render as the people and services see it that use it: stacks deployed, files lying in the source repository."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import yaml

from bgspec.render import Artifact
from tests.output.cloudformation import ACCOUNT, Region, Resource, load

DIGEST = "sha256:" + "0" * 64


class Environment(NamedTuple):
    region: Region
    templates: dict[str, dict[str, Any]]
    """By their place in the output directory, in the order in which they say they are deployed."""
    sources: dict[str, str]
    """Every file by its place in the source repository."""
    script: str
    given: dict[str, str]
    """The parameters that no stack puts out: the images."""
    written: frozenset[str]
    """Every text that the user wrote, but for the names that are part of bgspec's own."""
    targets: tuple["Environment", ...] = ()
    """What stands in the account into which this one's pipeline deploys, where that is another one."""

    @property
    def target(self) -> "Environment":
        """Where the pipeline deploys."""
        return self.targets[0] if self.targets else self

    @property
    def task_definitions(self) -> list[dict[str, Any]]:
        """taskdef.json of every service, as the build and the deploy action complete it, but for the image."""
        return [
            json.loads(text.replace("<ACCOUNT_ID>", self.region.account))
            for path, text in self.sources.items()
            if path.endswith("taskdef.json") and not self.targets
        ]

    def is_users(self, arn: str) -> bool:
        """Whether an ARN or a name speaks of something that the user named, so that no stack makes it."""
        place = arn.split(":", 3)[-1]  # some actions name one thing by the ARNs of two services
        return (
            self.is_elsewhere(arn)
            or arn in self.written
            or any(f"/{arn.partition(':repository/')[2] or ' '}:" in text for text in self.written)
            or any(text.startswith("arn:") and text.endswith(f":{place}") for text in self.written)
            or any(
                arn.endswith((f":{text}", f"/{text}")) or (len(arn) >= 6 and arn in text) or (len(text) >= 8 and text in arn)
                for text in self.written
            )
        )

    def is_elsewhere(self, arn: str) -> bool:
        """Whether an ARN belongs to another account, as it or the bucket's name says."""
        account = (arn.split(":")[4] if arn.startswith("arn:") else "") or "".join(re.findall(r"-(\d{12})-[a-z0-9-]+-an(?:/|$)", arn))
        return account not in {"", "aws", self.region.account}

    def source(self, path: str) -> str:
        """A file of the source repository; KeyError if it is not there."""
        return self.sources[posixpath.normpath(path)]

    def one(self, kind: str, **properties: object) -> Resource:
        """The only resource of a type with these properties; AssertionError if there is none or another."""
        found = [each for each in self.region.all(kind) if all(each.properties.get(key) == value for key, value in properties.items())]
        assert len(found) == 1, f"{len(found)} of {kind} with {properties}"
        return found[0]

    def by_ref(self, kind: str, ref: object) -> Resource:
        """The resource of a type that `Ref` calls so."""
        found = [each for each in self.region.all(kind) if each.ref == ref]
        assert len(found) == 1, f"{len(found)} of {kind} called {ref}"
        return found[0]


def environments(artifacts: Iterable[Artifact], spec: dict[str, Any]) -> Iterator[Environment]:
    """The environments of a render of a spec, each deployed into a Region of its own."""
    made = {artifact.path: artifact.text for artifact in artifacts}
    for root in dict.fromkeys(path.partition("stacks/")[0] for path in made if "stacks/" in path):
        home = root.removesuffix("tools/")
        own = {path: text for path, text in made.items() if path.startswith(home)}
        target = () if root == home else (_deployed(own, home, spec),)
        yield _deployed(own, root, spec)._replace(targets=target)


def _deployed(made: dict[str, str], root: str, spec: dict[str, Any]) -> Environment:
    texts = [(path, text) for path, text in made.items() if path.startswith(f"{root}stacks/") and path.endswith(".yaml")]
    texts.sort(key=lambda item: _position(item[1]))
    assert [_position(text) for _, text in texts] == list(range(1, len(texts) + 1))
    templates = {path: load(text) for path, text in texts}
    script = made[f"{root}deploy.sh"]
    (name,) = re.findall(r"^export AWS_REGION=(\S+)", script, re.MULTILINE)
    (account,) = re.findall(r'^\[ "\$ACCOUNT" = (\d{12}) \]', script, re.MULTILINE) or [ACCOUNT]
    region = Region(name, account)
    outputs: dict[str, str] = {}
    given: dict[str, str] = {}
    for path, template in templates.items():
        own = {}
        for key, parameter in template.get("Parameters", {}).items():
            if key in outputs:
                own[key] = outputs[key]
            elif "Default" not in parameter and key.endswith("ImageUri"):
                given[key] = own[key] = f"{_repository(key, outputs, script, f'{account}.dkr.ecr.{name}.amazonaws.com')}@{DIGEST}"
        region.deploy(path, template, own)
        twice = set(outputs) & set(region.stacks[path].outputs)
        assert not twice, f"two stacks put out {twice}"
        outputs |= region.stacks[path].outputs
    files = (spec.get("pipeline") or {}).get("files", ".")
    sources = {posixpath.normpath(posixpath.join(files, path)): text for path, text in made.items()}
    return Environment(region, templates, sources, script, given, frozenset(text.removeprefix("/") for text in _texts(spec)))


def _repository(parameter: str, outputs: dict[str, str], script: str, registry: str) -> str:
    """Where the first image comes from: the environment's own repository, or the one that exists and deploy.sh pushes to."""
    if made := outputs.get(parameter.replace("ImageUri", "RepositoryUri")):
        return made
    (deployed, kept) = re.findall(rf'^(  deploy [^\n]* {parameter}="\$IMAGE(\w*)")', script, re.MULTILINE)[0]
    before = script[: script.index(deployed)]
    (pushed, *_) = reversed(re.findall(rf"^  push (\S+) [^\n]*\n{f'  IMAGE{kept}=' if kept else '$'}", before, re.MULTILINE))
    return f"{registry}/{pushed}"


def _position(text: str) -> int:
    """The head of every template says which of how many stacks it is."""
    return int(re.findall(r"^# Stack (\d+) of \d+ ", text, re.MULTILINE)[0])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in {"system", "environment", "region", "account"}:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def parse(text: str) -> Any:
    return yaml.safe_load(text)
