#!/bin/bash
# Databases go from one RocksDB to another: what the older one has written the
# newer one verifies, exports byte for byte, adds to and compacts, and the
# older one has all of that back. Both table formats, with a write-ahead log
# that has not been flushed.
#
#   two_rocksdb_test.sh OLDER NEWER
#
# Each is a command that runs varve, built against that RocksDB, with this
# folder in sight: "build/varve", or "scripts/other-debian trixie ROOT
# build/trixie/varve".
set -uo pipefail
cd "$(dirname "$0")/../.."
read -ra older <<< "$1"
read -ra newer <<< "$2"
mkdir -p build
work=$(mktemp -d build/two_rocksdb.XXXXXX)
trap 'rm -rf "$work"' EXIT
now=1700000000000
policy="downsampling_period=1d:5m;retention_period=1y"

failed() {
  echo "two_rocksdb_test: $*"
  exit 1
}

# samples FIRST LAST: of 20 series, every 15 s, as CSV
samples() {
  awk -v first="$1" -v last="$2" -v now="$now" 'BEGIN {
    print "series,timestamp_ms,value"
    for (s = 0; s < 20; ++s)
      for (i = first; i < last; ++i)
        printf "cpu.%d,%.0f,%.4f\n", s,
          now - 172800000 + i * 15000, (i * 7919 + s * 104729) % 100003 / 16
  }' > "$work/samples.csv"
}

# run WHOSE-ARRAY COMMAND...: its output in $work/out
run() {
  local -n varve=$1
  local command=$2
  shift 2
  "${varve[@]}" "$command" --db="$db" --now=$now "$@" \
    > "$work/out" 2> "$work/err" ||
    failed "$db: ${varve[*]} $command: $(cat "$work/err")"
}

same_export() {
  run "$1" export
  cmp -s "$work/out" "$2" || failed "$db: another export by $1"
}

for table in part block; do
  db=$work/$table
  "${older[@]}" options --policy="$policy" --table=$table > "$work/options"
  samples 0 3000
  run older import --bulk --options="$work/options" "$work/samples.csv"
  samples 2000 6000
  run older import "$work/samples.csv"
  run older compact
  samples 5000 9000
  run older import "$work/samples.csv"
  run older export
  mv "$work/out" "$work/first"

  run newer verify
  same_export newer "$work/first"
  samples 8000 11000
  run newer import "$work/samples.csv"
  run newer export
  mv "$work/out" "$work/second"
  cmp -s "$work/first" "$work/second" && failed "$db: nothing was added"
  run newer compact
  run newer verify
  run newer export
  mv "$work/out" "$work/third"

  # Back. Block-based files of a newer version have a newer format unless
  # their options say otherwise: then the older one says so, and changes
  # nothing.
  if [ $table = part ]; then
    run older verify
    same_export older "$work/third"
    run older compact
    same_export older "$work/third"
    same_export newer "$work/third"
  elif "${older[@]}" export --db="$db" --now=$now > "$work/out" \
    2> "$work/err"; then
    cmp -s "$work/out" "$work/third" || failed "$db: another export by older"
  else
    grep -q "format_version\|Unknown Footer version\|not supported" \
      "$work/err" || failed "$db: $(cat "$work/err")"
    same_export newer "$work/third"
  fi
  echo "$table: $(wc -l < "$work/third") lines"
done
