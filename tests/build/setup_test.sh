#!/usr/bin/env bash
# scripts/deb-src-entries makes the right entries of either kind of sources
# file; scripts/setup fetches a source package, and upstream's archive alone
# where the mirror lacks the package's description; and it does nothing when
# everything is there.
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

# A machine of another Debian, made of programs that say what it has. MIRROR is
# what its mirror has: dsc, tar or nothing.
mkdir "$temp/debian" "$temp/upstream-1a2b3c"
mkdir -p "$temp/upstream-1a2b3c/include/rocksdb"
echo '#define ROCKSDB_MAJOR 9' \
  > "$temp/upstream-1a2b3c/include/rocksdb/version.h"
tar -C "$temp" -cJf "$temp/upstream.tar.xz" upstream-1a2b3c
echo 'deb http://a.example/debian trixie main' > "$temp/sources.list"
program() {
  printf '#!/usr/bin/env bash\n' > "$temp/debian/$1"
  cat >> "$temp/debian/$1"
  chmod +x "$temp/debian/$1"
}
program dpkg-query << 'END'
case $3 in
  *Status*) echo installed ;;
  *source*) echo 'rocksdb 9.10.0-1' ;;
  *) echo 9.10.0-1+b1 ;;
esac
END
program apt-config << END
echo "LIST='$temp/sources.list' PARTS='$temp/parts'"
END
program apt-cache << 'END'
echo 'librocksdb-dev | 9.10.0-1+b1 | http://a.example/debian trixie/main x'
END
program apt-get << END
case "\$MIRROR \$*" in
  tar*--tar-only*) cp "$temp/upstream.tar.xz" rocksdb_9.10.0.orig.tar.xz ;;
  dsc*--tar-only*) exit 1 ;;
  dsc*source*) touch rocksdb_9.10.0-1.dsc ;;
  *update) ;;
  *) exit 100 ;;
esac
END
program dpkg-source << END
[ -f "\$3" ] && mkdir "\$4" && tar -C "\$4" --strip-components=1 \
  -xf "$temp/upstream.tar.xz" && echo dsc > "\$4/from"
END
set_up() {
  MIRROR=$1 PATH="$temp/debian:$PATH" "$root/scripts/setup" "$temp/$1" 2>&1
}
set_up dsc > /dev/null
expect "the package's own description is preferred" dsc \
  "$(cat "$temp/dsc/rocksdb-9.10.0-1/from")"
expect "the archive alone will do, and is said" 1 \
  "$(set_up tar | grep -c "without Debian's patches")"
expect "whatever its folder is called" '#define ROCKSDB_MAJOR 9' \
  "$(cat "$temp/tar/rocksdb-9.10.0-1/include/rocksdb/version.h")"
expect "and not fetched twice" "" "$(set_up tar)"
if said=$(set_up nothing); then expect "fails" failure success; fi
expect "says what to do without either" 1 \
  "$(grep -c VARVE_ROCKSDB_SOURCE_DIR <<< "$said")"
expect "and leaves nothing half done" "" \
  "$(find "$temp/nothing" -maxdepth 1 -name 'rocksdb-*')"

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
