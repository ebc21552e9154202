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

"$scripts/bench-samples" --build="$build" --sets=mix --peers= \
  --num=50000 --rounds=2 "$out/results.csv" > "$out/log"
[ "$(wc -l < "$out/results.csv")" = $((1 + 2 * 4 * 6)) ] ||
  fail "not every measurement has its line: $(cat "$out/results.csv")"
grep -q "^RocksDB: " "$out/results.txt" || fail "no machine is named"
echo "a machine" >> "$out/results.txt"
"$scripts/bench-report" "$out/results.csv" "$out" "make bench"
for layout in varve varve-part rows chunks; do
  grep -Eq "^\| $layout \| [0-9.]+ \|" "$out/benchmarks.md" ||
    fail "no row of $layout: $(cat "$out/benchmarks.md")"
done
grep -q "^a machine$" "$out/benchmarks.md" || fail "no machine"
for chart in size range write; do
  grep -q "</svg>" "$out/benchmarks-mix-$chart.svg" || fail "no chart $chart"
done
cmp "$out/results.csv" "$out/benchmarks.csv"
