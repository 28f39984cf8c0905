"""What the tasks that run need of their roles stays until new ones have taken over."""

import json

from tests.deploy.bench import ACCOUNT, REGION, SMALL, Bench
from tests.deploy.test_deployments import live

ROLE = "shop-dev-role-exec-web-01"
GATED = SMALL + "deployment:\n  approval:\n    before: traffic\n    timeout: 60m\n"
NATIVE = SMALL + "deployment:\n  engine: ecs\n"


def token(text: str, name: str) -> str:
    return text.replace("    port: 80\n", f"    port: 80\n    secrets: {{TOKEN: /shop/{name}}}\n")


def plant(bench: Bench) -> None:
    for name in ("old", "new", "newest"):
        bench.client("ssm").put_parameter(Name=f"/shop/{name}", Value=name, Type="SecureString")


def rights(bench: Bench) -> str:
    iam = bench.client("iam")
    names = iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    return json.dumps([iam.get_role_policy(RoleName=ROLE, PolicyName=name)["PolicyDocument"] for name in names])


def reads(bench: Bench) -> set[str]:
    return {name for name in ("old", "new", "newest") if f'parameter/shop/{name}"' in rights(bench)}


def test_the_old_rights_stay_until_the_new_tasks_run(bench: Bench) -> None:
    plant(bench)
    bench.spec(token(GATED, "old"))
    assert bench.apply().code == 0
    bench.world.speed = 300
    bench.spec(token(GATED, "new"))
    assert "stays until new ones have taken over" in bench.plan().out
    made = bench.apply()
    assert made.code == 0, made.err
    assert reads(bench) == {"old", "new"}
    assert bench.actions()["service-web"] == "nothing"  # for now
    bench.world.speed = 3000
    assert bench.run("release", str(bench.file), "stop", "--sandbox").code == 0
    assert reads(bench) == {"old", "new"}  # what it is back to needs the old one
    bench.spec(token(SMALL, "newest"))
    done = bench.apply()
    assert done.code == 0, done.err
    assert live(bench)["revision"].endswith(":3")
    assert reads(bench) == {"newest"}
    assert set(bench.actions().values()) == {"nothing"}


def test_one_apply_takes_them_away_where_nobody_is_asked(bench: Bench) -> None:
    plant(bench)
    for text in (SMALL, NATIVE):
        bench.spec(token(text, "old"))
        assert bench.apply().code == 0
        bench.spec(token(text, "new"))
        done = bench.apply()
        assert done.code == 0, done.err
        assert reads(bench) == {"new"}
        assert set(bench.actions().values()) == {"nothing"}
        assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev", "--delete-data").code == 0


def test_a_right_alone_goes_at_once(bench: Bench) -> None:
    """Nobody waits for a deployment that does not come."""
    allowed = SMALL.replace(
        "    port: 80\n", "    port: 80\n    permissions: [{actions: [s3:GetObject], resources: ['arn:aws:s3:::a/*']}]\n"
    )
    bench.spec(allowed)
    assert bench.apply().code == 0
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert set(bench.actions().values()) == {"nothing"}
    iam = bench.client("iam")
    assert not iam.list_role_policies(RoleName="shop-dev-role-task-web-01")["PolicyNames"]


def test_the_image_that_runs_can_be_pulled_from_where_it_is(bench: Bench) -> None:
    """Another repository gets its first image by the next build: until then the old one is pulled from."""
    for name in ("house/web", "house/other"):
        bench.client("ecr").create_repository(repositoryName=name)

    def built(repository: str) -> str:
        return SMALL.replace("uri: public.ecr.aws/nginx/nginx:1.27", f"build: container\n      repository: {repository}")

    bench.spec(built("house/web"))
    made = bench.apply("--source", str(bench.directory))
    assert made.code == 0, made.err
    bench.spec(built("house/other"))
    moved = bench.apply("--source", str(bench.directory))
    assert moved.code == 0, moved.err
    assert f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/house/web:" in live(bench)["image"]
    assert "repository/house/web" in rights(bench)
    assert "repository/house/other" in rights(bench)
    assert set(bench.actions().values()) == {"nothing"}
