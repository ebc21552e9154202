#!/usr/bin/env bash
# Makes the export of InfluxDB that the tests read, and InfluxDB's own answers:
#
#   make_influx_export.sh INFLUXD INFLUX_INSPECT OUT
#
# OUT.lp is what "influx_inspect export" wrote, OUT.json what the server answered
# to SELECT * GROUP BY * in each retention policy. Run with 1.6.7 of Debian 12,
# influx_inspect built from the same source.
set -euo pipefail
influxd=$1 inspect=$2 out=$3
work=$(mktemp -d)
trap 'kill "$pid" 2> /dev/null || true; rm -rf "$work"' EXIT
pid=
url=http://127.0.0.1:18186
cat > "$work/config" << EOF
reporting-disabled = true
bind-address = "127.0.0.1:18188"
[meta]
  dir = "$work/meta"
[data]
  dir = "$work/data"
  wal-dir = "$work/wal"
  cache-snapshot-write-cold-duration = "1s"
[http]
  bind-address = "127.0.0.1:18186"
[monitor]
  store-enabled = false
EOF

start() {
  "$influxd" run -config "$work/config" > "$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    curl -sf "$url/ping" > /dev/null && return
    read -rt 0.2 <> <(:) || true
  done
  cat "$work/log" >&2
  exit 1
}

stop() {
  kill "$pid"
  wait "$pid" || true
}

query() { curl -sf -X POST -G "$url/query?epoch=ns&db=d" --data-urlencode "q=$1"; }
write() { curl -sf "$url/write?db=d&rp=$1" --data-binary "$2"; }

start
query 'CREATE DATABASE d' > /dev/null
query 'CREATE RETENTION POLICY coarse ON d DURATION INF REPLICATION 1' > /dev/null
write autogen 'cpu,host=a,region=eu\ west usage=1.5,count=42i,up=true,text="a \"b\" \\ c, d=1" 1700000000000000000
cpu,host=b usage=2 1700000000000000001
cpu,host=b usage=3 1700000000000999999
cpu,host=b usage=-0.0,small=5e-324,large=1.7976931348623157e308 1700000001000000000
we\ ird\,m,ta\=g=v\,a\ l\=ue,u=é f\ i\,e\=ld=3 1700000000000000000
back\slash,t=a\nb\c f\g=1 1700000000000000000'
# Into a TSM file.
for _ in $(seq 100); do
  compgen -G "$work/data/d/autogen/*/*.tsm" > /dev/null && break
  read -rt 0.2 <> <(:) || true
done
stop
# What comes now stays in the log.
sed -i 's/"1s"/"10h"/' "$work/config"
start
write autogen 'cpu,host=a,region=eu\ west usage=9 1700000000000000000
cpu,host=a,region=eu\ west usage=10 1700000060000000000
cpu,host=c usage=2,big=9007199254740993i,text="#" 1700000010000000000
lines text="two
lines, x=1 2
",v=1,on=false 1700000000000000000'
write autogen 'cpu,host=a,region=eu\ west usage=11 1700000060000000000'
write coarse 'cpu,host=a,region=eu\ west usage=77 1700000000000000000'
{
  query 'SELECT * FROM d.autogen./.*/ GROUP BY *'
  query 'SELECT * FROM d.coarse./.*/ GROUP BY *'
} > "$out.json"
stop
"$inspect" export -database d -datadir "$work/data" -waldir "$work/wal" \
  -out "$out.lp" > /dev/null
