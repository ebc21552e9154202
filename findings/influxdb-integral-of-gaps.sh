#!/usr/bin/env bash
# InfluxDB 1.6.7 (Debian 12).
# integral() of a measurement that never exceeds 40 gives, by windows of 2
# minutes, 9244 for one of them: more than 40 * 120. The two windows before it
# have no points, are not in the answer, and their area is in this one. The sum
# over all windows is right. One would expect each window's own area: what a
# straight line between the points covers of it, 2978 here.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm 'influxdb=1.6.7~rc0-1+b13'

cat > "$work/config" << EOF
reporting-disabled = true
bind-address = "127.0.0.1:18388"
[meta]
  dir = "$work/meta"
[data]
  dir = "$work/data"
  wal-dir = "$work/wal"
[http]
  bind-address = "127.0.0.1:18386"
[monitor]
  store-enabled = false
EOF
url=http://127.0.0.1:18386
influxd run -config "$work/config" > "$work/log" 2>&1 &
pids+=($!)
started "$url/ping"
query() {
  curl -sf -X POST -G "$url/query?epoch=s&db=d" --data-urlencode "q=$1" |
    grep -o '\[\[.*\]\]' || true
}
query 'CREATE DATABASE d'
curl -sf "$url/write?db=d&precision=s" --data-binary 'c v=10 1700000000
c v=20 1700000060
c v=30 1700000120
c v=5 1700000180
c v=15 1700000240
c v=40 1700000600'
range='time >= 1700000000s AND time < 1700000700s'
saw "over all" "[[0,13950]]" "$(query "SELECT integral(v) FROM c WHERE $range")"
saw "by 2 minutes" "[[1699999920,533.3333333333333],[1700000040,2733.333333333333],[1700000160,1438.8888888888887],[1700000520,9244.444444444445]]" \
  "$(query "SELECT integral(v) FROM c WHERE $range GROUP BY time(2m)")"
