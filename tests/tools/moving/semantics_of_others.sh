#!/usr/bin/env bash
# What other programs make of the samples in docs/SEMANTICS.md, in windows of
# five minutes, as printed there: semantics_of_others.sh. Debian 12's packages,
# unpacked in a temporary folder, and VictoriaMetrics 1.145.0 of unstable.
# ClickHouse is the one that is installed (Debian 12's 18.16.1), or left away.
set -euo pipefail
. "$(dirname "$0")/../../../findings/debian_packages.sh"
unpack bookworm python3-whisper=1.1.4-2.2 rrdtool=1.7.2-4+b8 librrd8=1.7.2-4+b8 \
  libdbi1 'influxdb=1.6.7~rc0-1+b13' victoria-metrics=1.79.5+ds1-2+b5 \
  prometheus=2.42.0+ds-5+deb12u1
export TZ=UTC
start=1700000100  # a multiple of 300
# Seconds behind it and value, in the order of writing.
samples="0:1 60:2 290:4 300:8 310:16 60:32 610:64"

echo "== whisper 1.1.4, last, archives of 60 s and 300 s"
PYTHONPATH=$work/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
  python3 - "$work/m.wsp" "$start" "$samples" << 'EOF'
import sys
import whisper
path, start, samples = sys.argv[1], int(sys.argv[2]), sys.argv[3].split()
whisper.create(path, [(60, 30), (300, 30)], xFilesFactor=0.0,
               aggregationMethod="last")
now = 0
for sample in samples:
    offset, value = sample.split(":")
    now = max(now, start + int(offset))
    whisper.update(path, float(value), start + int(offset), now=now)
info, values = whisper.fetch(path, start - 1, now, now=now, archiveToSelect=300)
print([(info[0] + 300 * i - start, v) for i, v in enumerate(values)
       if v is not None])
EOF

echo "== rrdtool 1.7.2, LAST and AVERAGE of 300 s, step 10 s"
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
rrdtool create "$work/db" --start $((start - 10)) --step 10 DS:v:GAUGE:300:U:U \
  RRA:LAST:0.9:30:5 RRA:AVERAGE:0.9:30:5
for sample in $samples; do
  rrdtool update "$work/db" $((start + ${sample%:*})):"${sample#*:}" || true
done
for function in LAST AVERAGE; do
  rrdtool fetch "$work/db" $function -r 300 -s "$start" -e $((start + 899)) |
    awk -v f=$function -v s="$start" '/^1/ { print f, $1 - s, $2 }'
done
unset LD_LIBRARY_PATH

echo "== InfluxDB 1.6.7, last() and mean() by time(5m)"
cat > "$work/config" << EOF
reporting-disabled = true
bind-address = "127.0.0.1:18488"
[meta]
  dir = "$work/influx/meta"
[data]
  dir = "$work/influx/data"
  wal-dir = "$work/influx/wal"
[http]
  bind-address = "127.0.0.1:18486"
[monitor]
  store-enabled = false
EOF
influx=http://127.0.0.1:18486
influxd run -config "$work/config" > "$work/influx.log" 2>&1 &
pids+=($!)
started "$influx/ping"
query() {
  curl -sf -X POST -G "$influx/query?epoch=s&db=d" --data-urlencode "q=$1"
}
query 'CREATE DATABASE d' > "$work/answer"
for sample in $samples; do
  curl -sf "$influx/write?db=d&precision=s" \
    --data-binary "m v=${sample#*:} $((start + ${sample%:*}))"
done
query "SELECT last(v), mean(v) FROM m WHERE time >= ${start}s AND time < $((start + 900))s GROUP BY time(5m)" |
  grep -o '\[\[.*\]\]'

