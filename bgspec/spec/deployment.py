"""What a user may write about how a new version replaces the old one."""

from typing import Annotated, Literal

from pydantic import Field, Tag

from bgspec.spec.types import Duration, Section, Share, kind_by_key


class Canary(Section):
    """A share of the traffic first, the rest after a while."""

    canary: Annotated[int, Share(1, 99)]
    """How much of the traffic moves first."""
    after: Annotated[int, Duration("1m", "2d", step="1m")]
    """When the rest follows."""


class Linear(Section):
    """The traffic in equal steps."""

    linear: Annotated[int, Share(1, 99)]
    """How much of the traffic each step moves."""
    every: Annotated[int, Duration("1m", "2d", step="1m")]
    """The time from one step to the next."""


Shift = Annotated[
    Annotated[Literal["all-at-once"], Tag("<word>")] | Annotated[Canary, Tag("<canary>")] | Annotated[Linear, Tag("<linear>")],
    kind_by_key("canary", "linear", default="canary"),
]


class Rollback(Section):
    on: list[Literal["failure", "stop"]] = Field(default=["failure", "stop"], min_length=1)
    """What takes the traffic back to the old version: a failed deployment, a stopped one."""


class CodeDeployDeployment(Section):
    """Blue/green by CodeDeploy, as in the article."""

    engine: Literal["codedeploy"] = "codedeploy"
    """What carries deployments out: `codedeploy`, as in the article."""
    shift: Shift = "all-at-once"
    """How production traffic moves to the new version."""
    terminate_after: Annotated[int, Duration("0m", "2800m", step="1m")] = 300
    """How long the old version stays, ready to take the traffic back, before its tasks end."""
    rollback: Rollback = Rollback()
    """When the traffic goes back by itself."""


Deployment = CodeDeployDeployment
