"""Writes the samples of the test blocks to a Prometheus that takes remote
writes: remote_write.py URL. Protobuf and snappy (literals only) by hand, so
that nothing has to be installed."""
import struct
import sys
import urllib.request

START_MS = 1700000000000
STALE = 0x7FF0000000000002


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def number_field(number, value):
    return varint(number << 3) + varint(value)


def double_field(number, value):
    bits = struct.pack("<Q", value) if isinstance(value, int) else struct.pack("<d", value)
    return varint(number << 3 | 1) + bits


def zigzag(value):
    return value << 1 ^ value >> 63


def label(name, value):
    return field(1, field(1, name.encode()) + field(2, value.encode()))


def series(labels, samples, histograms=()):
    data = b"".join(label(n, v) for n, v in sorted(labels.items()))
    for time, value in samples:
        data += field(2, double_field(1, value) + number_field(2, time))
    for histogram in histograms:
        data += field(4, histogram)
    return field(1, data)


def histogram(time, count):
    spans = number_field(1, zigzag(0)) + number_field(2, 2)
    deltas = varint(zigzag(count)) + varint(zigzag(0))
    return (number_field(1, 2 * count) + double_field(3, 18.5 * count) +
            number_field(4, zigzag(1)) + double_field(5, 0.001) +
            number_field(6, 0) + field(11, spans) + field(12, deltas) +
            number_field(15, time))


def snappy(data):
    out = varint(len(data))
    for begin in range(0, len(data), 65536):
        part = data[begin:begin + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(part) - 1) + part
    return out


def walk(seed, count, step_ms):
    """A jittery clock and a walk in tenths, the same in every run."""
    samples = []
    value = 200
    for i in range(count):
        seed = (seed * 1103515245 + 12345) % (1 << 31)
        value += seed // 65536 % 7 - 3
        jitter = 0 if seed // 4096 % 4 else seed // 64 % 40
        samples.append((START_MS + i * step_ms + jitter, value / 10))
    return samples


def request():
    data = b""
    for i in range(3):
        labels = {"__name__": "walk", "i": str(i), "job": "a"}
        data += series(labels, walk(i + 1, 130, 15000))
    odd = [0.0, -0.0, float("nan"), float("inf"), float("-inf"), 5e-324,
           1.7976931348623157e308, 0.1, STALE, 1, 1e15 + 0.5]
    odd = [v if v == STALE else float(v) for v in odd]
    data += series({"__name__": "odd", "text": 'a "quote" \\ and\nline é'},
                   [(START_MS + 1000 * i, v) for i, v in enumerate(odd)])
    data += series({"__name__": "gone", "job": "a"}, walk(9, 50, 15000))
    data += series({"__name__": "steps"},
                   [(START_MS + sum(1 << j for j in range(i)), float(i * i))
                    for i in range(22)])
    data += series({"__name__": "latency"}, [],
                   [histogram(START_MS + 15000 * i, i + 1) for i in range(5)])
    return data


if __name__ == "__main__":
    headers = {"Content-Encoding": "snappy",
               "Content-Type": "application/x-protobuf",
               "X-Prometheus-Remote-Write-Version": "0.1.0"}
    post = urllib.request.Request(sys.argv[1], snappy(request()), headers)
    with urllib.request.urlopen(post) as answer:
        print(answer.status)
