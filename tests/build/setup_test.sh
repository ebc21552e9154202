#!/usr/bin/env bash
# scripts/deb-src-entries makes the right entries of either kind of sources
# file, and scripts/setup does nothing when everything is there.
#
#   setup_test.sh ROOT ROCKSDB_SOURCE
set -euo pipefail

root=$1 rocksdb_source=$2
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
mkdir "$temp/parts" "$temp/out"

expect() {
  if [ "$2" != "$3" ]; then
    printf '%s\n-- expected\n%s\n-- got\n%s\n' "$1" "$2" "$3" >&2
    exit 1
  fi
}

entries() { "$root/scripts/deb-src-entries" "$@"; }

# One line an entry.
cat > "$temp/sources.list" << 'END'
# deb http://off.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian/ bookworm main contrib
deb http://b.example/security bookworm-security main # a note
deb-src http://a.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
END
entries "$temp/sources.list" "$temp/parts" "$temp/out" \
  http://a.example/debian bookworm
expect "the entry that serves the package, with its options" \
  "deb-src [arch=amd64 signed-by=/k.gpg] http://a.example/debian/ bookworm main contrib" \
  "$(cat "$temp/out/varve.list" "$temp/out/varve.sources")"
entries "$temp/sources.list" "$temp/parts" "$temp/out"
expect "all entries when it is not known" 2 \
  "$(grep -c '^deb-src' "$temp/out/varve.list")"

# deb822, with a key inside, and stanzas that do not count.
cat > "$temp/parts/debian.sources" << 'END'
# The archive.

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb deb-src
URIs: http://m.example/debian
  http://a.example/debian
# in between
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBFwqvEYBEADsz8nE
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://b.example/security
Suites: bookworm-security
Components: main
END
entries /nowhere "$temp/parts" "$temp/out" http://a.example/debian bookworm
expect "the stanza that serves the package, whole" \
  "Types: deb-src
URIs: http://m.example/debian
  http://a.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBFwqvEYBEADsz8nE
 -----END PGP PUBLIC KEY BLOCK-----" \
  "$(cat "$temp/out/varve.list" "$temp/out/varve.sources")"

rm "$temp/parts/debian.sources"
if entries /nowhere "$temp/parts" "$temp/out"; then
  expect "fails without entries" failure success
fi

# Where the set-up was done by scripts/setup, a second one neither installs
# nor fetches: apt is not even there.
if command -v dpkg-query > /dev/null &&
  [ "$(basename "$("$root/scripts/setup" --print-source "$temp")")" = \
    "$(basename "$rocksdb_source")" ]; then
  mkdir "$temp/bin" "$temp/set-up"
  for forbidden in apt-get apt-cache sudo; do
    printf '#!/bin/sh\necho %s called >&2\nexit 1\n' "$forbidden" \
      > "$temp/bin/$forbidden"
    chmod +x "$temp/bin/$forbidden"
  done
  mkdir -p "$("$root/scripts/setup" --print-source "$temp/set-up")"
  expect "a second set-up is silent" "" \
    "$(PATH="$temp/bin:$PATH" "$root/scripts/setup" "$temp/set-up" 2>&1)"
fi