graphite_merge_tree() {
  echo "== ClickHouse 18.16.1, GraphiteMergeTree, anyLast, precision 300"
  mkdir -p "$work/clickhouse/tmp"
  cat > "$work/clickhouse/config.xml" << EOF
<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>18490</http_port><tcp_port>18491</tcp_port>
  <path>$work/clickhouse/</path><tmp_path>$work/clickhouse/tmp/</tmp_path>
  <mark_cache_size>33554432</mark_cache_size>
  <users_config>$work/clickhouse/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <graphite_rollup>
    <path_column_name>Path</path_column_name>
    <time_column_name>Time</time_column_name>
    <value_column_name>Value</value_column_name>
    <version_column_name>Version</version_column_name>
    <default><function>anyLast</function>
      <retention><age>0</age><precision>300</precision></retention></default>
  </graphite_rollup>
</yandex>
EOF
  cat > "$work/clickhouse/users.xml" << EOF
<yandex><profiles><default/></profiles><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></default></users><quotas><default/></quotas></yandex>
EOF
  clickhouse-server --config="$work/clickhouse/config.xml" \
    > "$work/clickhouse.log" 2>&1 &
  pids+=($!)
  started http://127.0.0.1:18490/ping
  ask() { curl -sf http://127.0.0.1:18490/ --data-binary "$1"; }
  ask "CREATE TABLE m (Path String, Time DateTime, Value Float64, Version UInt32)
    ENGINE = GraphiteMergeTree('graphite_rollup')
    PARTITION BY toYYYYMM(Time) ORDER BY (Path, Time)"
  local version=0 answer="SELECT toUInt32(Time) - $start, Value FROM m ORDER BY Time, Version"
  for sample in $samples; do
    version=$((version + 1))
    ask "INSERT INTO m VALUES ('m', $((start + ${sample%:*})), ${sample#*:}, $version)"
  done
  echo "before a merge:" $(ask "$answer" | tr '\t\n' ': ')
  ask "OPTIMIZE TABLE m FINAL"
  echo "after it:" $(ask "$answer" | tr '\t\n' ': ')
  ask "CREATE TABLE once AS m ENGINE = GraphiteMergeTree('graphite_rollup')
    PARTITION BY toYYYYMM(Time) ORDER BY (Path, Time)"
  version=0
  local rows=()
  for sample in $samples; do
    version=$((version + 1))
    rows+=("('m', $((start + ${sample%:*})), ${sample#*:}, $version)")
  done
  ask "INSERT INTO once VALUES $(IFS=,; echo "${rows[*]}")"
  ask "OPTIMIZE TABLE once FINAL"
  echo "written at once and merged:" \
    $(ask "${answer/FROM m/FROM once}" | tr '\t\n' ': ')
}
PATH=$PATH:/usr/sbin
if command -v clickhouse-server > "$work/which"; then graphite_merge_tree; fi

victoria() {
  echo "== VictoriaMetrics $1, -dedup.minScrapeInterval=5m, export"
  "$2" -storageDataPath="$work/vm-$1" -retentionPeriod=100y \
    -dedup.minScrapeInterval=5m -httpListenAddr=127.0.0.1:18489 \
    > "$work/log" 2>&1 &
  pids+=($!)
  started "http://127.0.0.1:18489/health"
  for sample in $samples; do
    curl -sf "http://127.0.0.1:18489/api/v1/import" -d \
      "{\"metric\":{\"__name__\":\"m\"},\"values\":[${sample#*:}],\"timestamps\":[$((start + ${sample%:*}))000]}"
  done
  curl -sf "http://127.0.0.1:18489/internal/force_flush"
  curl -sf "http://127.0.0.1:18489/api/v1/export" -d 'match[]=m'
  kill "${pids[-1]}"
  wait "${pids[-1]}" || true
}
victoria 1.79.5 "$work/root/usr/bin/victoria-metrics"
rm -rf "$work"/apt "$work"/root
unpack sid victoria-metrics=1.145.0+ds1-2
victoria 1.145.0 "$work/root/usr/bin/victoria-metrics"
