"""Makes the whisper files that the tests read, and what whisper says of them:
make_whisper_files.py OUT, with whisper.py in PYTHONPATH. Run with 1.1.4
(Debian 12) and 1.1.10 (13), which write the same bytes and say the same.

OUT/points.txt has a line for each point that is left when archives are joined,
the finest first: of every archive what whisper.fetch returns of it at the
file's newest time, but for points of coarser ones within whose step a finer
one has a point."""
import os
import sys

import whisper

START = 1700000000 - 1700000000 % 3600
ARCHIVES = [(60, 30), (300, 24), (3600, 48)]


def write(path, method, points, archives=ARCHIVES, factor=0.3):
    """points: (time, value, the clock's time when it comes)."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, archives, xFilesFactor=factor, aggregationMethod=method)
    for time, value, now in points:
        whisper.update(path, value, time, now)


def joined(path, archives, now):
    taken = {}
    for step, count in archives:
        info, values = whisper.fetch(path, now - step * count, now, now=now,
                                     archiveToSelect=step)
        found = {}
        for i, value in enumerate(values):
            time = info[0] + i * info[2]
            finer = any(time <= other < time + step for other in taken)
            if value is not None and not finer:
                found[time] = value
        taken.update(found)
    return taken


def steady(first, last, step=60, skip=lambda i: False):
    return [(START + i * step, i % 17 / 4, START + i * step + 5)
            for i in range(first, last) if not skip(i)]


def main(out):
    os.makedirs(out)
    files = {}
    # Wrapped: the coarser archives have what is older, and late points that
    # the fine one has no place for.
    late = [(START + 3 * 3600 - 5000 - i, 1000 + i, START + 3 * 3600)
            for i in (0, 70, 400)]
    files["servers/web1/load.wsp"] = (
        "average", steady(0, 180, skip=lambda i: i % 7 == 3) + late)
    files["counts/total.wsp"] = ("sum", steady(3, 95))
    # A pause of more than the fine archive's time: old points stay in places
    # that nothing has overwritten.
    files["paused.wsp"] = (
        "last", steady(0, 30) + steady(50, 62) + steady(90, 95))
    tagged = "_tagged/01a/b2c/disk_DOT_used;dc=x;rack=r1.wsp"
    files[tagged] = ("max", steady(0, 10) + [
        (START + 700, float("inf"), START + 700),
        (START + 760, -0.0, START + 760), (START + 820, 5e-324, START + 820)])
    # Nothing reaches the coarse archive: too few points of each slot.
    files["sparse.wsp"] = ("min", steady(0, 40, skip=lambda i: i % 5))
    files["empty.wsp"] = ("average", [])
    with open(os.path.join(out, "points.txt"), "w") as text:
        for name, (method, points) in sorted(files.items()):
            path = os.path.join(out, name)
            factor = 0.5 if name == "sparse.wsp" else 0.3
            write(path, method, points, factor=factor)
            if not points:
                continue
            now = max(time for time, _, _ in points)
            for time, value in sorted(joined(path, ARCHIVES, now).items()):
                text.write(f"{name} {time} {value!r}\n")


if __name__ == "__main__":
    main(sys.argv[1])
