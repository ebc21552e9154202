#!/usr/bin/env bash
# Prometheus 2.42.0 (Debian 12; 3.5.3 does the same).
# Two blocks over the same time: at equal timestamps the one that begins later,
# or was made later, wins throughout. Three such blocks: samples of one series
# come from now one and now another of them, 300 301 102 203 104, although
# block a (100..105), which was made first, loses to each when alone with it.
# One would expect one order among blocks: with three as with two.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm prometheus=2.42.0+ds-5+deb12u1

# block BASE FIRST LAST: values BASE + i at 15 s * i.
block() {
  for i in $(seq "$2" "$3"); do
    echo "m $(($1 + i)) $((1700000000 + 15 * i))"
  done
  echo "# EOF"
}
block 100 0 5 > "$work/a"
block 200 1 6 > "$work/b"
block 300 0 3 > "$work/c"

shown() {
  local data=$work/data file
  rm -rf "$data"
  mkdir -p "$data/wal"
  for file in "$@"; do
    promtool tsdb create-blocks-from openmetrics "$work/$file" "$data" \
      > "$work/log"
    read -rt 0.01 <> <(:) || true  # names of blocks are times in ms
  done
  promtool tsdb dump "$data" 2> "$work/log" | awk '{ printf "%s ", $2 }'
}
saw "a, then b" "100 201 202 203 204 205 206 " "$(shown a b)"
saw "a, then c" "300 301 302 303 104 105 " "$(shown a c)"
saw "a, b, then c" "300 301 102 203 204 205 206 " "$(shown a b c)"
saw "c, b, then a" "100 101 302 203 104 105 206 " "$(shown c b a)"
