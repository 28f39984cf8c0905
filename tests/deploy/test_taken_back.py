"""What a spec says no longer is taken from the service, too: ECS keeps whatever an update does not speak of."""

import pytest

from tests.deploy.bench import SMALL, Bench

NATIVE = SMALL + "deployment: {engine: ecs}\n"
CALLED = "  mails:\n    image: {uri: public.ecr.aws/x/mails:1}\n    port: 25\n    protocol: tcp\n    load_balancer: false\n"


def calling(text: str) -> str:
    """With shells, and a service that the first one calls."""
    return text.replace("  web:\n", "  web:\n    exec: true\n    connect: [mails]\n") + CALLED


def services(bench: Bench) -> dict[str, dict]:
    names = [f"shop-dev-service-{key}-01" for key in ("web", "mails")]
    found = bench.client("ecs").describe_services(cluster="shop-dev-cluster-01", services=names)["services"]
    return {one["serviceName"].split("-")[3]: one for one in found}


@pytest.mark.parametrize("provider", ["dns", "service-connect"])
def test_names_proxies_and_shells_leave(bench: Bench, provider: str) -> None:
    plain, _, engine = NATIVE.partition("deployment:")
    tail = f"deployment:{engine}discovery: {{provider: {provider}}}\n"
    bench.spec(calling(plain) + tail)
    assert bench.apply().code == 0
    before = services(bench)
    assert before["web"]["enableExecuteCommand"]
    assert before["mails"]["serviceRegistries"] if provider == "dns" else before["mails"]["deployments"][0]["serviceConnectConfiguration"]
    bench.spec(plain + CALLED + "deployment:" + engine)
    done = bench.apply("--allow", "discovery")
    assert done.code == 0, done
    after = services(bench)
    assert not after["web"]["enableExecuteCommand"]
    assert not after["mails"]["serviceRegistries"]
    assert not after["mails"]["deployments"][0].get("serviceConnectConfiguration", {}).get("enabled")


def test_alarms_leave(bench: Bench) -> None:
    bench.spec(NATIVE.replace("{engine: ecs}", "{engine: ecs, rollback: {alarms: [{metric: target-5xx, above: 10}]}}"))
    assert bench.apply().code == 0
    assert services(bench)["web"]["deploymentConfiguration"]["alarms"]["enable"]
    bench.spec(NATIVE)
    done = bench.apply("--allow", "alarms")
    assert done.code == 0, done
    assert services(bench)["web"]["deploymentConfiguration"]["alarms"] == {"alarmNames": [], "enable": False, "rollback": False}


def test_alarms_of_codedeploy_leave(bench: Bench) -> None:
    bench.spec(SMALL + "deployment: {rollback: {alarms: [{metric: target-5xx, above: 10}]}}\n")
    assert bench.apply().code == 0

    def watched() -> bool:
        where = {"applicationName": "shop-dev-app-01", "deploymentGroupName": "shop-dev-dg-web-01"}
        return bench.client("codedeploy").get_deployment_group(**where)["deploymentGroupInfo"]["alarmConfiguration"]["enabled"]

    assert watched()
    bench.spec(SMALL)
    done = bench.apply("--allow", "alarms")
    assert done.code == 0, done
    assert not watched()
