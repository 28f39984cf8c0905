"""After the first deployment: traffic moves only by a deployment, and a service of CodeDeploy is never updated."""

import json

from tests.deploy.bench import SMALL, Bench

TRAFFIC = "shop-dev-stack-traffic-01"
WITH_512 = SMALL.replace("    port: 80\n", "    port: 80\n    cpu: 512\n")


def live(bench: Bench) -> dict:
    return json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"][0]


def test_a_changed_task_is_deployed_and_the_colour_kept(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert live(bench)["colour"] == "blue"
    bench.spec(WITH_512)
    plan = bench.plan()
    assert "new deployment" in plan.out
    result = bench.apply()
    assert result.code == 0, result.err
    assert live(bench)["colour"] == "green"
    assert live(bench)["revision"].endswith(":2")
    before, moved = bench.calls(), bench.weights(TRAFFIC)
    for text in (WITH_512, WITH_512 + "tags:\n  Owner: web\n"):
        bench.spec(text)
        assert bench.apply().code == 0
        assert bench.weights(TRAFFIC) == moved
    after = bench.calls()
    for call in ("elbv2:ModifyListener", "elbv2:ModifyRule", "ecs:UpdateService", "codedeploy:CreateDeployment"):
        assert after.get(call) == before.get(call), call
    bench.spec(SMALL)  # and back, by a deployment again
    assert bench.apply().code == 0
    assert live(bench)["colour"] == "blue"


def test_a_failing_deployment_is_told_and_leaves_traffic_alone(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    before = bench.weights(TRAFFIC)
    with bench.world.lock:
        bench.world.broken_images["nginx:1.28"] = "exit"
    bench.spec(SMALL.replace("nginx:1.27", "nginx:1.28"))
    result = bench.apply()
    assert result.code == 3
    assert "a task stopped" in result.err
    assert bench.weights(TRAFFIC) in (before, {"01": 100, "02": 0})
    assert live(bench)["image"].endswith("nginx:1.27")


def test_nothing_is_changed_while_a_deployment_waits(bench: Bench) -> None:
    waits = SMALL + "deployment:\n  approval:\n    before: traffic\n    timeout: 60m\n"
    bench.spec(waits)
    assert bench.apply().code == 0
    bench.world.speed = 300
    bench.spec(waits.replace("    port: 80\n", "    port: 80\n    cpu: 512\n"))
    result = bench.apply()
    assert result.code == 0, result.err
    assert "waits for your word" in result.err
    assert live(bench)["colour"] == "blue"
    stacks = bench.stacks()
    plan = bench.plan()
    assert "of shop-dev-task-web-01:2, under way already" in plan.out
    assert "4 tasks run, 2 are wanted" in plan.out
    assert "not now" not in plan.out
    again = bench.apply()
    assert again.code == 0
    assert "waits for your word" in again.err
    bench.spec(waits.replace("    port: 80\n", "    port: 80\n    cpu: 1024\n"))
    refused = bench.apply()
    assert refused.code == 3
    assert "is Ready" in refused.err
    assert f"It waits for your word: `bgspec release {bench.file} continue`, or `bgspec release {bench.file} stop`." in refused.err
    assert "of shop-dev-task-web-01:2" not in refused.err  # what comes is newer
    assert bench.stacks() == stacks
    bench.world.speed = 3000
    go = bench.run("release", str(bench.file), "continue", "--sandbox")
    assert go.code == 0, go.err
    assert live(bench)["colour"] == "green"


def test_the_last_deployment_can_be_taken_back(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    nothing = bench.run("release", str(bench.file), "rollback", "--sandbox")
    assert nothing.code == 3
    assert "nothing to go back to" in nothing.err
    bench.spec(WITH_512)
    assert bench.apply().code == 0
    back = bench.run("release", str(bench.file), "rollback", "--sandbox")
    assert back.code == 0, back.err
    assert live(bench)["colour"] == "blue"
    assert live(bench)["revision"].endswith(":1")
    assert f"{bench.file} still asks for shop-dev-task-web-01:2: the next apply brings it again" in back.err
    forth = bench.run("release", str(bench.file), "rollback", "--sandbox")
    assert forth.code == 0, forth.err
    assert live(bench)["revision"].endswith(":2")
    assert "still asks" not in forth.err


def test_back_is_another_revision_also_after_a_stop_and_in_a_second_life(bench: Bench) -> None:
    """A stop is followed by a deployment of its own; and the first revision is not number 1 where the family is older."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev").code == 0
    waits = SMALL + "deployment:\n  approval:\n    before: traffic\n    timeout: 60m\n"
    bench.spec(waits)
    made = bench.apply("--adopt")
    assert made.code == 0, made.err
    assert live(bench)["revision"].endswith(":2")
    for cpu, action, revision in ((512, "continue", 3), (1024, "stop", 3)):
        bench.spec(waits.replace("    port: 80\n", f"    port: 80\n    cpu: {cpu}\n"))
        bench.world.speed = 300
        assert bench.apply().code == 0
        bench.world.speed = 3000
        assert bench.run("release", str(bench.file), action, "--sandbox").code == 0
        assert live(bench)["revision"].endswith(f":{revision}")
    bench.world.speed = 300
    back = bench.run("release", str(bench.file), "rollback", "--sandbox")
    assert back.code == 0, back.err
    assert "of shop-dev-task-web-01:2, back from shop-dev-task-web-01:3" in back.err
    bench.spec(SMALL)
    plan = bench.plan()
    assert plan.code == 0
    assert "It waits for your word" in plan.out  # what apply would begin is not what is under way
    bench.world.speed = 3000
    assert bench.run("release", str(bench.file), "continue", "--sandbox").code == 0
    assert live(bench)["revision"].endswith(":2")


def test_another_engine_takes_two_steps_and_is_not_begun(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    stacks = bench.stacks()
    bench.spec(SMALL + "deployment:\n  engine: ecs\n")
    plan = bench.plan()
    assert plan.code == 3
    assert "TWO STEPS" in plan.out
    assert "migrate-codedeploy-to-ecs-bluegreen" in plan.out
    assert f"--> {bench.file}:13" in plan.out
    assert plan.out.count("comes with the other engine: see service-web") == 2  # the listeners, and what CodeDeploy has
    assert "--allow" not in plan.out
    assert bench.actions()["service-web"] == "two steps"
    assert bench.apply().code == 3
    assert bench.stacks() == stacks


def test_no_service_goes_to_codedeploy(bench: Bench) -> None:
    bench.spec(SMALL + "deployment:\n  engine: ecs\n")
    assert bench.apply().code == 0
    bench.spec(SMALL)
    plan = bench.plan()
    assert plan.code == 3
    assert "AWS lets no service change to CodeDeploy" in plan.out


def test_a_new_route_waits_until_blue_is_live(bench: Bench) -> None:
    """Its rule would send the first requests to blue, where nothing runs while green is live."""
    routed = SMALL + "  api:\n    image: {uri: public.ecr.aws/nginx/nginx:1.27}\n    port: 80\n    routes: [{path: /api}]\n"
    bench.spec(routed)
    made = bench.apply()
    assert made.code == 0, made.err
    more = routed.replace("{path: /api}", "{path: /api}, {path: /v2}")
    bench.spec(more)
    assert bench.actions()["traffic"] == "changed"
    bench.spec(routed.replace("    port: 80\n    routes", "    port: 80\n    cpu: 512\n    routes"))
    assert bench.apply().code == 0
    bench.spec(more.replace("    port: 80\n    routes", "    port: 80\n    cpu: 512\n    routes"))
    plan = bench.plan()
    assert plan.code == 3
    assert "deploy once more, so that blue is live" in plan.out
