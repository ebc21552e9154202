#!/usr/bin/env bash
# Makes the Debian package and uses it unpacked, without installing it: the
# tool, the library in RocksDB's ldb, the headers. All versions are one.
#
#   deb_test.sh BUILD_DIR CXX LDB
set -euo pipefail

build=$1 cxx=$2 ldb=$3
command -v dpkg-deb > /dev/null || {
  echo "skipped: no dpkg here"
  exit 77
}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

quietly() {
  "$@" > "$temp/log" 2>&1 || fail "failed: $*" "$(cat "$temp/log")"
}

expect() {
  [ "$2" = "$3" ] || fail "$1" "expected: $2" "got:      $3"
}

quietly cpack --config "$build/CPackConfig.cmake" -G DEB -B "$temp"
deb=$(ls "$temp"/varve_*.deb)
version=$(dpkg-deb -f "$deb" Version)
expect "the file's name" \
  "varve_${version}_$(dpkg --print-architecture).deb" "$(basename "$deb")"
depends=$(dpkg-deb -f "$deb" Depends)
for package in 'librocksdb[0-9.]+ \(<<' 'librocksdb[0-9.]+ \(>=' libzstd1 libc6; do
  grep -Eq "$package" <<< "$depends" || fail "no $package in $depends"
done
dpkg-deb -I "$deb" triggers | grep -qx 'activate-noawait ldconfig' ||
  fail "the package does not have ldconfig run"
owners=$(dpkg-deb -c "$deb" | awk '{ print $2 }' | sort -u)
expect "owner of the files" root/root "$owners"

dpkg-deb -x "$deb" "$temp/root"
usr=$temp/root/usr
for file in bin/varve bin/varve_bench share/man/man1/varve.1.gz \
  share/man/man1/varve_bench.1.gz \
  share/bash-completion/completions/varve \
  lib/libvarve.so lib/libvarve.a include/varve/varve.h \
  lib/cmake/varve/varveConfig.cmake share/doc/varve/copyright \
  share/doc/varve/README.md share/doc/varve/examples/quickstart/quickstart.cc; do
  [ -e "$usr/$file" ] || fail "not in the package: $file"
done
if find "$temp/root" -type f -exec grep -lF -- "$build" {} + > "$temp/leaks"; then
  fail "the build folder's name is in:" "$(cat "$temp/leaks")"
fi

# Links between the documents, those in blocks of code apart.
(cd "$usr/share/doc/varve" && find . -name '*.md' | while read -r document; do
  awk '/^```/ { code = !code } !code' "$document" |
    { grep -oE '\]\([^)#[:space:]]+' || true; } | cut -c 3- |
    while read -r link; do
      [[ $link == *://* || -e $(dirname "$document")/$link ]] ||
        echo "$document: $link"
    done
done) > "$temp/links"
expect "links that lead nowhere" "" "$(cat "$temp/links")"

expect "varve --version" "varve $version" \
  "$("$usr/bin/varve" --version | cut -d, -f1)"
expect "pkg-config --modversion" "$version" \
  "$(PKG_CONFIG_PATH=$usr/lib/pkgconfig pkg-config --modversion varve)"
grep -q "^## $version\( \|$\)" "$usr/share/doc/varve/CHANGELOG.md" ||
  fail "CHANGELOG.md has no section on $version"
expect "the library's file" "libvarve.so.$version" \
  "$(basename "$(readlink -f "$usr/lib/libvarve.so")")"

printf 'series,timestamp_ms,value\ncpu,1700000000000,0.5\n' > "$temp/in.csv"
quietly "$usr/bin/varve" import --db="$temp/db" --policy=bucket=1d \
  "$temp/in.csv"
quietly "$usr/bin/varve" compact --db="$temp/db"
expect "what was imported" "$(cat "$temp/in.csv")" \
  "$("$usr/bin/varve" export --db="$temp/db" --format=csv)"
quietly env LD_PRELOAD="$usr/lib/libvarve.so" \
  "$ldb" --db="$temp/db" scan --no_value

quietly "$usr/bin/varve" ldb --db="$temp/db" checkconsistency

# The package's own copy of an example, against the package alone.
quietly cmake -S "$usr/share/doc/varve/examples/quickstart" -B "$temp/build" \
  -G Ninja -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$usr"
quietly cmake --build "$temp/build"
expect "the example prints" \
  "$(cat "$usr/share/doc/varve/examples/quickstart/expected.txt")" \
  "$("$temp/build/quickstart" "$temp/quickstart")"
