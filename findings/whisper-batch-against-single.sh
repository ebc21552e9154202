#!/usr/bin/env bash
# whisper 1.1.4 (Debian 12; 1.1.10 does the same), which Graphite stores with.
# Two points of one slot, written one after the other: the later write stays.
# The same two in one update_many, in any order: the one with the later time
# stays. carbon writes in batches of what has come meanwhile, so what is stored
# of two corrections depends on its load. One would expect one rule.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm python3-whisper=1.1.4-2.2

stored() {
  PYTHONPATH=$work/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
    python3 - "$work/file.wsp" "$1" << 'EOF'
import os, sys
import whisper
path, how = sys.argv[1:]
if os.path.exists(path):
    os.remove(path)
whisper.create(path, [(60, 10)])
points = [(1700000131, 2.0), (1700000101, 1.0)]  # one slot, the later time first
if how == "single":
    for time, value in points:
        whisper.update(path, value, time, now=1700000140)
else:
    order = points if how == "batch" else points[::-1]
    whisper.update_many(path, order, now=1700000140)
values = whisper.fetch(path, 1700000000, 1700000140, now=1700000140)[1]
print([v for v in values if v is not None])
EOF
}
saw "one by one" "[1.0]" "$(stored single)"
saw "in a batch, in the same order" "[2.0]" "$(stored batch)"
saw "in a batch, the other way round" "[2.0]" "$(stored turned)"
