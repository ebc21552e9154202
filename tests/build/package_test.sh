#!/usr/bin/env bash
# Installs the build into a folder of its own, moves that elsewhere, and
# builds programs against it: with the CMake package and with pkg-config,
# shared and static.
#
#   package_test.sh BUILD_DIR CONSUMER_DIR CXX RocksDB_ROOT
set -euo pipefail

build=$1 consumer=$2 cxx=$3 rocksdb_root=$4
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

quietly() {
  "$@" > "$temp/log" 2>&1 || { cat "$temp/log" >&2; exit 1; }
}

quietly cmake --install "$build" --prefix "$temp/first"
mv "$temp/first" "$temp/prefix"
version=$(sed -n 's/^Version: //p' \
  "$(find "$temp/prefix" -name varve.pc)")
quietly cmake -S "$consumer" -B "$temp/build" -G Ninja \
  -DVARVE_VERSION="$version" \
  -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$temp/prefix" \
  -DRocksDB_ROOT="$rocksdb_root"
quietly cmake --build "$temp/build"
for program in by_name_varve by_name_varve_static by_call_varve \
  by_call_varve_static index; do
  "$temp/build/$program"
done

lib=$(dirname "$(find "$temp/prefix" -name libvarve.so)")
if command -v pkg-config > /dev/null; then
  export PKG_CONFIG_PATH=$lib/pkgconfig
  for program in by_name by_call; do
    # shellcheck disable=SC2046  # lists of flags
    quietly "$cxx" -std=c++17 "$consumer/$program.cc" -o "$temp/$program" \
      $(pkg-config --cflags --libs varve) -Wl,-rpath,"$lib"
    "$temp/$program"
  done
  # Without the shared library the linker takes the archive.
  rm "$lib"/libvarve.so*
  # shellcheck disable=SC2046
  quietly "$cxx" -std=c++17 "$consumer/by_name.cc" -o "$temp/static" \
    $(pkg-config --cflags --libs --static varve)
  "$temp/static"
fi
