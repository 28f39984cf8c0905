"""What a finding says of mending does mend: whoever writes it so has no error left."""

import re

import pytest

from tests.checks.base import find

WEB = "services:\n  web:\n    image: {build: .}\n    port: 80\n"
GITHUB = (
    "pipeline:\n  source:\n    connection: arn:aws:codeconnections:us-east-1:111122223333:connection/01234567-0123-0123-0123-0123456789ab\n"
)
SIDECAR = "    sidecars:\n      db: {image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/redis:7.2'}\n"

# What somebody wrote, what the help says to write, and what that makes of it.
CASES = [
    (WEB + '    environment:\n      URL = "x"\n', 'Write a colon instead of `=`: `URL: "x"`.', WEB + '    environment:\n      URL: "x"\n'),
    (WEB + "    command: npm start\n", "Write a list: `[npm, start]`.", WEB + "    command: [npm, start]\n"),
    (WEB + "    command: 'sh -c \"a b\"'\n", "Write a list: `[sh, -c, a b]`.", WEB + "    command: [sh, -c, a b]\n"),
    (
        WEB + "    health: {command: curl -f http://localhost/}\n",
        'Write a list: `[CMD-SHELL, "curl -f http://localhost/"]`.',
        WEB + '    health: {command: [CMD-SHELL, "curl -f http://localhost/"]}\n',
    ),
    (WEB + "    health_check: /health\n", "Write `health_check: {path: /health}`.", WEB + "    health_check: {path: /health}\n"),
    (
        WEB + "    secrets:\n      DB: {valueFrom: /shop/db}\n",
        "Write the text alone: `/shop/db`.",
        WEB + "    secrets:\n      DB: /shop/db\n",
    ),
    (
        WEB + "    capacity: FARGATE_SPOT\n",
        "Write a list: `[{provider: fargate-spot}]`.",
        WEB + "    capacity: [{provider: fargate-spot}]\n",
    ),
    (
        WEB + SIDECAR + "    depends_on: [db]\n",
        "Write `db: start` in each line, without `-`.",
        WEB + SIDECAR + "    depends_on:\n      db: start\n",
    ),
    (
        "services:\n  - name: web\n    image: {build: .}\n",
        "Write `web:` with its keys below it, indented; without `-`.",
        "services:\n  web:\n    image: {build: .}\n",
    ),
    (
        "services:\n  web: {image: 'public.ecr.aws/nginx/nginx:1.29'}\nnetwork: {egress: nat}\n",
        "Write `image: {uri: public.ecr.aws/nginx/nginx:1.29}`.",
        "services:\n  web:\n    image: {uri: public.ecr.aws/nginx/nginx:1.29}\nnetwork: {egress: nat}\n",
    ),
    ("network: {zones: [us-east-1a, us-east-1b]}\n", "Write how many: `2`.", "network: {zones: 2}\n"),
    (
        WEB + "    cpu: 1000\n",
        "Use `256`, `512`, `1024`, `2048`, `4096`, `8192`, `16384` or `32768`. 1024 units are one vCPU.",
        WEB + "    cpu: 1024\n",
    ),
    ('bgspec: "1"\n', "Write it without quotes: `1`.", "bgspec: 1\n"),
    (
        "deployment: {shift: CodeDeployDefault.ECSCanary10Percent5Minutes}\n",
        "Write `shift: {canary: 10%, after: 5m}`.",
        "deployment: {shift: {canary: 10%, after: 5m}}\n",
    ),
    (
        "deployment: {shift: CodeDeployDefault.ECSLinear10PercentEvery3Minutes}\n",
        "Write `shift: {linear: 10%, every: 3m}`.",
        "deployment: {shift: {linear: 10%, every: 3m}}\n",
    ),
    ("deployment: {shift: CodeDeployDefault.ECSAllAtOnce}\n", "Write `shift: all-at-once`.", "deployment: {shift: all-at-once}\n"),
    (
        "deployment:\n  shift: {canary: 10%, every: 5m}\n",
        "Write `after` instead, or choose `linear`.",
        "deployment:\n  shift: {canary: 10%, after: 5m}\n",
    ),
    (
        "network:\ncidr: 10.0.0.0/16\n",
        "Indent it below `network`, with what stands below it.",
        "network:\n  cidr: 10.0.0.0/16\n",
    ),
    (
        "services:\nweb:\n  image: {build: .}\n",
        "Indent it below `services`, with what stands below it.",
        "services:\n  web:\n    image: {build: .}\n",
    ),
    (
        WEB + "    health_check:\n    path: /health\n",
        "Indent it below `services.web.health_check`, with what stands below it.",
        WEB + "    health_check:\n      path: /health\n",
    ),
    (
        GITHUB + "    provider: github\n",
        "Add `repository:`. Write the repository with its owner: `acme/shop`; not its address on the web.",
        GITHUB + "    provider: github\n    repository: acme/shop\n",
    ),
    (
        WEB.replace("{build: .}", "{uri: '{{ image }}'}"),
        "This belongs to a template, and the file was not filled in.",
        WEB,
    ),
    (
        WEB.replace("port: 80", "port: ${PORT}"),
        "Variables are not filled in. Write the value; where it differs, give each environment its own, below `environments:`.",
        WEB,
    ),
    (
        "network:\n  cidr: $CIDR\n",
        "Variables are not filled in. Write the value; where it differs, give each environment its own, below `environments:`.",
        "network:\n  cidr: 10.0.0.0/16\n",
    ),
    (
        "deployment:\n  approval: true\n",
        "Write its keys below it, indented: `before:`, `timeout:`.",
        "deployment:\n  approval:\n    before: traffic\n",
    ),
    ("deployment:\n  deploymentConfigName: all-at-once\n", "Did you mean `shift`?", "deployment:\n  shift: all-at-once\n"),
    (WEB + "    logs: {retentionInDays: 7}\n", "Did you mean `days`?", WEB + "    logs: {days: 7}\n"),
    (
        WEB + SIDECAR.replace("image: '", "image: {uri: '").replace("'}", "'}}"),
        "Write the text alone: `111122223333.dkr.ecr.us-east-1.amazonaws.com/redis:7.2`.",
        WEB + SIDECAR,
    ),
    (
        WEB + "    sidecars: {db: {image: {biuld: db}}}\n",
        "Did you mean `build`?",
        WEB + "    sidecars: {db: {image: {build: db}}}\n",
    ),
    (WEB + "    volumes: {data: {}}\n", "Write `ephemeral`, or a mapping with `efs`.", WEB + "    volumes: {data: ephemeral}\n"),
    (
        "pipeline: {source: {provider: codecommit}, build: {cache: [docker]}}\n",
        "Write `docker` or `none`, or a mapping with `s3`.",
        "pipeline: {source: {provider: codecommit}, build: {cache: docker}}\n",
    ),
    (
        WEB + "  job: {image: {build: .}, rolling: {minimumHealthyPercent: 50%}}\n",
        "Did you mean `minimum`?",
        WEB + "  job: {image: {build: .}, rolling: {minimum: 50%}}\n",
    ),
    ("load_balancer: {internal: true}\n", "Write `scheme: internal`.", "load_balancer: {scheme: internal}\n"),
    ("network: {egress: nat, single_nat_gateway: true}\n", "Write `nat: single`.", "network: {egress: nat, nat: single}\n"),
    (WEB + "    launch_type: FARGATE\n", "Everything runs on Fargate: remove it.", WEB),
    (WEB + "    linuxParameters: true\n", "Did you mean `init`?", WEB + "    init: true\n"),
    ("deployment: {bakeTimeInMinutes: 5m}\n", "Remove it, or choose `ecs`.", "deployment: {engine: ecs, bake: 5m}\n"),
    ("network: {natGateway: nat}\n", "Did you mean `egress`?", "network: {egress: nat}\n"),
]


def errors(piece):
    return [one for one in find(piece) if one.severity == "error"]


@pytest.mark.parametrize(("wrong", "mend", "right"), CASES, ids=[mend for _, mend, _ in CASES])
def test_what_is_said_of_mending_mends(wrong, mend, right):
    (found,) = errors(wrong)
    assert found.help == mend
    assert errors(right) == []


@pytest.mark.parametrize(("mend", "right"), [case[1:] for case in CASES], ids=[mend for _, mend, _ in CASES])
def test_what_it_says_to_write_is_what_was_written(mend, right):
    for written in re.findall(r"(?:Write|list:|`=`:|alone:|many:|quotes:|mean) `([^`]+)`", mend):
        assert re.sub(r"[\s']", "", written) in re.sub(r"[\s']", "", right)
