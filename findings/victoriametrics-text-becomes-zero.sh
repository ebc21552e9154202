#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 (Debian 12; 1.145.0 does the same).
# A text field of InfluxDB's line protocol becomes a series of zeros, whatever
# the text says, and one that reads as a number becomes that number: "down" is
# 0, "12" is 12, "12 V" is 0. One would expect text to be left out: nobody can
# tell such a 0 from a measured one.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm victoria-metrics=1.79.5+ds1-2+b5

url=http://127.0.0.1:18430
victoria-metrics -storageDataPath="$work/data" -retentionPeriod=100y \
  -httpListenAddr=127.0.0.1:18430 > "$work/log" 2>&1 &
pids+=($!)
started "$url/health"
point='srv state="down",count="12",power="12 V",load=3 1700000000000000000'
saw "the answer to the write" 204 "$(curl -s -w '%{http_code}' "$url/write" \
  --data-binary "$point")"
curl -sf "$url/internal/force_flush"
saw "what is there" 'srv_count 12
srv_load 3
srv_power 0
srv_state 0' "$(curl -sf "$url/api/v1/export" -d 'match[]={__name__!=""}' |
  sed -E 's/.*__name__":"([a-z_]*).*values":\[([^]]*).*/\1 \2/' | LC_ALL=C sort)"
