#!/usr/bin/env bash
# libvarve.so lets out our public functions, the registration and the one
# function of RocksDB's that it replaces on purpose (plugin/part_table/sst_dump_table.cc),
# and no copy of anything else of RocksDB's or the standard library's: loaded
# before them into a program, it would replace theirs.
#
#   exports_test.sh NM LIBVARVE.SO
set -euo pipefail

nm=$1 library=$2
exported=$("$nm" -D --defined-only -C "$library" | sed 's/^[0-9a-f]* *. //')
strangers=$(grep -vE \
  -e '^((typeinfo|typeinfo name|vtable) for )?varve::|^varve_register$' \
  -e '^rocksdb::SstFileDumper::SetTableOptionsByMagicNumber\(' \
  <<< "$exported" || true)
if [ -n "$strangers" ]; then
  echo "exported, and neither varve:: nor varve_register:"
  echo "$strangers"
  exit 1
fi
for wanted in varve_register varve::ConfigureColumnFamily varve::Policy::Parse \
    rocksdb::SstFileDumper::SetTableOptionsByMagicNumber; do
  if ! grep -qF "$wanted" <<< "$exported"; then
    echo "not exported: $wanted"
    exit 1
  fi
done
# RocksDB's classes must come from RocksDB, with one copy in the process.
taken=$("$nm" -D --undefined-only -C "$library")
if ! grep -q 'rocksdb::' <<< "$taken"; then
  echo "nothing of RocksDB's is taken from RocksDB"
  exit 1
fi
echo "$(wc -l <<< "$exported") symbols"
