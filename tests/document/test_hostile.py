"""Files made to exhaust their reader: a located finding, within two seconds of CPU and 300 MB, in a process of their own.

The limit is set on the process's CPU time, so that a busy machine changes nothing; a crash of the C parser is seen too.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.document.hostile import CASES

ROOT = Path(__file__).parents[2]
READ = """
import json, math, resource, sys
from bgspec.compiler import compile_spec
from bgspec.report import REPORTERS
from tests.document.hostile import CASES
limit = math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 2
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
data = CASES[sys.argv[1]][0]()
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


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_ends_in_a_finding(name):
    _, expected = CASES[name]
    run = subprocess.run([sys.executable, "-c", READ, name], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    result = json.loads(run.stdout)
    assert expected <= set(result["codes"])
    assert result["kib"] < 300 * 1024
