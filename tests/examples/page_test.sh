#!/usr/bin/env bash
# The page of examples/service in a headless browser: it plots a series from
# its address, shows gaps as gaps and errors as errors, and takes a name with
# markup in it as a name. Skipped (77) where there is no Chromium.
#
#   page_test.sh SERVICE [SCREENSHOT.png]
set -euo pipefail
browser=$(command -v chromium || command -v chromium-browser) || {
  echo "skipped: no chromium here (make test installs it on Debian)"
  exit 77
}
# shellcheck source=tests/examples/running_service.sh
. "$(dirname "$0")/running_service.sh"

chromium() {
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic \
    --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --disable-dev-shm-usage --user-data-dir="$temp/profile" \
    --virtual-time-budget=3000 "$@" 2> "$temp/chromium.log"
}

# dom HASH: the page's text once it has settled.
dom() {
  dom=$(chromium --dump-dom "$url/#$1") || fail "$(tail -n 5 "$temp/chromium.log")"
}

has() {
  [[ $dom == *"$1"* ]] || fail "no '$1' in:" "$dom"
}

start_service "$temp/db"
then=$(($(date +%s) / 60 * 60 - 600))000
markup='<img/src=x/onerror=alert(1)>'
for i in {0..9}; do
  value=$i
  [ "$i" != 5 ] || value=nan
  printf 'cpu %s %s\n' $((then + i * 60000)) "$value"
done > "$temp/lines"
printf '%s %s 1\n' "$markup" "$then" >> "$temp/lines"
for i in {0..4}; do
  printf 'counter %s %s\n' $((then + i * 60000)) $((1700000000 + i))
  printf 'wide %s %s\n' $((then + i * 60000)) $((i - 2))e308
  printf 'constant %s -1e300\n' $((then + i * 60000))
done | sed 's/[12]e308/1e308/' >> "$temp/lines"
write "@$temp/lines"

dom "series=cpu&start=$then&end=$((then + 540000))"
has 'cpu: 10 samples'
# Nine numbers in two runs: from the corner at the lower left, to the upper
# right.
has '<polyline points="110.0,310.0 '
has ' 890.0,10.0"></polyline>'
[ "$(grep -o '<polyline' <<< "$dom" | wc -l)" = 2 ] || fail "gap not shown" "$dom"
has '<option value="process_cpu_seconds">'

dom "series=%3Cimg%2Fsrc%3Dx%2Fonerror%3Dalert(1)%3E&start=$then&end=$((then + 1))"
has '&lt;img/src=x/onerror=alert(1)&gt;: 1 samples'
[[ $dom != *'<img'* ]] || fail "markup was taken as markup" "$dom"

# The lines of a chart are told apart, and the widest ranges have room.
dom "series=counter&start=$then&end=$((then + 240000))"
has '>1700000001<'
has '<polyline points="110.0,310.0 '
for series in wide constant; do
  dom "series=$series&start=$then&end=$((then + 240000))"
  has "$series: 5 samples"
  [[ ${dom%%<script>*} != *NaN* && ${dom%%<script>*} != *Infinity* ]] ||
    fail "$series has no chart" "$dom"
done

dom 'series=cpu&start=2&end=1'
has 'class="error">start is after end'

if [ $# -gt 1 ]; then
  chromium --window-size=1000,700 --screenshot="$2" \
    "$url/#series=cpu&start=$then&end=$((then + 540000))"
fi
stop_service
