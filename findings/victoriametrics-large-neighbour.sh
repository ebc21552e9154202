#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 (Debian 12; 1.112.0 and 1.145.0 do the same).
# The samples of a block share a decimal exponent. Beside 1.7e308, values from
# 0.1 to 1e15 are stored as 0: not rounded, gone, and the import answers 204.
# Without the large one they come back as they were. One would expect rounding
# to a number of digits, which each value has for itself.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm victoria-metrics=1.79.5+ds1-2+b5

url=http://127.0.0.1:18429
victoria-metrics -storageDataPath="$work/data" -retentionPeriod=100y \
  -httpListenAddr=127.0.0.1:18429 > "$work/log" 2>&1 &
pids+=($!)
started "$url/health"
times='"timestamps":[1700000000000,1700000015000,1700000030000,1700000045000]'
put() {
  curl -s -o "$work/answer" -w '%{http_code}' "$url/api/v1/import" -d \
    "{\"metric\":{\"__name__\":\"$1\"},\"values\":[$2],$times}"
}
get() {
  curl -sf "$url/internal/force_flush"
  curl -sf "$url/api/v1/export" -d "match[]=$1" | sed 's/.*values":\[//; s/\].*//'
}
saw "an import without it" 204 "$(put small 0.1,1,1e15,7)"
saw "and with it" 204 "$(put large 0.1,1,1e15,1e300)"
saw "what is there without it" 0.1,1,1000000000000000,7 "$(get small)"
saw "what is there with it, but for the large one" 0,0,0, \
  "$(get large | sed 's/[0-9]*$//')"
