"""How an image is built, and how what is deployed is put together: one CodeBuild project for each service."""

import posixpath
from typing import NamedTuple

from bgspec.cfn import Word
from bgspec.naming import logical_id
from bgspec.plan.action import Action
from bgspec.plan.layout import Layout
from bgspec.plan.machine import REGISTRY_TOKEN, Machine, Place, Purpose, Variable, machine, push
from bgspec.plan.service import Build, Image, Service
from bgspec.plan.sources import SOURCE_ARTIFACT, Source
from bgspec.spec import Pipeline, S3Cache, Testing


class Project(NamedTuple):
    """How one service is built, and what is deployed of it put together."""

    service: Service
    machine: Machine
    builds: tuple[tuple[Image, Build], ...]
    """What it builds; nothing where the images are pushed by somebody else."""
    pushed: tuple[Image, ...]
    """The images that are pushed by somebody else, or none."""
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
    details: tuple[Image, ...]
    """The images whose imageDetail.json comes out as an artifact of its own: an artifact holds one file of that name, and the deploy
    artifact that of the first image."""

    @property
    def name(self) -> str:
        return self.machine.name


class Common(NamedTuple):
    """What all projects of a pipeline have in common."""

    wanted: Pipeline
    source: Source
    layout: Layout
    place: Place
    engine: str
    """Who deploys the services behind the load balancer."""


def resolve(common: Common, services: tuple[Service, ...]) -> tuple[Project, ...]:
    """The projects of all services that the pipeline deploys."""
    found = common.source.pushed
    pushed = {service.key: tuple(one.image for one in found if one.service.key == service.key) for service in services}
    deployed = tuple(service for service in services if (pushed[service.key] if found else service.built))
    return tuple(_project(common, service, pushed[service.key]) for service in deployed)


def _project(common: Common, service: Service, pushed: tuple[Image, ...]) -> Project:
    wanted, names, key = common.wanted.build, common.place.names, service.key
    builds = () if pushed else service.built
    many = "images" if len(service.brought) > 1 else "image"
    kept = tuple(wanted.cache.s3) if isinstance(wanted.cache, S3Cache) else ()
    rendered = common.layout.buildspec(key)
    purpose = Purpose(
        id=logical_id(key, "BuildProject"),
        name=names.build_project(key),
        title=f"Builds the {many} of {key} as its buildspec says."
        if builds
        else f"Puts together what is deployed of {key}: the {many} {'are' if len(pushed) > 1 else 'is'} pushed by somebody else.",
        description=f"{many.capitalize()} of {key}",
        role_id=logical_id(key, "BuildRole"),
        role_name=names.role("build", key),
        role_description=f"CodeBuild {f'builds and pushes the {many} of' if builds else 'puts together what is deployed of'} {key} with it",
        buildspec=posixpath.normpath(wanted.buildspec) if wanted.buildspec else common.layout.in_source(rendered),
        section="pipeline.build",
        architecture=service.architecture,
        docker=bool(builds),
        variables=(
            Variable("AWS_ACCOUNT_ID", common.place.account),
            *(variable for image, build in builds for variable in _where(image, build)),
            *(_told(common.layout, key) if wanted.buildspec else ()),
        ),
        statements=(REGISTRY_TOKEN, push(tuple(dict.fromkeys(build.repository.arn for _, build in builds)))) if builds else (),
        cache=key if kept else "",
    )
    return Project(
        service=service,
        machine=machine(common.place, purpose, wanted),
        builds=builds,
        pushed=pushed,
        files=() if wanted.buildspec else (rendered,),
        tag=common.source.tag,
        runtimes=tuple(wanted.runtimes.items()),
        tests=tuple(wanted.test),
        kept=kept,
        artifact=logical_id(key, "Deploy"),
        details=service.brought[1:] if service.kind == "service" and common.engine == "codedeploy" else (),
    )


def _where(image: Image, build: Build) -> tuple[Variable, ...]:
    repository = build.repository
    return Variable(f"REPOSITORY_NAME{image.suffix}", repository.name), Variable(f"REPOSITORY_URI{image.suffix}", repository.uri)


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
        f"{_does(project)} and hands on what the deployment needs",
        "Build",
        "CodeBuild",
        (
            (Word("ProjectName"), project.name),
            # With more than one input CodeBuild asks in which of them the buildspec lies.
            *(((Word("PrimarySource"), SOURCE_ARTIFACT),) if project.pushed else ()),
        ),
        (SOURCE_ARTIFACT, *(image.artifact for image in project.pushed)),
        (project.artifact, *(detail(image) for image in project.details)),
    )


def _does(project: Project) -> str:
    if project.builds:
        return "builds the images, pushes them" if len(project.builds) > 1 else "builds the image, pushes it"
    return "takes the images that were pushed" if len(project.pushed) > 1 else "takes the image that was pushed"


def detail(image: Image) -> str:
    """The artifact of an image's imageDetail.json, as the build hands it on."""
    return logical_id(image.artifact, "Detail")


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
    """The project of the test stage."""
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
