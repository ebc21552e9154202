#!/usr/bin/env bash
# Makes the export of VictoriaMetrics that the tests read:
#
#   make_victoriametrics_export.sh VICTORIA_METRICS OUT
#
# Its samples are those of remote_write.py. Run with 1.79.5 (Debian 12),
# 1.112.0 (13) and 1.145.0 (unstable, November 2026).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
victoria=$1 out=$2
work=$(mktemp -d)
trap 'kill "$pid" 2> /dev/null || true; rm -rf "$work"' EXIT
url=http://127.0.0.1:18428
"$victoria" -storageDataPath="$work/data" -retentionPeriod=100y \
  -httpListenAddr=127.0.0.1:18428 > "$work/log" 2>&1 &
pid=$!
for _ in $(seq 100); do
  curl -sf "$url/health" > /dev/null && break
  read -rt 0.2 <> <(:) || true
done
python3 "$here/remote_write.py" "$url/api/v1/write"
curl -sf "$url/internal/force_flush"
curl -sf "$url/api/v1/export" -d 'match[]={__name__=~"walk|odd"}' |
  LC_ALL=C sort > "$out"
kill "$pid"
wait "$pid" || true
