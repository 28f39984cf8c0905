"""Makes tests/golden/ what the compiler makes of the specs now: `python -m tests.bless`. Read the diff before you commit it."""

import shutil

from tests.corpus import GOLDEN, artifacts, specs
from tests.output import names


def bless() -> None:
    for name in specs():
        made = artifacts(name)  # a spec with an error takes nothing away
        if (GOLDEN / name).exists():
            shutil.rmtree(GOLDEN / name)
        for artifact in made:
            path = GOLDEN / name / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text, encoding="utf-8", newline="")
            path.chmod(0o755 if artifact.executable else 0o644)
    for path in GOLDEN.iterdir():
        if path.name not in specs():
            shutil.rmtree(path)
    for name in names.RECORDED:
        names.bless(name)


if __name__ == "__main__":
    bless()
