#!/usr/bin/env bash
# The second half of `make demo`: the environment brought to an emulator of AWS on this machine, looked at, and taken away again.
set -euo pipefail

bgspec=("$1" -m bgspec) spec="$2" name="$3"
unset BGSPEC_SANDBOX_URL
BGSPEC_SANDBOX_DIR="$(mktemp -d)" # an emulator of the demo's own, never one that you use already
export BGSPEC_SANDBOX_DIR

end() {
  "${bgspec[@]}" sandbox stop "$spec" 2>/dev/null || true
  rm -rf "$BGSPEC_SANDBOX_DIR"
}
trap end EXIT # however the demo ends, no process stays

run() {
  printf '\n$ bgspec %s\n' "$*"
  "${bgspec[@]}" "$@"
}

printf '\nNow it is deployed: to an emulator of AWS on this machine. No account, no network; no task really runs and no port answers.\n'
run apply "$spec" --sandbox --yes --source .

printf '\nThe first commit now goes through the pipeline: built, deployed beside blue, tested, and then production is switched over ...\n'
for _ in {1..60}; do
  "${bgspec[@]}" status "$spec" --sandbox --format json | grep -q '"status": "InProgress"' || break
  sleep 0.5
done
run status "$spec" --sandbox
run destroy "$spec" --sandbox --confirm "$name" --delete-data
printf '\nThat was an emulation, and it has ended. To keep one and look inside with the AWS CLI: bgspec sandbox start %s\n' "$spec"
