#!/usr/bin/env bash
# vmctl and VictoriaMetrics 1.79.5, InfluxDB 1.6.7 (Debian 12; vmctl 1.145.0
# copies them apart).
# "vmctl influx" copies three series of one measurement, without a tag, with a,
# and with b, one sample each. The series without a tag arrives with the samples
# of all three at its time, and five samples are counted where three were. One
# would expect each series to keep its own.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm victoria-metrics=1.79.5+ds1-2+b5 'influxdb=1.6.7~rc0-1+b13'

cat > "$work/config" << EOF
reporting-disabled = true
bind-address = "127.0.0.1:18288"
[meta]
  dir = "$work/influx/meta"
[data]
  dir = "$work/influx/data"
  wal-dir = "$work/influx/wal"
[http]
  bind-address = "127.0.0.1:18286"
[monitor]
  store-enabled = false
EOF
influx=http://127.0.0.1:18286
url=http://127.0.0.1:18432
influxd run -config "$work/config" > "$work/influx.log" 2>&1 &
pids+=($!)
victoria-metrics -storageDataPath="$work/data" -retentionPeriod=100y \
  -httpListenAddr=127.0.0.1:18432 > "$work/log" 2>&1 &
pids+=($!)
started "$influx/ping"
started "$url/health"
curl -sf -X POST "$influx/query" --data-urlencode 'q=CREATE DATABASE d' \
  > "$work/answer"
curl -sf "$influx/write?db=d" --data-binary 'm,a=1 v=1 1700000000000000000
m,b=2 v=2 1700000000000000000
m v=3 1700000000000000000'
# It wants a terminal.
script -qec "vmctl influx -s --influx-addr $influx --influx-database d \
  --vm-addr $url" /dev/null < /dev/null > "$work/vmctl.log"
saw "what vmctl counts" "total samples: 5;" \
  "$(grep -o 'total samples: [0-9]*;' "$work/vmctl.log")"
curl -sf "$url/internal/force_flush"
# How many samples each series has, and the values of the one without a tag.
exported=$(curl -sf "$url/api/v1/export" -d 'match[]=m_v')
saw "of the series with a" '"values":[1]' \
  "$(grep '"a":"1"' <<< "$exported" | grep -o '"values":[^]]*]')"
saw "of the series without a tag, sorted" '1 2 3' \
  "$(grep -v '"[ab]":' <<< "$exported" | grep -o '"values":[^]]*]' |
    grep -o '[0-9]' | sort | paste -sd ' ')"
