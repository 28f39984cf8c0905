"""What a user may write about which requests a service gets, and how they are spread over its tasks."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bgspec.spec.types import Duration, Section, says
from bgspec.spec.values import text

# Limits and characters: bc:elbv2.RuleCondition and the configurations of its kinds.
PathPattern = Annotated[
    str,
    StringConstraints(
        pattern=says(r"""^[/*][A-Za-z0-9_.$/~"'@:+&*?\-]*$""", "Write a path; `*` stands for any characters, `?` for one: `/api/*`."),
        max_length=128,
    ),
]
HostPattern = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9.*?\-]*\.[A-Za-z*?]+$", "Write a host name; `*` stands for any characters: `*.example.com`."),
        max_length=128,
    ),
]
Method = Annotated[str, StringConstraints(pattern=says(r"^[A-Z_\-]+$", "Write an HTTP method in capital letters: `GET`."), max_length=40)]
HeaderName = Annotated[
    str, StringConstraints(pattern=says(r"^[A-Za-z0-9!#$%&'*+.^_`|~\-]+$", "Write the name of an HTTP header: `X-Tenant`."), max_length=40)
]
HeaderPattern = Annotated[
    str, StringConstraints(pattern=says(r"^[ -~]+$", "Use plain ASCII characters."), max_length=128), BeforeValidator(text)
]


class Route(Section):
    """Requests that a service gets: all of this must be true. One rule on each listener (cfn:AWS::ElasticLoadBalancingV2::ListenerRule)."""

    path: PathPattern | None = None
    """The path of the request, with `*` for anything and `?` for any one character: `/api/*`. Upper and lower case differ
    (cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Conditions.PathPatternConfig)."""
    host: HostPattern | None = None
    """The host name that the request asks for, with the same wildcards: `api.example.com`, `*.example.com`
    (cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Conditions.HostHeaderConfig)."""
    method: Method | None = None
    """The request's method, in capital letters: `POST` (cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Conditions.HttpRequestMethodConfig).
    """
    header: dict[HeaderName, HeaderPattern] = Field(default={}, max_length=5)
    """Headers and what their values must be, with the same wildcards
    (cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Conditions.HttpHeaderConfig)."""
    priority: int | None = Field(default=None, ge=1, le=50000)
    """Which rule is asked first: the one with the smallest number. Without it the more precise rule is: the one with more conditions, then
    the one with the longer path (cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Priority)."""


class TargetGroup(Section):
    """How requests are spread over a service's tasks (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes)."""

    algorithm: Literal["round-robin", "least-outstanding-requests", "weighted-random"] = "round-robin"
    """Which task gets the next request (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes).

    - round-robin: each in its turn
    - least-outstanding-requests: the one with the fewest unanswered requests
    - weighted-random: any of them
    """
    deregistration_delay: Annotated[int, Duration("0s", "3600s")] = 60
    """How long a task that leaves may finish its requests; a deployment waits for it
    (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes)."""
    stickiness: Annotated[int, Duration("1s", "7d")] | None = None
    """How long a client stays with the task that answered it first, by a cookie of the load balancer; without it, it does not. Clients that
    stay are not moved by a canary or linear shift before their cookie ends
    (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes)."""
    slow_start: Annotated[int, Duration("30s", "900s")] | None = None
    """How long a new task gets only a growing share of the requests; without it, its whole share at once. Green never starts slowly: it
    takes effect only beside tasks that are well (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes)."""
