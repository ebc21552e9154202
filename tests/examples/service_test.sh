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

# Metrics: every line is one that Prometheus reads, each name once, and its own
# tool finds nothing to say, where it is installed.
status 200 "$url/metrics"
bad=$(grep -Evx '# (HELP [a-z][a-z0-9_]* .+|TYPE [a-z][a-z0-9_]* (counter|gauge))|[a-z][a-z0-9_]* [0-9]+' \
  <<< "$answer" || true)
expect "" "$bad"
expect "" "$(grep '^#' <<< "$answer" | sort | uniq -d)"
if command -v promtool > /dev/null; then
  said=$(promtool check metrics <<< "$answer" 2>&1) || fail "$said"
fi
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
# Seconds are milliseconds of January 1970: taken, past retention, counted.
write "seconds ${then%000} 1"
status 200 "$url/metrics"
contains 'varve_written_expired_total 1'
contains 'varve_written_refused_total 2'
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

# Nobody reads what is sent to nowhere: the client may see the connection
# closed before it sees the answer.
got=$(curl -s -o "$temp/answer" -w '%{http_code}' \
  -H 'Transfer-Encoding: chunked' --data-binary "@$temp/long" "$url/nowhere" ||
  true)
[[ $got == 404 || $got == 000 ]] || fail "nowhere answers $got"
status 404 --data-binary 'cpu 1 1' "$url/nowhere"

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
    write "writer$writer $((then + i)) $i"
  done) &
  writers+=($!)
done
wait "${writers[@]}"
status 200 "$url/api/series?prefix=writer"
expect '{"series":["writer1","writer2","writer3","writer4"]}' "$answer"

# A port has one service.
if printed=$("$service" --port="$port" "$temp/other" 2>&1); then
  fail "a second service on port $port: $printed"
fi
[[ $printed == "cannot listen on 127.0.0.1:$port" ]] || fail "$printed"

# Asked to end while a body is on its way, it takes the rest and answers: the
# "100 Continue" tells that the request has begun.
line="last $((then + 1)) 1"
exec 4<> "/dev/tcp/127.0.0.1/$port"
printf '%s\r\n' 'POST /api/write HTTP/1.1' 'Host: here' \
  'Expect: 100-continue' "Content-Length: ${#line}" '' >&4
read -r first <&4
[[ $first == *' 100 '* ]] || fail "expected 100: $first"
printf '%s' "${line:0:5}" >&4
kill -TERM "$service_pid"
printf '%s' "${line:5}" >&4
rest=$(cat <&4)
exec 4>&-
[[ $rest == *' 204 '* ]] || fail "not answered at the end: $rest"
wait "$service_pid" || fail "the service ended with $?"

# A client that never sends the rest does not keep it: a second signal ends it.
start_service "$temp/db"
exec 4<> "/dev/tcp/127.0.0.1/${url##*:}"
printf '%s\r\n' 'POST /api/write HTTP/1.1' 'Host: here' \
  'Expect: 100-continue' 'Content-Length: 100' '' >&4
read -r first <&4
code=0
while kill -TERM "$service_pid" 2> /dev/null; do :; done
wait "$service_pid" || code=$?
exec 4>&-
[[ $code == 0 || $code == 143 ]] || fail "the service ended with $code"

# It has everything when it starts again.
start_service "$temp/db"
status 200 "$url/api/series?prefix=writer"
contains writer4
status 200 "$url/api/read?series=last&start=$then&end=$((then + 1))"
contains '"values":[1]'
stop_service
