#!/usr/bin/env bash
# The service of examples/service, over HTTP: what it takes and answers, what
# it refuses, and that it keeps what it took.
#
#   service_test.sh SERVICE
set -euo pipefail
# shellcheck source=tests/examples/running_service.sh
. "$(dirname "$0")/running_service.sh"

# status CODE CURL-ARGUMENTS...: the answer's code, and its body in $answer.
status() {
  local expected=$1 got
  shift
  got=$(curl -sS -o "$temp/answer" -w '%{http_code}' "$@")
  answer=$(cat "$temp/answer")
  [ "$got" = "$expected" ] ||
    fail "expected $expected, got $got for: $*" "$answer"
}

expect() {
  [ "$2" = "$1" ] || fail "expected: $1" "got:      $2"
}

contains() {
  [[ $answer == *"$1"* ]] || fail "no '$1' in: $answer"
}

start_service "$temp/db"

# An hour ago: the policy thins after a week.
then=$(($(date +%s) / 60 * 60 - 3600))000
minute=$((then + 60000))

# Written out of order and over each other; read back by the laws.
write "cpu $minute 2"$'\n'"cpu $then 1"$'\n'"cpu $minute -0.125"
range="start=$((then - 1))&end=$minute"
status 200 "$url/api/read?series=cpu&$range"
expect "{\"series\":\"cpu\",\"timestamps_ms\":[$then,$minute],\"values\":[1,-0.125]}" \
  "$answer"
write 'odd"\name '"$then nan"$'\nodd"\\name '"$minute -inf"
status 200 --get --data-urlencode 'series=odd"\name' "$url/api/read?$range"
contains '{"series":"odd\"\\name",'
contains '"values":["NaN","-Inf"]'
status 200 "$url/api/read?series=nothing&$range"
expect '{"series":"nothing","timestamps_ms":[],"values":[]}' "$answer"
write "recent $(date +%s)000 7"
status 200 "$url/api/read?series=recent"
contains '"values":[7]'
status 200 "$url/api/series?prefix=o"
expect '{"series":["odd\"\\name"]}' "$answer"
status 200 "$url/"
contains '<svg id="chart"'

# Metrics: every line is one that Prometheus reads, each name once.
status 200 "$url/metrics"
bad=$(grep -Evx '# TYPE [a-z][a-z0-9_]* (counter|gauge)|[a-z][a-z0-9_]* [0-9]+' \
  <<< "$answer" || true)
expect "" "$bad"
expect "" "$(grep '^#' <<< "$answer" | sort | uniq -d)"
contains 'varve_written_samples_total '
contains 'varve_ageing_failures_total 0'
contains 'rocksdb_block_cache_miss_total '
contains 'rocksdb_background_errors 0'

# What the client gets wrong.
for query in '' 'series=' 'series=a%20b' 'series=%00' "series=$(printf 'a%.0s' {1..300})" \
  'series=cpu&start=x' 'series=cpu&start=1e3' 'series=cpu&start=-1' \
  'series=cpu&end=99999999999999999999' 'series=cpu&start=2&end=1' \
  'series=cpu&start=' 'series=cpu&end=9223372036854775807'; do
  status 400 "$url/api/read?$query"
done
status 400 "$url/api/series?prefix=%0a"
for body in 'cpu' 'cpu 1' 'cpu 1 ' 'cpu x 1' 'cpu 1 x' 'cpu 1 1 1' ' 1 1' \
  'cpu 1.5 1' 'cpu -5 1' 'cpu 1700000000 1e999' $'ok 1 1\n\nok 2 2' \
  'cpu 1700000000000000000 1'; do
  status 400 --data-binary "$body" "$url/api/write"
done
contains 'timestamp'
status 400 -F a=b "$url/api/write"
status 404 "$url/../../etc/passwd" --path-as-is
status 404 -X DELETE "$url/api/read"
# All or none: the first line of a refused body was not written either.
status 200 "$url/api/series?prefix=ok"
expect '{"series":[]}' "$answer"

# Bodies that are too long: by their length, in chunks, unpacked.
head -c 5000000 /dev/zero | tr '\0' 'x' > "$temp/long"
status 413 --data-binary "@$temp/long" "$url/api/write"
status 413 -H 'Transfer-Encoding: chunked' --data-binary "@$temp/long" \
  "$url/api/write"
gzip -k "$temp/long"
status 413 -H 'Content-Encoding: gzip' --data-binary "@$temp/long.gz" \
  "$url/api/write"
status 400 -H 'Content-Encoding: gzip' --data-binary 'no gzip' \
  "$url/api/write"

status 404 -H 'Transfer-Encoding: chunked' --data-binary "@$temp/long" \
  "$url/nowhere"

# An answer that would be too long.
for start in $then $((then + 100000)) $((then + 200000)); do
  seq -f 'long %.0f 1' "$start" $((start + 99999)) > "$temp/lines"
  write "@$temp/lines"
done
status 200 "$url/api/read?series=long&start=$then&end=$((then + 99999))"
contains ",$((then + 99999))]"
status 400 "$url/api/read?series=long&start=$then&end=$((then + 299999))"
contains 'shorter range'

# Rubbish instead of HTTP, and many clients at once.
port=${url##*:}
printf 'rubbish\r\n\r\n' > "/dev/tcp/127.0.0.1/$port"
head -c 100000 /dev/urandom > "/dev/tcp/127.0.0.1/$port" 2> /dev/null || true
writers=()
for writer in 1 2 3 4; do
  (for i in 1 2 3 4 5; do
    write "writer$writer $((1700000000000 + i)) $i"
  done) &
  writers+=($!)
done
wait "${writers[@]}"
status 200 "$url/api/series?prefix=writer"
expect '{"series":["writer1","writer2","writer3","writer4"]}' "$answer"

# Ends in order, and has everything when it starts again.
stop_service
start_service "$temp/db"
status 200 "$url/api/series?prefix=writer"
contains writer4
stop_service
