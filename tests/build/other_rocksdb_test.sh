#!/bin/bash
# Loaded into a program that runs with another librocksdb than the one it was
# built against, the library says so and nothing crashes.
#
#   other_rocksdb_test.sh LIBVARVE PLAIN_ROCKSDB RELEASE
#
# RELEASE is where scripts/release-rocksdb has installed a RocksDB without
# assertions ("make bench" does); VARVE_OTHER_ROCKSDB names another folder with
# a librocksdb of the same version. Without either it is skipped (77).
set -uo pipefail
libvarve=$1
program=$2
other=${VARVE_OTHER_ROCKSDB:-$3/install/lib}
if [ ! -e "$other/librocksdb.so" ]; then
  echo "no other librocksdb in $other"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
for object in table_factory={id=VarvePartTable} \
  merge_operator={id=VarveSampleMerge} \
  compaction_filter_factory={id=VarveTierFilter} \
  sst_partitioner_factory={id=VarveTimePartitioner} \
  "table_properties_collectors={{id=VarveSampleProperties}}"; do
  out=$(LD_LIBRARY_PATH=$other "$program" "$libvarve" "$work/db" \
    "create_if_missing=true;$object" 2>&1)
  code=$?
  if [ $code -ne 1 ] ||
    [[ $out != *"Varve was built against RocksDB"*"and runs in RocksDB"* ]]; then
    echo "$object: exit code $code, $out"
    failures=$((failures + 1))
  fi
done
[ $failures -eq 0 ]
