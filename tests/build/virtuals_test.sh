#!/usr/bin/env bash
# The virtual functions of the RocksDB classes that Varve derives from are
# those that a person has looked at: one that a version adds with a default
# compiles in silence where it has to be overridden.
#
#   virtuals_test.sh ROOT ROCKSDB_SOURCE [--print]
#
# For a version that the list does not know it compares with the newest known
# and fails. When all that differs has been looked at, --print writes the list
# with that version in it.
set -euo pipefail

root=$1 source=$2
list=$root/tests/build/rocksdb_virtuals.txt
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

number() { sed -n "s/^#define ROCKSDB_$1 \([0-9]*\).*/\1/p" \
  "$source/include/rocksdb/version.h"; }
version=$(number MAJOR).$(number MINOR)
"$root/scripts/rocksdb-virtuals" "$source" > "$temp/found"
[ "$(wc -l < "$temp/found")" -gt 100 ] || {
  echo "virtuals_test: nothing found in $source" >&2
  exit 1
}

if [ "${3:-}" = --print ]; then
  grep '^#' "$list"
  awk -v version="$version" '
    FNR == NR { found[$0] = 1; order[++count] = $0; next }
    /^#/ { next }
    {
      at = index($0, "| ")
      versions = substr($0, 1, at - 1)
      text = substr($0, at + 2)
      listed[text] = 1
      if (text in found && index(" " versions " ", " " version " ") == 0)
        versions = versions " " version
      print versions "| " text
    }
    END {
      for (i = 1; i <= count; ++i)
        if (!(order[i] in listed)) print version "| " order[i]
    }' "$temp/found" "$list"
  exit
fi

# listed VERSION
listed() {
  awk -v version="$1" '!/^#/ {
    at = index($0, "| ")
    if (index(" " substr($0, 1, at - 1) " ", " " version " "))
      print substr($0, at + 2) }' "$list"
}
known=$version
if [ -z "$(listed "$version")" ]; then
  known=$(sed -n 's/^\([^#|]*\)|.*/\1/p' "$list" | tr ' ' '\n' |
    sort -Vu | tail -n 1)
  echo "RocksDB $version is not in ${list#"$root/"}: compared with $known"
fi
listed "$known" | sort > "$temp/listed"
sort "$temp/found" > "$temp/sorted"
if ! diff "$temp/listed" "$temp/sorted" > "$temp/diff"; then
  echo "virtual functions of $known (<) and of $source (>):"
  cat "$temp/diff"
  exit 1
fi
[ "$known" = "$version" ]
