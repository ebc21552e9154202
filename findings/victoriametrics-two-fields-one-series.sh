#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 (Debian 12; 1.145.0 does the same).
# Field c of measurement a_b and field b_c of measurement a become one series,
# a_b_c, whose samples lie among each other: the time of a query decides whose
# value it is. Nothing is logged, and the write answers 204. One would expect an
# error or two series: they are two in InfluxDB.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm victoria-metrics=1.79.5+ds1-2+b5

url=http://127.0.0.1:18431
victoria-metrics -storageDataPath="$work/data" -retentionPeriod=100y \
  -httpListenAddr=127.0.0.1:18431 > "$work/log" 2>&1 &
pids+=($!)
started "$url/health"
points='disk_read bytes=1 1700000000000000000
disk read_bytes=1000000 1700000015000000000
disk_read bytes=2 1700000030000000000
disk read_bytes=2000000 1700000045000000000'
saw "the answer to the write" 204 "$(curl -s -w '%{http_code}' "$url/write" \
  --data-binary "$points")"
curl -sf "$url/internal/force_flush"
saw "what is there" '{"metric":{"__name__":"disk_read_bytes"},"values":[1,1000000,2,2000000],"timestamps":[1700000000000,1700000015000,1700000030000,1700000045000]}' \
  "$(curl -sf "$url/api/v1/export" -d 'match[]={__name__!=""}')"
saw "warnings in its log" 0 "$(grep -ci 'disk' "$work/log" || true)"
