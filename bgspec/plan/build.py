"""How an image is built, and how what is deployed is put together: one CodeBuild project for each service."""

import posixpath
from typing import NamedTuple

from bgspec.cfn import Word
from bgspec.naming import logical_id
from bgspec.plan.action import Action
from bgspec.plan.layout import Layout
from bgspec.plan.machine import REGISTRY_TOKEN, Machine, Place, Purpose, Variable, machine, push
from bgspec.plan.service import Image, Repository, Service
from bgspec.plan.sources import SOURCE_ARTIFACT, Source
from bgspec.spec import Pipeline, S3Cache, Testing


class Building(NamedTuple):
    """An image that the project builds."""

    image: Image
    repository: Repository


class Project(NamedTuple):
    """How one service is built, and what is deployed of it put together."""

    service: Service
    machine: Machine
    builds: tuple[Building, ...]
    """What it builds; nothing where the image is pushed by somebody else."""
    pushed: tuple[str, ...]
    """The artifact that tells which image was pushed by somebody else, or none."""
    files: tuple[str, ...]
    """The buildspec that is rendered, or none where the user has one."""
    tag: str
    """The shell's expression for the tag of what is built."""
    runtimes: tuple[tuple[str, str], ...]
    """Languages and their versions."""
    tests: tuple[str, ...]
    """What must succeed before the image is built."""
    kept: tuple[str, ...]
    """The paths of files that are kept for the next build."""
    artifact: str
    """The deploy artifact that comes out."""

    @property
    def name(self) -> str:
        return self.machine.name


class Common(NamedTuple):
    """What all projects of a pipeline have in common."""

    wanted: Pipeline
    source: Source
    layout: Layout
    place: Place


def resolve(common: Common, services: tuple[Service, ...]) -> tuple[Project, ...]:
    """The projects of all services that the pipeline deploys."""
    pushed = {image.service.key: image.artifact for image in common.source.pushed}
    if pushed:
        deployed = tuple(service for service in services if service.key in pushed)
    else:
        deployed = tuple(service for service in services if service.repository)
    return tuple(_project(common, service, pushed.get(service.key, "")) for service in deployed)


def _project(common: Common, service: Service, pushed: str) -> Project:
    wanted, names, key = common.wanted.build, common.place.names, service.key
    builds = (Building(service.image, service.repository),) if service.image and service.repository and not pushed else ()
    kept = tuple(wanted.cache.s3) if isinstance(wanted.cache, S3Cache) else ()
    rendered = common.layout.buildspec(key)
    purpose = Purpose(
        id=logical_id(key, "BuildProject"),
        name=names.build_project(key),
        title=f"Builds the image of {key} as its buildspec says."
        if builds
        else f"Puts together what is deployed of {key}: the image is pushed by somebody else.",
        description=f"Image of {key}",
        role_id=logical_id(key, "BuildRole"),
        role_name=names.role("build", key),
        role_description=f"CodeBuild {'builds and pushes the image of' if builds else 'puts together what is deployed of'} {key} with it",
        buildspec=posixpath.normpath(wanted.buildspec) if wanted.buildspec else common.layout.in_source(rendered),
        section="pipeline.build",
        architecture=service.architecture,
        docker=bool(builds),
        variables=(
            Variable("AWS_ACCOUNT_ID", common.place.account),
            *(variable for building in builds for variable in _where(building)),
            *(_told(common.layout, key) if wanted.buildspec else ()),
        ),
        statements=tuple(statement for building in builds for statement in (REGISTRY_TOKEN, push((building.repository.arn,)))),
        cache=key if kept else "",
    )
    return Project(
        service=service,
        machine=machine(common.place, purpose, wanted),
        builds=builds,
        pushed=(pushed,) if pushed else (),
        files=() if wanted.buildspec else (rendered,),
        tag=common.source.tag,
        runtimes=tuple(wanted.runtimes.items()),
        tests=tuple(wanted.test),
        kept=kept,
        artifact=logical_id(key, "Deploy"),
    )


def _where(building: Building) -> tuple[Variable, ...]:
    return Variable("REPOSITORY_NAME", building.repository.name), Variable("REPOSITORY_URI", building.repository.uri)


def _told(layout: Layout, key: str) -> tuple[Variable, ...]:
    """What a buildspec of the user's own must know, because one may serve several services."""
    return (
        Variable("SERVICE", key),
        Variable("TASKDEF", layout.in_source(layout.taskdef(key))),
        Variable("APPSPEC", layout.in_source(layout.appspec(key))),
    )


def action(project: Project) -> Action:
    """The pipeline's action that runs the project (CP action-reference-CodeBuild)."""
    return Action(
        f"Build-{project.service.key}",
        f"{'builds the image, pushes it' if project.builds else 'takes the image that was pushed'} and hands on what the deployment needs",
        "Build",
        "CodeBuild",
        (
            (Word("ProjectName"), project.name),
            # With more than one input CodeBuild asks in which of them the buildspec lies.
            *(((Word("PrimarySource"), SOURCE_ARTIFACT),) if project.pushed else ()),
        ),
        (SOURCE_ARTIFACT, *project.pushed),
        (project.artifact,),
    )


class Tests(NamedTuple):
    """The stage that tests every commit."""

    machine: Machine
    runtimes: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    path: str
    """Its buildspec, as it is rendered."""

    @property
    def action(self) -> Action:
        """CP action-reference-CodeBuild: tests need not hand anything on."""
        configuration = ((Word("ProjectName"), self.machine.name),)
        return Action(
            "Test", "runs the tests; what they print is in the build's log", "Test", "CodeBuild", configuration, (SOURCE_ARTIFACT,), ()
        )


def tests(common: Common, wanted: Testing) -> Tests:
    names, path = common.place.names, common.layout.testspec()
    purpose = Purpose(
        id=Word("TestProject"),
        name=names.test_project(),
        title="Tests every commit before anything is built. (spec: pipeline.test)",
        description="Tests",
        role_id=Word("TestRole"),
        role_name=names.role("test"),
        role_description="CodeBuild runs the tests with it",
        buildspec=common.layout.in_source(path),
        section="pipeline.test",
    )
    return Tests(machine(common.place, purpose, wanted), tuple(wanted.runtimes.items()), tuple(wanted.commands), path)
