"""Files made to exhaust their reader: a located finding, within two seconds of CPU and 300 MB, in a process of their own.

The limit is set on the process's CPU time, so that a busy machine changes nothing; a crash of the C parser is seen too.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
READ = """
import json, math, resource, sys
from bgspec.compiler import compile_spec
from bgspec.report import REPORTERS
limit = math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 2
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
data = eval(sys.argv[1])
data = data if isinstance(data, bytes) else data.encode()
compilation = compile_spec(data, "spec.yaml")
for report in REPORTERS.values():
    report(compilation.findings, {"spec.yaml": compilation.document}, color=False)
# Not ru_maxrss: it counts what the parent held before this program was loaded.
with open("/proc/self/status") as status:
    kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
codes = sorted({finding.code for finding in compilation.findings if finding.severity == "error"})
print(json.dumps({"codes": codes, "kib": kib}))
"""
HEAD = "bgspec: 1\nsystem: a\nenvironment: b\nregion: eu-west-1\n"
SPEC = HEAD + "services: {web: {image: {build: x}, port: 80}}\n"
ANCHORS = "\"\".join(f\"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\\n\" for i in range(1, 60))"
SHARED = SPEC.replace("environment: b\n", "")
NULLS = "'environments:\\n  e:\\n' + ''.join(f'    kex{i}: null\\n' for i in range(13_000))"
CASES = {
    "flow lists": ("'a: ' + '[' * 100_000", {"BG104"}),
    "flow mappings": ("'{a: ' * 100_000", {"BG104"}),
    "flow lists, closed": ("'a: ' + '[' * 10_000 + ']' * 10_000", {"BG104"}),
    "block lists": ("'- ' * 100_000", {"BG104"}),
    "block mappings": ("''.join(' ' * i + 'a:\\n' for i in range(1400))", {"BG104"}),
    "keys in keys": ("'? ' * 100_000", {"BG104", "BG112"}),
    "100 MB": ("'a: ' + 'x' * 100_000_000", {"BG103"}),
    "100 MB of lines": ("'a: 1\\n' * 17_000_000", {"BG103"}),
    "huge scalar": (f"{SPEC!r} + 'tags: {{a: ' + 'x' * 1_000_000 + '}}'", {"BG205"}),
    "huge key": ("'? \"' + 'x' * 1_000_000 + '\" \\n: a'", {"BG113"}),
    "huge plain key": ("'x' * 1_000_000 + ': a'", {"BG106"}),
    "huge comment": ("'a: 1 # ' + 'x ' * 500_000 + '\\nb: ['", {"BG106"}),
    "huge line with a late mistake": ("'a: [' + 'x, ' * 25_000 + '@]'", {"BG106"}),
    "many keys": ("''.join(f'k{i}: 1\\n' for i in range(85_000))", {"BG105"}),
    "many values": ("'a:\\n' + '- 1\\n' * 250_000", {"BG105"}),
    "many duplicates": ("'a: 1\\n' * 170_000", {"BG110", "BG119"}),
    "many tags": ("'a:\\n' + '- !x 1\\n' * 29_000", {"BG111", "BG119"}),
    "many unknown aliases": ("''.join(f'k{i}: &anchor{i} x\\n' for i in range(10_000)) + '- *anchr\\n' * 9000", {"BG106"}),
    "many unknown aliases in a list": (
        "'a:\\n' + ''.join(f'- &anchor{i} x\\n' for i in range(10_000)) + ''.join(f'- *anchr{i}\\n' for i in range(9_000))",
        {"BG114", "BG119"},
    ),
    "many strange signs": ("'a: [' + '\\u3000x, ' * 29_000 + ']'", {"BG118", "BG119"}),
    "many strange colons in a line": ("'a: [' + 'x\\uff1a, ' * 29_000 + ']'", set()),
    "many curly quotes": ("'a: [' + '\\u201cx, ' * 29_000 + ']'", set()),
    "many dashes": ("'a:\\n' + '- -x\\n' * 29_000", set()),
    "one text of dashes": ("'a:\\n ' + '-x\\n ' * 250_000", {"BG118"}),
    "alias bomb": (f"'a0: &a0 [x, x, x]\\n' + {ANCHORS}", {"BG105"}),
    "text bomb": ("'a: &a \"' + 'x' * 500_000 + '\"\\nb: [' + '*a, ' * 29_000 + ']'", {"BG105"}),
    "merge bomb": ("'a: &a {' + ', '.join(f'k{i}: 1' for i in range(5000)) + '}\\nb:\\n' + '- <<: *a\\n' * 10_000", {"BG105"}),
    "endless aliases": ("'a: &a\\n' + '  - *a\\n' * 100_000", {"BG115", "BG119"}),
    "environments": (
        f"{SPEC.replace('environment: b', '')!r} + 'environments:\\n' + ''.join(f'  e{{i}}: {{{{}}}}\\n' for i in range(20_000))",
        {"BG105"},
    ),
    "unknown keys": (f"{SPEC!r} + ''.join(f'k{{i}}: 1\\n' for i in range(14_000))", {"BG201"}),
    "services": (f"{HEAD!r} + 'services:\\n' + ''.join(f'  s{{i}}: {{{{imag: x, prt: 80}}}}\\n' for i in range(4_500))", {"BG201"}),
    "removals of nothing": (f"{SHARED!r} + ''.join(f'key{{i}}: 1\\n' for i in range(300)) + {NULLS}", {"BG123"}),
    "callers": (
        f"{SPEC!r} + 'load_balancer:\\n  allow:\\n' + ''.join(f'  - 9.{{i >> 8}}.{{i & 255}}.8/32\\n' for i in range(28_000))",
        set(),
    ),
    "routes": (
        f"{HEAD!r} + 'services:\\n web:\\n  image: {{build: x}}\\n  port: 80\\n  routes:\\n' + '  - path: /x\\n' * 9_000",
        {"BG453"},
    ),
    "silences": (f"{SPEC!r} + '# bgspec: ignore[BG301] x\\n' * 38_000", set()),
    "malformed silences": (f"{SPEC!r} + '#bgspec:ignore\\n' * 60_000", set()),
    "blank lines, then a mistake": ("'a: 1\\n' + '\\n' * 1_000_000 + '  b: 2'", {"BG106"}),
    "comments, then a mistake": ("'a: 1\\n' + '#\\n' * 500_000 + ' \\tb: 2'", {"BG106"}),
    "colons": ("'a: ' + 'b: ' * 300_000", {"BG106"}),
    "quotes": ("'\"a\" ' * 250_000", {"BG106"}),
    "an open quote": ("'a: \"' + 'x\\n' * 500_000", {"BG106"}),
    "commas": ("'[' + ',' * 1_000_000", {"BG106"}),
    "NUL": ("'\\0' * 1_000_000", {"BG102"}),
    "every other NUL": ("'a\\0' * 500_000", {"BG101"}),
    "spaces": ("' ' * 1_000_000", {"BG107"}),
    "tabs": ("'\\t' * 1_000_000", {"BG106"}),
    "documents": ("'---\\n' * 250_000", {"BG109"}),
    "directives": ("'%YAML 1.2\\n' * 100_000", {"BG106"}),
    "not UTF-8": ("b'a: 1\\n' * 100_000 + b'\\xff' * 400_000", {"BG101"}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_ends_in_a_finding(name):
    source, expected = CASES[name]
    run = subprocess.run([sys.executable, "-c", READ, source], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    result = json.loads(run.stdout)
    assert expected <= set(result["codes"])
    assert result["kib"] < 300 * 1024
