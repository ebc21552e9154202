#!/usr/bin/env bash
# whisper 1.1.4 (Debian 12; 1.1.10 does the same), which Graphite stores with.
# One file has the first fourteen minutes of a metric, a 1 each, the other the
# four after them; aggregation is the sum, 5 minutes a slot. After merge() the
# fine archive has five ones in the slot where the two meet, and the coarse one
# 4 for it, what one of the files had. One would expect 5: the points are there.
set -euo pipefail
. "$(dirname "$0")/debian_packages.sh"
unpack bookworm python3-whisper=1.1.4-2.2

merged=$(PYTHONPATH=$work/root/usr/lib/python3/dist-packages \
  PYTHONDONTWRITEBYTECODE=1 python3 - "$work" << 'EOF'
import sys
import whisper
start = 1700000100
now = start + 17 * 60
paths = [sys.argv[1] + "/" + name for name in ("first.wsp", "last.wsp")]
for path, minutes in zip(paths, (range(14), range(14, 18))):
    whisper.create(path, [(60, 10), (300, 12)], xFilesFactor=0.0,
                   aggregationMethod="sum")
    for i in minutes:
        whisper.update(path, 1, start + 60 * i, now=start + 60 * i)
whisper.merge(paths[0], paths[1], now=now)
fine = whisper.fetch(paths[1], start + 540, start + 840, now=now)[1]
coarse = whisper.fetch(paths[1], start + 300, start + 600, now=now,
                       archiveToSelect=300)[1]
print("fine", fine, "coarse", coarse)
EOF
)
saw "minutes 10 to 14, and their slot of 5 minutes" \
  "fine [1.0, 1.0, 1.0, 1.0, 1.0] coarse [4.0]" "$merged"
