"""`plan` and `apply` from nothing, and again."""

import json

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from tests.deploy.bench import ARTICLE, SMALL, Bench


def test_an_empty_account_becomes_the_article_in_one_command(bench: Bench) -> None:
    bench.spec(ARTICLE)
    result = bench.apply()
    assert result.code == 0, result.err
    stacks = bench.stacks()
    assert len(stacks) == 11
    assert set(stacks.values()) == {"CREATE_COMPLETE"}
    images = bench.client("ecr").describe_images(repositoryName="cf1-stg-ecr-fargate-01")["imageDetails"]
    assert any("first" in image["imageTags"] for image in images)
    branch = bench.client("codecommit").get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]
    folder = bench.client("codecommit").get_folder(repositoryName="cf1-stg-repo-01", folderPath="/", commitSpecifier=branch["commitId"])
    assert {"taskdef.json", "appspec.yaml", "buildspec.yml"} <= {file["absolutePath"] for file in folder["files"]}
    policy = bench.client("cloudformation").get_stack_policy(StackName="cf1-stg-stack-traffic-01")["StackPolicyBody"]
    assert "AWS::ElasticLoadBalancingV2::Listener" in policy
    assert "NOT OK" not in result.err
    assert not bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]


def test_a_second_apply_changes_nothing(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    before = bench.calls()
    result = bench.apply()
    assert result.code == 0, result.err
    again = bench.calls()
    assert again.get("cloudformation:ExecuteChangeSet") == before.get("cloudformation:ExecuteChangeSet")
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}
    assert bench.plan("--exit-code").code == 0


def test_plan_leaves_nothing_behind(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.plan("--exit-code").code == 10
    assert bench.stacks() == {}
    assert bench.apply().code == 0
    bench.spec(SMALL.replace("port: 80", "port: 80\n    cpu: 512"))
    assert bench.actions()["service-web"] == "deployment"
    cloudformation = bench.client("cloudformation")
    for name in bench.stacks():
        kept = cloudformation.list_change_sets(StackName=name)["Summaries"]
        assert all(one["ExecutionStatus"].startswith("EXECUTE_") for one in kept)


def test_a_listener_is_never_sent_again(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    before = bench.stacks()
    bench.spec(SMALL + "load_balancer:\n  test:\n    port: 9090\n")
    plan = bench.plan()
    assert plan.code == 3
    assert "TestListener would be sent again" in plan.out
    assert f"{bench.file}:13" in plan.out  # where `test:` stands
    assert bench.apply().code == 3
    assert bench.stacks() == before


def test_changed_tags_touch_neither_listeners_nor_the_service(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(SMALL + "tags:\n  Owner: web\n")
    actions = bench.actions()
    assert actions["network"] == "changed"
    assert actions["traffic"] == "nothing"
    assert actions["service-web"] == "nothing"
    assert bench.apply().code == 0


def test_another_account_is_refused_before_anything_is_touched(bench: Bench, monkeypatch) -> None:
    from bgspec.deploy import aws

    bench.spec(SMALL + 'account: "210987654321"\n')
    monkeypatch.setattr(aws.Aws, "account", lambda _: "123456789012")
    result = bench.apply()
    assert result.code == 3
    assert f"credentials are for account 123456789012, the spec says 210987654321 ({bench.file}:12)" in result.err
    assert bench.calls() == {}


def test_another_region_is_refused(bench: Bench) -> None:
    bench.spec(SMALL)
    result = bench.apply("--region", "eu-west-1")
    assert result.code == 2
    assert "--region eu-west-1 is not the spec's ap-northeast-1" in result.err
    assert bench.calls() == {}


def _refuse(*_: object) -> None:
    raise AwsError("AccessDenied", "User is not authorized to perform: iam:GetRole", 403)


def test_a_failed_stack_is_told_with_its_first_cause_and_made_anew(bench: Bench) -> None:
    bench.spec(SMALL)
    # Somebody has the role's name already, and these credentials may not see it.
    bench.patch.setitem(REGISTRY["iam"].operations, "get_role", _refuse)
    iam = bench.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="shop-dev-role-exec-web-01", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    result = bench.apply()
    assert result.code == 3
    assert "service-web      FAILED WebExecutionRole (AWS::IAM::Role)" in result.err
    assert "already exists" in result.err
    assert f"--> {bench.file}:8" in result.err  # where `web:` stands
    assert bench.stacks()["shop-dev-stack-service-web-01"] == "ROLLBACK_COMPLETE"
    assert "deployment" in result.err.splitlines()[-1]
    iam.delete_role(RoleName="shop-dev-role-exec-web-01")
    again = bench.apply()
    assert again.code == 0, again.err
    assert "is in ROLLBACK_COMPLETE" in again.err
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}


def test_routes_come_and_go_anywhere(bench: Bench) -> None:
    services = "  api:\n    image:\n      uri: public.ecr.aws/nginx/nginx:1.27\n    port: 80\n    routes:\n"
    base = SMALL.replace("services:\n", f"services:\n{services}%s")
    for paths in (["/api/*", "/v1/*"], ["/orders/*", "/api/*", "/v1/*"], ["/orders/*", "/v1/*"]):
        bench.spec(base % "".join(f"      - path: {path}\n" for path in paths))
        result = bench.apply()
        assert result.code == 0, result.err
        listeners = bench.client("elbv2").describe_listeners(
            LoadBalancerArn=bench.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
        )["Listeners"]
        for listener in listeners:
            rules = bench.client("elbv2").describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            found = {value for rule in rules for condition in rule["Conditions"] for value in condition["PathPatternConfig"]["Values"]}
            assert found == set(paths)
