# shellcheck shell=bash
# Sourced by the tests of examples/service: starts and stops the program $1.
# Sets $temp, a folder of its own, and $url.
service=$1
temp=$(mktemp -d)
service_pid=

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

end() {
  [ -z "$service_pid" ] || kill "$service_pid" 2> /dev/null || true
  rm -rf "$temp"
}
trap end EXIT

# start_service DIR: on a free port, which it prints once it listens.
start_service() {
  local line
  exec 3< <(exec "$service" --port=0 "$1")
  service_pid=$!
  read -r line <&3 || fail "the service did not start"
  url=${line#listening on }
}

stop_service() {
  kill -TERM "$service_pid"
  wait "$service_pid" || fail "the service ended with $?"
  service_pid=
}

# write LINES, or write @FILE.
write() {
  local code
  code=$(curl -sS -o "$temp/written" -w '%{http_code}' --data-binary "$1" \
    "$url/api/write")
  [ "$code" = 204 ] || fail "writing: $code" "$(cat "$temp/written")"
}
