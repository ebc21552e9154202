#!/usr/bin/env bash
# Prometheus and promtool 2.53.3 (Debian 13; 3.5.3 does the same).
# "promtool tsdb dump" prints the native histograms of a series but for the
# first two: of five that were written, and that the server counts, three.
# One would expect all, as of ordinary samples.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian_packages.sh"
unpack trixie prometheus=2.53.3+ds1-2 promtool=2.53.3+ds1-2

echo 'global: {scrape_interval: 1h}' > "$work/config"
url=http://127.0.0.1:19391
prometheus --config.file="$work/config" --storage.tsdb.path="$work/data" \
  --web.listen-address=127.0.0.1:19391 --web.enable-remote-write-receiver \
  --enable-feature=native-histograms --storage.tsdb.retention.time=100y \
  > "$work/log" 2>&1 &
pids+=($!)
started "$url/-/ready"
# Five histograms of "latency", 15 s apart from 1700000000 on.
python3 "$here/../tests/tools/moving/remote_write.py" "$url/api/v1/write" \
  > "$work/log"
counted=$(curl -sf "$url/api/v1/query" -d time=1700000060 \
  -d 'query=count_over_time(latency[5m])' | grep -o '"[0-9]*"]' | tr -d '"]')
saw "what the server counts" 5 "$counted"
kill "${pids[0]}"
wait "${pids[0]}" || true
dumped=$(cd "$work" && promtool tsdb dump --sandbox-dir-root="$work" data \
  --match='latency' 2> "$work/log" | awk '{ print $NF }')
saw "times that promtool dumps" $'1700000030000\n1700000045000\n1700000060000' \
  "$dumped"
