#!/usr/bin/env bash
# Installs the build into a folder of its own, builds every example against
# that alone, each by its own CMake file, and runs it. What it prints is what
# its expected.txt says: a pattern of the shell a line, * for what may vary.
#
#   examples_test.sh BUILD_DIR CXX RocksDB_ROOT [EXAMPLE...]
#
# Programs stay in BUILD_DIR/examples, for the tests that come after.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../examples
build=$1 cxx=$2 rocksdb_root=$3
shift 3
prefix=$build/examples/prefix
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

quietly() {
  "$@" > "$temp/log" 2>&1 || fail "failed: $*" "$(cat "$temp/log")"
}

# How each is run in an empty folder, if not as "EXAMPLE DIR".
run() {
  local program=$build/examples/$1/$1
  case $1 in
    options_string)
      "$program" "$(find "$prefix" -name libvarve.so)" db &&
        "$prefix/bin/varve" export --db=db --format=csv | head -n 4
      ;;
    downsampling_year)
      "$program" db chart.svg &&
        grep -o '<polyline\|</svg>' chart.svg
      ;;
    service) "$here/service_test.sh" "$program" && echo OK ;;
    *) "$program" db ;;
  esac
}

# compare EXPECTED GOT
compare() {
  local pattern line number=0
  while IFS= read -r pattern <&3; do
    number=$((number + 1))
    IFS= read -r line <&4 || fail "ends before line $number: $pattern"
    # shellcheck disable=SC2053  # a pattern it is
    [[ $line == $pattern ]] ||
      fail "line $number" "expected: $pattern" "printed:  $line"
  done 3< "$1" 4< "$2"
  [ "$(wc -l < "$2")" = "$number" ] || fail "prints more than $1 says"
}

rm -rf "$prefix"
quietly cmake --install "$build" --prefix "$prefix"
if [ $# = 0 ]; then
  for file in "$examples"/*/CMakeLists.txt; do
    set -- "$@" "$(basename "$(dirname "$file")")"
  done
fi
for example in "$@"; do
  echo "== $example"
  quietly cmake -S "$examples/$example" -B "$build/examples/$example" \
    -G Ninja -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$prefix" \
    -DRocksDB_ROOT="$rocksdb_root" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror"
  quietly cmake --build "$build/examples/$example"
  mkdir "$temp/$example"
  (cd "$temp/$example" && run "$example") > "$temp/printed" ||
    fail "ended with an error" "$(cat "$temp/printed")"
  compare "$examples/$example/expected.txt" "$temp/printed"
  # A second run says that it was here before; these two go on.
  case $example in quickstart | service) continue ;; esac
  if (cd "$temp/$example" && run "$example") > "$temp/printed" 2>&1; then
    fail "runs twice over one database" "$(cat "$temp/printed")"
  fi
  grep -qi 'exists' "$temp/printed" ||
    fail "a second run says:" "$(cat "$temp/printed")"
done
