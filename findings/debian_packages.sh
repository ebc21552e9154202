# For the scripts beside this one, which source it: $work, a folder that goes
# away with the script and what it has started; and
#
#   unpack SUITE PACKAGE=VERSION...    Debian's packages below $work/root
#   started URL                        waits until URL answers
#   saw WHAT WANTED GOT                prints it; ends the script if it differs
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true; rm -rf "$work"' EXIT

unpack() {
  local suite=$1 apt=$work/apt
  shift
  mkdir -p "$apt"/{sources,lists/partial,cache/archives/partial,debs}
  cat > "$apt/sources/debian.sources" << EOF
Types: deb
URIs: http://deb.debian.org/debian
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
  local options=(-o Dir::Etc::sourcelist=/dev/null
    -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists"
    -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none
    -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update > "$apt/log"
  (cd "$apt/debs" && apt-get "${options[@]}" download "$@" > "$apt/log")
  local deb
  for deb in "$apt"/debs/*.deb; do
    dpkg -x "$deb" "$work/root"
  done
  PATH=$work/root/usr/bin:$PATH
}

started() {
  local round
  for round in $(seq 150); do
    curl -sf "$1" > /dev/null && return
    read -rt 0.2 <> <(:) || true
  done
  echo "nothing answers at $1" >&2
  exit 1
}

saw() {
  printf '%s:\n%s\n' "$1" "$3"
  [ "$3" = "$2" ] && return
  printf 'That is not what was seen before:\n%s\n' "$2" >&2
  exit 1
}
