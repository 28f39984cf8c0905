"""Writes docs/engines.md: `python -m tests.lang.docs`."""

from typing import get_args

from bgspec.plan.engines import ACTION_TOTAL, FEATURES, LIMITS, Limits, Name
from tests.corpus import ROOT

_WORDS = {
    "linear": "smallest step of a linear shift, in percent",
    "wait": "longest time between two steps, in minutes",
    "approval": "longest wait for a person's word, in minutes",
    "stays": "longest that the old version stays, in minutes",
    "rules": "rules of a listener that one deployment moves",
    "total": "longest deployment that CloudFormation, or CodePipeline, waits for, in minutes",
}


def page() -> str:
    engines = get_args(Name)
    bar = "---|" * (len(engines) + 2)
    lines = [
        "# Engines",
        "",
        "What carries a deployment out (`deployment.engine`), and what each engine has. One table decides what is legal",
        "(bgspec/plan/engines.py); the error about what an engine has not names the one that has it.",
        "",
        f"| word | {' | '.join(f'`{name}`' for name in engines)} | source |",
        f"|{bar}",
        *(
            f"| `{one.name}` | {' | '.join('yes' if name in one.engines else 'no' for name in engines)} | {one.source} |"
            for one in FEATURES
        ),
        "",
        f"| limit | {' | '.join(f'`{name}`' for name in engines)} |",
        f"|{bar[:-4]}",
        *(f"| {_WORDS[wish]} | {' | '.join(str(getattr(LIMITS[name], wish) or 'all') for name in engines)} |" for wish in Limits._fields),
        "",
        f"With `deploy: ecs-action` CodePipeline waits {ACTION_TOTAL} minutes only.",
        "Sources: `bc:` botocore's models, `CD` CodeDeploy User Guide, `CP` CodePipeline User Guide, `ECS` ECS Developer Guide.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs/engines.md").write_text(page(), encoding="utf-8")
