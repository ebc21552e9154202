#!/usr/bin/env bash
# What "make bench" runs, small: measures every layout and makes the document
# of it. Peers are absent, which is said and no failure, but for one that the
# test brings.
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

# Keeps the samples as they are.
cat > "$out/promtool" << 'END'
#!/bin/sh
case $1,$2 in
  --version,) echo promtool, version of the test ;;
  tsdb,create-blocks-from) cp "$4" "$5" ;;
  tsdb,dump) cat "$3"/*.openmetrics ;;
  *) exit 1 ;;
esac
END
chmod +x "$out/promtool"
export PROMTOOL=$out/promtool
export VICTORIA_METRICS=$out/nothing CLICKHOUSE_SERVER=$out/nothing
"$scripts/bench-samples" --build="$build" --sets=mix --num=50000 --rounds=2 \
  "$out/results.csv" > "$out/log" 2> "$out/errors" ||
  fail "failed: $(cat "$out/errors")"
[ "$(wc -l < "$out/results.csv")" = $((1 + 2 * (4 * 6 + 2))) ] ||
  fail "not every measurement has its line: $(cat "$out/results.csv")"
for peer in victoria-metrics clickhouse; do
  grep -q "$peer is absent: $out/nothing is not a program" "$out/errors" ||
    fail "nobody says that $peer is absent: $(cat "$out/errors")"
  grep -q "^$peer: absent" "$out/results.txt" || fail "$peer is not named"
done
grep -q "^prometheus: promtool, version of" "$out/results.txt" ||
  fail "no version of the peer"
grep -q "^RocksDB: " "$out/results.txt" || fail "no machine is named"
echo "a machine" >> "$out/results.txt"
"$scripts/bench-report" "$out/results.csv" "$out" "make bench"
for layout in varve varve-part rows chunks prometheus; do
  grep -Eq "^\| $layout \| [0-9.]+ \|" "$out/benchmarks.md" ||
    fail "no row of $layout: $(cat "$out/benchmarks.md")"
done
grep -q "^a machine$" "$out/benchmarks.md" || fail "no machine"
for chart in size range write; do
  grep -q "</svg>" "$out/benchmarks-mix-$chart.svg" || fail "no chart $chart"
done
cmp "$out/results.csv" "$out/benchmarks.csv"
# A peer that fails is one line that says why.
sed -i 's/tsdb,dump) .*/tsdb,dump) echo no block >\&2; exit 3 ;;/' "$out/promtool"
if "$scripts/bench-samples" --build="$build" --sets=mix --num=2000 --rounds=1 \
  --layouts= --peers=prometheus "$out/failed.csv" > "$out/log" \
  2> "$out/errors"; then
  fail "a failing peer goes unseen"
fi
grep -q "prometheus: tsdb dump: no block" "$out/errors" ||
  fail "$(cat "$out/errors")"
