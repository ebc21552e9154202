#!/usr/bin/env bash
# What "make bench" runs, small and without peers: measures every layout and
# makes the document of it.
#
#   bench_set_test.sh SOURCE_DIR BUILD_DIR
set -euo pipefail

scripts=$1/scripts
build=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

fail() {
  echo "$*" >&2
  exit 1
}

BENCH_SETS=mix BENCH_PEERS=no "$scripts/bench-samples" \
  "$build" "$out/results.csv" 50000 2 > "$out/log"
[ "$(wc -l < "$out/results.csv")" = $((1 + 2 * 4 * 6)) ] ||
  fail "not every measurement has its line: $(cat "$out/results.csv")"
echo "a machine" > "$out/machine"
"$scripts/bench-report" "$out/results.csv" "$out/machine" "$out" "make bench"
for layout in varve varve-part rows chunks; do
  grep -Eq "^\| $layout \| [0-9.]+ \|" "$out/benchmarks.md" ||
    fail "no row of $layout: $(cat "$out/benchmarks.md")"
done
grep -q "^a machine$" "$out/benchmarks.md" || fail "no machine"
for chart in size range write; do
  grep -q "</svg>" "$out/benchmarks-mix-$chart.svg" || fail "no chart $chart"
done
cmp "$out/results.csv" "$out/benchmarks.csv"
