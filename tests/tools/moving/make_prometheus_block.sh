#!/usr/bin/env bash
# Makes the blocks of Prometheus that the tests read, and what that Prometheus
# says of them:
#
#   make_prometheus_block.sh PROMETHEUS PROMTOOL OUT
#
# OUT gets one block, with deleted spans in its tombstones, and OUT.txt what
# "promtool tsdb dump" prints of its numbers. Run with 2.42.0 (Debian 12),
# 2.53.3 (13) and 3.5.3 (unstable, November 2026), which print the same:
# prometheus-dump.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prometheus=$1 promtool=$2 out=$3
work=$(mktemp -d)
trap 'kill "$pid" 2> /dev/null || true; rm -rf "$work"' EXIT
pid=
url=http://127.0.0.1:19390
echo 'global: {scrape_interval: 1h}' > "$work/config"

start() {
  "$prometheus" --config.file="$work/config" --storage.tsdb.path="$1" \
    --web.listen-address=127.0.0.1:19390 --web.enable-remote-write-receiver \
    --web.enable-admin-api --enable-feature=native-histograms \
    --storage.tsdb.retention.time=100y > "$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    curl -sf "$url/-/ready" > /dev/null && return
    read -rt 0.2 <> <(:) || true
  done
  cat "$work/log" >&2
  exit 1
}

stop() {
  kill "$pid"
  wait "$pid" || true
}

start "$work/first"
python3 "$here/remote_write.py" "$url/api/v1/write"
curl -sf -X POST "$url/api/v1/admin/tsdb/snapshot" > /dev/null
stop
snapshot=$(ls -d "$work"/first/snapshots/*)
start "$snapshot"
delete() {
  curl -sf -X POST "$url/api/v1/admin/tsdb/delete_series" "$@"
}
delete -d 'match[]=gone'
delete -d 'match[]=walk{i="1"}' -d start=1700000600 -d end=1700001200
delete -d 'match[]=walk{i="1"}' -d start=1700001100 -d end=1700001500
delete -d 'match[]=walk{i="2"}' -d end=1700000030
stop
mkdir -p "$out"
cp -r "$snapshot"/[0-9]*[A-Z]* "$out/"
(cd "$work" && mkdir -p data && "$promtool" tsdb dump "$snapshot") |
  grep -v '} {count:' | LC_ALL=C sort > "$out.txt"
