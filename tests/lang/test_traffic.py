"""Rules and their priorities: unique, stable, the more precise first; one rule for each service where both groups stand in it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bgspec.plan import resolve, traffic
from bgspec.spec.read import read

HOSTS = ["a.example.com", "b.example.com", "*.example.org"]
ROUTES = st.builds(
    lambda path, host, method, priority: {
        key: value for key, value in {"path": path, "host": host, "method": method, "priority": priority}.items() if value is not None
    },
    st.one_of(st.none(), st.text("abcxyz/*", max_size=20).map("/".__add__)),
    st.one_of(st.none(), st.sampled_from(HOSTS)),
    st.one_of(st.none(), st.sampled_from(["GET", "POST"])),
    st.none(),
).filter(bool)
SERVICES = st.lists(st.lists(ROUTES, min_size=1, max_size=4), min_size=1, max_size=5)


def spec_of(routes):
    services = {f"s{chr(97 + place)}": {"image": {"build": "."}, "port": 80, "routes": one} for place, one in enumerate(routes)}
    return read({"bgspec": 1, "system": "shop", "environment": "dev", "region": "us-east-1", "services": services}).spec


def traffic_of(routes, *, weighted=False):
    spec = spec_of(routes)
    plan = resolve(spec)
    return traffic.resolve(spec, plan.services, plan.load_balancer, weighted=weighted)


@given(SERVICES)
def test_priorities_are_unique_on_each_listener_and_within_the_limit(routes):
    for kind in ("production", "test"):
        found = [rule.priority for rule in traffic_of(routes).rules if rule.listener.kind == kind]
        assert len(set(found)) == len(found) == sum(map(len, routes))
        assert all(1 <= priority < traffic.LAST_PRIORITY for priority in found)


@given(SERVICES, st.lists(ROUTES, min_size=1, max_size=4))
def test_a_service_that_is_added_moves_no_rule(routes, added):
    before = {rule.id: rule.priority for rule in traffic_of(routes).rules}
    after = {rule.id: rule.priority for rule in traffic_of([*routes, added]).rules}
    assert before.items() <= after.items()


def rules_of(routes):
    return {rule.id: (rule.priority, rule.conditions, rule.target.service) for rule in traffic_of(routes).rules}


@given(SERVICES, st.data())
def test_a_route_that_comes_or_goes_anywhere_changes_no_other_rule(routes, data):
    everything = rules_of(routes)
    assume(len({repr(route) for one in routes for route in one}) == sum(map(len, routes)))
    alone = [next(iter(rules_of([[route]]).values()))[0] for one in routes for route in one]
    assume(len(set(alone)) == len(alone))  # where two meet on one number, the later one takes the next
    service = data.draw(st.sampled_from(range(len(routes))))
    place = data.draw(st.sampled_from(range(len(routes[service]))))
    fewer = [[*one] for one in routes]
    del fewer[service][place]
    left = rules_of(fewer)
    kept = {name: rule for name, rule in left.items() if fewer[service] or rule[2] != f"s{chr(97 + service)}"}
    assert kept.items() <= everything.items()
    assert len(everything) - len(kept) == 2


@given(ROUTES, ROUTES)
def test_the_more_precise_route_is_asked_first(one, other):
    first, second = (rule for rule in traffic_of([[one], [other]]).rules if rule.listener.kind == "production")
    precision = [(len(route), len(route.get("path", "*"))) for route in (one, other)]
    if precision[0] != precision[1]:
        assert (precision[0] > precision[1]) == (first.priority < second.priority)


@given(SERVICES)
def test_both_listeners_have_the_same_rules(routes):
    rules = traffic_of(routes).rules
    seen = {
        kind: [(rule.priority, rule.conditions, rule.target) for rule in rules if rule.listener.kind == kind]
        for kind in ("production", "test")
    }
    assert seen["production"] == seen["test"]


def test_where_both_groups_stand_in_a_rule_each_service_has_one():
    found = traffic_of([[{"path": "/a"}, {"path": "/b"}], [], [{"host": "a.example.com", "path": "/*"}]], weighted=True)
    production = [rule for rule in found.rules if rule.listener.kind == "production"]
    assert [[condition.values for condition in rule.conditions] for rule in production] == [
        [("/a", "/b")],
        [("/*",)],
        [("a.example.com",), ("/*",)],
    ]
    assert production[1].priority == traffic.LAST_PRIORITY
    assert found.default == ()
    for rule in found.rules:
        assert [(share.group, share.weight) for share in rule.weights] == [(rule.target.blue, 1), (rule.target.green, 0)]


@pytest.mark.parametrize(
    ("routes", "together"),
    [
        ([{"path": "/a"}], True),
        ([{"path": "/a"}, {"path": "/b"}, {"path": "/c"}], True),
        ([{"path": "/a", "host": "a.example.com"}, {"path": "/a", "host": "b.example.com"}], True),
        ([{"path": "/a", "host": "a.example.com"}, {"path": "/b", "host": "b.example.com"}], False),
        ([{"path": "/a"}, {"host": "a.example.com"}], False),
        ([{"path": "/a"}, {"path": "/a", "method": "GET"}], False),
        ([{"header": {"X-A": "1"}}, {"header": {"X-B": "1"}}], False),
        ([{"header": {"X-A": "1"}}, {"header": {"X-A": "2"}}], True),
    ],
)
def test_routes_that_differ_in_one_thing_fit_into_one_rule(routes, together):
    assert traffic.one_rule(spec_of([routes]).services["sa"].routes) is together


def test_the_service_without_routes_gets_the_rest():
    assert [target.service for target in traffic_of([[{"path": "/api/*"}], []]).default] == ["sb"]
