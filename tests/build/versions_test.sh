#!/usr/bin/env bash
# The lists of RocksDB versions agree: what the build knows, what the code
# knows, what the document says. And a version that was not tested is refused
# with a sentence that says how to try it.
#
#   versions_test.sh ROOT CMAKE
set -euo pipefail

root=$1 cmake=$2
failed=0
fail() {
  echo "versions_test: $*" >&2
  failed=1
}

known=$(sed -n 's/^ *"\([0-9.]*\)|.*/\1/p' "$root/cmake/RocksDBVersions.cmake")
[ "$(wc -w <<< "$known")" -ge 6 ] || fail "cmake's list cannot be read"
in_code=$(grep -o '!VARVE_ROCKSDB_IS([0-9, ]*)' \
  "$root/plugin/host/version.h" | sed 's/.*(\([0-9]*\), \([0-9]*\))/\1.\2/')
[ "$known" = "$in_code" ] ||
  fail "cmake knows" $known "and plugin/host/version.h" $in_code
for version in $known; do
  grep -q "^| ${version//./\\.}\.[0-9]* |" "$root/docs/COMPATIBILITY.md" ||
    fail "docs/COMPATIBILITY.md says nothing of $version"
  grep -q "^[^|]*\b${version//./\\.}\b[^|]*| " \
    "$root/tests/build/rocksdb_virtuals.txt" ||
    fail "nobody has looked at the virtual functions of $version"
done

configure() {
  "$cmake" -DRocksDB_VERSION="$1" -P "$root/cmake/RocksDBVersions.cmake" 2>&1
}
tested=$(sed -n 's/^ *"\([0-9.]*\)|tested.*/\1/p' \
  "$root/cmake/RocksDBVersions.cmake")
for version in $tested; do
  configure "$version.0" > /dev/null || fail "refuses $version"
done
for version in 6.11.4 7.10.2 9.1.0 99.0.0; do
  if said=$(configure "$version"); then fail "takes $version"; fi
  case $said in
    *"RocksDB $version"*check-rocksdb*VARVE_ROCKSDB_UNTESTED=ON*) ;;
    *) fail "says of $version: $said" ;;
  esac
done
exit $failed
