"""The whole way of the data on one page: text, document, spec, plan, findings, artifacts."""

from typing import TYPE_CHECKING, NamedTuple

from bgspec import checks
from bgspec.diagnostics import Diagnostic, Finding
from bgspec.document import Document, parse
from bgspec.document.rules import NOT_UTF8, too_many_problems
from bgspec.overlays import View, finding, size, views
from bgspec.plan import Plan, resolve
from bgspec.report import tidy
from bgspec.silences import silence
from bgspec.spec.read import read

if TYPE_CHECKING:
    from bgspec.render import Artifact

_MOST_FINDINGS = 5_000
"""Of the environments together; most of them are the same in each."""
_MOST_SALVAGED = 10_000
"""Values (see `overlays.size`) of a file with mistakes that is mended in several ways to see what else is wrong."""


class Compilation(NamedTuple):
    """What a file compiled to."""

    document: Document
    findings: tuple[Finding, ...]
    """Sorted; each once."""
    plans: tuple[Plan, ...]
    """One for each environment; empty where there are errors."""

    @property
    def unreadable(self) -> bool:
        """Whether the file holds no text at all."""
        return any(found.code == NOT_UTF8 for found in self.findings)

    @property
    def errors(self) -> bool:
        return any(found.severity == "error" for found in self.findings)

    def artifacts(self) -> "tuple[Artifact, ...]":
        """The output files of all environments."""
        from bgspec.render import render  # noqa: PLC0415  `validate` renders nothing

        return tuple(artifact for plan in self.plans for artifact in render(plan))


def compile_spec(data: bytes, name: str, environment: str | None = None) -> Compilation:
    """Compile a spec, or one environment of it. Never raises for a bad spec: what is wrong is among the findings.

    Args:
        data: the file's bytes.
        name: its name, as findings show it.
        environment: a key of `environments:`; without it all of them.
    """
    document = parse(data, name)
    environments, problems = views(document)
    whole = View(document, None, {})
    findings = [finding(whole, problem) for problem in (*document.problems, *problems)]
    plans = []
    salvaged = size(document) <= _MOST_SALVAGED
    checked = bool(environments)
    for view in environments:
        if len(findings) > _MOST_FINDINGS:
            findings.append(finding(view, too_many_problems(view.locate(("environment",)), len(findings))))
            break
        plan, diagnostics = _plan(view, shared=len(environments) > 1, salvaged=salvaged)
        findings += [finding(view, diagnostic) for diagnostic in diagnostics]
        checked = checked and plan is not None
        if plan and environment in {None, plan.environment}:
            plans.append(plan)
    findings = silence(findings, {name: document}, {name} if checked else ())
    names = [view.environment for view in environments if view.environment]
    failed = any(found.severity == "error" for found in findings)
    return Compilation(document, tuple(tidy(findings, names)), () if failed else tuple(plans))


def _plan(view: View, *, shared: bool, salvaged: bool) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    reading = read(view.tree)
    if reading.spec is None:
        if not salvaged:
            return None, reading.problems
        from bgspec.salvage import salvage  # noqa: PLC0415  only a wrong spec needs it

        return None, (*reading.problems, *salvage(view.tree, shared=shared))
    plan = resolve(reading.spec, shared=shared)
    problems = (*reading.problems, *checks.run(checks.Environment(reading.spec, plan, view.tree)))
    if plan.overrides and not any(problem.severity == "error" for problem in problems):
        from bgspec.overrides import rules  # noqa: PLC0415  most specs have none
        from bgspec.render import templates  # noqa: PLC0415  `validate` renders nothing else

        problems += rules.problems(plan.overrides, templates(plan))
    return plan, problems
