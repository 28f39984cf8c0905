"""All findings in one run: what the language refuses hides nothing of the rest, and brings nothing about."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgspec.compiler import compile_spec
from tests.checks.base import told

SPEC = """\
bgspec: 1
system: shop
environment: dev
region: us-east-1
network:
  cidr: 10.0.0.0/16
  egress: nat
  zones: 2
load_balancer:
  allow: [203.0.113.0/24, 198.51.100.0/24]
  idle_timeout: 60s
  test:
    port: 8080
services:
  web:
    image: {build: web}
    port: 8080
    cpu: 512
    memory: 1024
    count: 2
    environment:
      MODE: fast
    secrets:
      TOKEN: /shop/token
    health_check:
      path: /health
      interval: 10s
    depends_on: {proxy: start}
    sidecars:
      proxy:
        image: public.ecr.aws/nginx/nginx:1.29
        mounts: {cache: /cache}
    volumes: {cache: ephemeral}
    routes:
      - {path: /a/*, priority: 1}
      - {path: /b/*, priority: 2}
  api:
    image: {uri: public.ecr.aws/docker/library/httpd:2.4}
    port: 80
deployment:
  shift: {canary: 10%, after: 5m}
  terminate_after: 10m
pipeline:
  source:
    provider: codecommit
    branch: main
  build:
    environment: {STAGE: one}
"""

# What stands there, what stands there instead, what is found. They have nothing to do with each other.
MISTAKES = [
    ("system: shop", "system: Shop_1", "BG206 2:9"),
    ("region: us-east-1", "region: us-east-11", "BG206 4:9"),
    ("cidr: 10.0.0.0/16", "cidr: 10.0.0.1/16", "BG206 6:9"),
    ("egress: nat", "egres: nat", "BG201 7:3"),
    ("zones: 2", "zones: two", "BG203 8:10"),
    ("203.0.113.0/24, 1", "203.0.113.0/33, 1", "BG206 10:11"),
    ("idle_timeout: 60s", "idle_timeout: 60", "BG206 11:17"),
    ("idle_timeout: 60s", "idle_timeout: 2h", "BG205 11:17"),
    ("port: 8080\nservices", "port: 80\nservices", "BG401 13:11"),
    ("cpu: 512", "cpu: 500", "BG204 18:10"),
    ("memory: 1024", "memory: 1G", "BG203 19:13"),
    ("count: 2", 'count: "2"', "BG203 20:12"),
    ("MODE: fast", "PASSWORD: hunter2", "BG813 22:17"),
    ("path: /health", "path: health", "BG206 26:13"),
    ("interval: 10s", "interval: 1s", "BG205 27:17"),
    ("{proxy: start}", "{poxy: start}", "BG520 28:18"),
    ("nginx:1.29", "nginx:latest", "BG505 31:16"),
    ("{cache: /cache}", "{cach: /cache}", "BG524 32:18"),
    ("{path: /a/*, priority: 1}", "{pth: /a/*, priority: 1}", "BG201 35:10"),
    ("{path: /b/*, priority: 2}", "{path: /b/*, priority: 0}", "BG205 36:32"),
    ("{path: /b/*, priority: 2}", "{path: /b/*, priority: 1}", "BG451 36:32"),
    ("image: {uri: public.ecr.aws/docker/library/httpd:2.4}", "imgae: {uri: public.ecr.aws/docker/library/httpd:2.4}", "BG201 38:5"),
    ("httpd:2.4", "httpd", "BG505 38:18"),
    ("after: 5m", "every: 5m", "BG209 41:24"),
    ("terminate_after: 10m", "terminate_after: 10 minutes", "BG206 42:20"),
    ("provider: codecommit", "provider: codecomit", "BG204 45:15"),
    ("  build:\n", "  biuld:\n", "BG201 47:3"),
    ("{STAGE: one}", "{API_KEY: hunter2}", "BG813 48:28"),
]


def wrong(mistakes):
    text = SPEC
    for right, instead, _ in mistakes:
        assert text.count(right) == 1, right
        text = text.replace(right, instead)
    return text


def found(text):
    return [told(one) for one in compile_spec(text.encode(), "spec.yaml").findings if one.severity != "info"]


def independent(mistakes):
    """At most one mistake in a line."""
    return len({told.partition(" ")[2].partition(":")[0] for _, _, told in mistakes}) == len(mistakes)


def in_file(codes):
    return sorted(codes, key=lambda told: [int(number) for number in told.partition(" ")[2].split(":")])


def test_without_a_mistake_nothing_is_found():
    assert found(SPEC) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[1])
def test_one_mistake_one_finding(mistake):
    assert found(wrong([mistake])) == [mistake[2]]


PAIRS = [pair for pair in combinations(MISTAKES, 2) if independent(pair)]


@pytest.mark.parametrize("first", MISTAKES, ids=lambda mistake: mistake[1])
def test_two_mistakes_two_findings(first):
    for pair in PAIRS:
        if pair[0] is first:
            assert found(wrong(pair)) == in_file([one[2] for one in pair]), wrong(pair)


@given(st.lists(st.sampled_from(MISTAKES), min_size=3, max_size=6, unique=True).filter(independent))
@settings(max_examples=60)
def test_several_mistakes_are_all_found_and_nothing_else(mistakes):
    assert found(wrong(mistakes)) == in_file([one[2] for one in mistakes])
