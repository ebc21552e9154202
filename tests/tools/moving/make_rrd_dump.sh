#!/usr/bin/env bash
# Makes the dump of rrdtool that the tests read: make_rrd_dump.sh RRDTOOL OUT.
# OUT.xml is the dump, OUT.txt what "rrdtool fetch" answers for each function
# and step. Run with 1.7.2 (Debian 12).
set -euo pipefail
rrdtool=$1 out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TZ=UTC
start=1700000000
"$rrdtool" create "$work/db" --start $start --step 60 \
  DS:in:COUNTER:120:0:U DS:temp:GAUGE:120:-50:100 \
  RRA:AVERAGE:0.5:1:20 RRA:AVERAGE:0.5:5:12 RRA:MAX:0.5:5:12 RRA:LAST:0.9:10:3
for i in $(seq 40); do
  [ $((i % 11)) -ge 8 ] && continue
  value=$i.25
  [ "$i" = 26 ] && value=-0.001
  "$rrdtool" update "$work/db" \
    $((start + i * 60 + i % 3)):$((i * 123456789)):$value
done
"$rrdtool" dump "$work/db" > "$out.xml"
for archive in AVERAGE:60:1200 AVERAGE:300:3600 MAX:300:3600 LAST:600:1800; do
  IFS=: read -r function step reach <<< "$archive"
  end=$(("$("$rrdtool" last "$work/db")" / step * step))
  "$rrdtool" fetch "$work/db" "$function" -r "$step" -s $((end - reach)) \
    -e $((end - 1)) |
    awk -v f="$function" -v s="$step" '$1 ~ /:$/ { print f, s, $0 }'
done > "$out.txt"
