"""Other stores that keep samples, measured by bench-samples on the same ones:
VictoriaMetrics, Prometheus (promtool) and ClickHouse's GraphiteMergeTree, as
Debian has them. Servers listen on the loopback alone, in a folder that goes
away, and end with the measurement.

A peer that is not there is said to be absent. An environment variable names
its program where it is not on the path: VICTORIA_METRICS, PROMTOOL,
CLICKHOUSE_SERVER.
"""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse

WINDOW_MS = 3600000  # of a range read, as varve_bench's --window_ms
RANGE_READS = 1000
START_SECONDS = 60


class PeerError(Exception):
    pass


def directory_bytes(path):
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            total += os.stat(os.path.join(folder, name)).st_size
    return total


class Samples:
    """What the peers are fed: text files of a data set."""

    def __init__(self, folder):
        self.folder = folder
        self.names = []  # of the series
        self.first_ms = self.last_ms = None
        self.count = 0

    def path(self, form):
        return os.path.join(self.folder, "samples." + form)

    def scan(self):
        """Reads what is in the CSV file, and writes ClickHouse's from it; or
        what it has found before."""
        if os.path.exists(self.path("json")):
            with open(self.path("json")) as file:
                self.__dict__.update(json.load(file), folder=self.folder)
            return
        with open(self.path("csv")) as text, \
                open(self.path("tsv"), "w") as rows:
            next(text)  # the header
            for line in text:
                name, time_ms, value = line.rstrip("\n").split(",")
                if not self.names or self.names[-1] != name:
                    self.names.append(name)
                moment = int(time_ms)
                if self.count == 0 or moment < self.first_ms:
                    self.first_ms = moment
                if self.count == 0 or moment > self.last_ms:
                    self.last_ms = moment
                self.count += 1
                rows.write(f"{name}\t{moment // 1000}\t{moment % 1000}\t"
                           f"{value}\t1\n")
        with open(self.path("json"), "w") as file:
            json.dump(self.__dict__, file)

    def windows(self):
        """Random series and times, the same for all."""
        source = random.Random(1)
        room = max(1, self.last_ms - self.first_ms - WINDOW_MS)
        for _ in range(RANGE_READS):
            start = self.first_ms + source.randrange(room)
            yield source.choice(self.names), start, start + WINDOW_MS - 1


class Server:
    """A server in a process of its own, and its resources."""

    def __init__(self, command, port, log):
        self.port = port
        with open(log, "w") as output:
            self.process = subprocess.Popen(command, stdout=output,
                                            stderr=output)
        self.log = log
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_ready(self, path):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask(path)
                return
            except OSError:
                self.connection.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    with open(self.log) as text:
                        last = text.read().strip().splitlines()[-1:]
                    raise PeerError("does not start: " + "".join(last))
                time.sleep(0.1)

    def ask(self, path, body=None):
        """The answer's bytes; a file is streamed as the body."""
        self.connection.request("GET" if body is None else "POST", path, body,
                                {"Content-Length": str(os.fstat(
                                    body.fileno()).st_size)}
                                if hasattr(body, "fileno") else {})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise PeerError(f"answers {answer.status}: "
                            f"{content[:300].decode(errors='replace')}")
        return content

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    name = package = variable = ""
    programs = ()

    def __init__(self):
        self.program = os.environ.get(self.variable) or next(
            filter(None, (shutil.which(program) for program in self.programs)),
            None)

    def is_present(self):
        return self.program is not None and os.access(self.program, os.X_OK)

    def describe(self):
        """A line for people: the version, or how to get it."""
        if self.program is None:
            return (f"absent: apt-get install {self.package}, or set "
                    f"{self.variable}=PROGRAM")
        if not self.is_present():
            return f"absent: {self.program} is not a program"
        return self.version()

    def debian_version(self):
        """For programs that do not know their own."""
        asked = subprocess.run(["dpkg-query", "-S", self.program],
                               capture_output=True, text=True)
        package = asked.stdout.split(":")[0]
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}",
                                package], capture_output=True, text=True)
        return asked.stdout if package and asked.stdout else "version unknown"

    def version(self):
        return self.debian_version()

    def measure(self, samples, folder, pin, record):
        """record(benchmark, operations, samples, seconds, cpu_seconds,
        stored_bytes, peak_bytes) for each."""
        raise NotImplementedError

    @staticmethod
    def measure_server(server, steps, stored, record):
        """steps: (benchmark, operations, a function that does it and returns
        a number of samples)"""
        for benchmark, operations, step in steps:
            start, cpu = time.monotonic(), server.cpu_seconds()
            count = step()
            record(benchmark, operations, count, time.monotonic() - start,
                   server.cpu_seconds() - cpu, stored(), server.peak_bytes())


class VictoriaMetrics(Peer):
    name = "victoria-metrics"
    package = "victoria-metrics"
    variable = "VICTORIA_METRICS"
    programs = ("victoria-metrics", "victoria-metrics-prod")

    def measure(self, samples, folder, pin, record):
        port = free_port()
        data = f"{folder}/victoria-metrics"
        everything = "/api/v1/export?" + urllib.parse.urlencode(
            {"match[]": '{__name__!=""}', "start": 0})

        def fill():
            with open(samples.path("jsonl"), "rb") as file:
                server.ask("/api/v1/import", file)
            server.ask("/internal/force_flush")
            # It writes its parts to disk some seconds after.
            end = time.monotonic() + START_SECONDS
            while not any("values.bin" in names and
                          os.path.basename(os.path.dirname(path)) != "tmp"
                          for path, _, names in os.walk(f"{data}/data")):
                if time.monotonic() > end:
                    raise PeerError("writes nothing to disk")
                time.sleep(0.1)
            return samples.count

        def merge():
            server.ask("/internal/force_merge")
            while True:  # it returns at once
                time.sleep(0.05)
                metrics = server.ask("/metrics").decode()
                line = next(each for each in metrics.splitlines()
                            if each.startswith("vm_active_force_merges"))
                if float(line.split()[-1]) == 0:
                    return samples.count

        def read_windows():
            count = 0
            for series, start, end in samples.windows():
                answer = server.ask("/api/v1/export?" + urllib.parse.urlencode(
                    {"match[]": series, "start": start / 1000,
                     "end": end / 1000, "reduce_mem_usage": 1}))
                # values and timestamps: a comma between each
                count += (answer.count(b",") + 1) // 2
            return count

        def export():
            answer = server.ask(everything)
            if answer.count(b"\n") != len(samples.names):
                raise PeerError("exports other series than it was given")
            return samples.count

        with Server(pin + [self.program, f"-storageDataPath={data}",
                           "-retentionPeriod=100y", "-loggerLevel=ERROR",
                           "-search.maxExportDuration=10m",
                           f"-httpListenAddr=127.0.0.1:{port}"],
                    port, f"{folder}/victoria-metrics.log") as server:
            server.wait_until_ready("/health")
            self.measure_server(
                server, [("fillseries", 1, fill), ("mergecompact", 1, merge),
                         ("readrange", RANGE_READS, read_windows),
                         ("export", 1, export)],
                lambda: directory_bytes(f"{data}/data"), record)
        shutil.rmtree(data)


class Prometheus(Peer):
    name = "prometheus"
    package = "prometheus"
    variable = "PROMTOOL"
    programs = ("promtool",)

    def version(self):
        asked = subprocess.run([self.program, "--version"],
                               capture_output=True, text=True)
        return " ".join((asked.stdout + asked.stderr).split()[:3])

    def measure(self, samples, folder, pin, record):
        data = f"{folder}/prometheus"
        os.makedirs(data + "/wal")  # dump wants one
        for benchmark, words in (
                ("fillseries", ["create-blocks-from", "openmetrics",
                                samples.path("openmetrics"), data]),
                ("export", ["dump", data])):
            start = time.monotonic()
            process = subprocess.Popen(
                pin + [self.program, "tsdb"] + words,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            error = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise PeerError(f"tsdb {words[0]}: "
                                f"{error[-300:].decode(errors='replace')}")
            record(benchmark, 1, samples.count, time.monotonic() - start,
                   usage.ru_utime + usage.ru_stime, directory_bytes(data),
                   usage.ru_maxrss * 1024)
        shutil.rmtree(data)


class ClickHouse(Peer):
    name = "clickhouse"
    package = "clickhouse-server"
    variable = "CLICKHOUSE_SERVER"
    programs = ("clickhouse-server", "/usr/sbin/clickhouse-server")

    # zstd, as all others have it; nothing thins, as in the others.
    CONFIG = """<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http_port}</http_port>
  <tcp_port>{tcp_port}</tcp_port>
  <path>{data}/</path>
  <tmp_path>{data}/tmp/</tmp_path>
  <mark_cache_size>33554432</mark_cache_size>
  <users_config>{data}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <compression><case>
    <min_part_size>0</min_part_size>
    <min_part_size_ratio>0</min_part_size_ratio>
    <method>zstd</method>
  </case></compression>
  <graphite_rollup>
    <path_column_name>Path</path_column_name>
    <time_column_name>Time</time_column_name>
    <value_column_name>Value</value_column_name>
    <version_column_name>Version</version_column_name>
    <default>
      <function>any</function>
      <retention><age>0</age><precision>1</precision></retention>
    </default>
  </graphite_rollup>
</yandex>
"""
    USERS = """<yandex>
  <profiles><default><max_threads>1</max_threads></default></profiles>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</yandex>
"""
    # Its times are of whole seconds: milliseconds are a column of their own.
    TABLE = ("CREATE TABLE samples (Path String, Time DateTime, Millis UInt16,"
             " Value Float64, Version UInt32)"
             " ENGINE = GraphiteMergeTree('graphite_rollup')"
             " PARTITION BY toYYYYMM(Time) ORDER BY (Path, Time)")

    def measure(self, samples, folder, pin, record):
        data = f"{folder}/clickhouse"
        os.makedirs(data + "/tmp")
        port = free_port()
        tcp_port = free_port()
        with open(data + "/config.xml", "w") as file:
            file.write(self.CONFIG.format(data=data, http_port=port,
                                          tcp_port=tcp_port))
        with open(data + "/users.xml", "w") as file:
            file.write(self.USERS)

        def query(text, body=None):
            return server.ask("/?" + urllib.parse.urlencode({"query": text}),
                              body)

        def fill():
            with open(samples.path("tsv"), "rb") as file:
                query("INSERT INTO samples FORMAT TabSeparated", file)
            return samples.count

        def merge():
            query("OPTIMIZE TABLE samples FINAL", b"")
            return samples.count

        def read_windows():
            count = 0
            for series, start, end in samples.windows():
                moment = "toUInt64(Time) * 1000 + Millis"
                count += query(
                    f"SELECT {moment}, Value FROM samples WHERE "
                    f"Path = '{series}' AND Time >= {start // 1000} AND "
                    f"Time <= {end // 1000} AND {moment} >= {start} AND "
                    f"{moment} <= {end}").count(b"\n")
            return count

        def scan():
            answer = query("SELECT count(), sum(Value), sum(Millis), "
                           "max(Time) FROM samples")
            if int(answer.split()[0]) != samples.count:
                raise PeerError("has other samples than it was given")
            return samples.count

        def export():
            answer = query("SELECT Path, Time, Millis, Value FROM samples")
            return answer.count(b"\n")

        def stored():
            return int(query("SELECT sum(bytes_on_disk) FROM system.parts "
                             "WHERE active AND table = 'samples'"))

        with Server(pin + [self.program, f"--config={data}/config.xml"], port,
                    f"{folder}/clickhouse.log") as server:
            server.wait_until_ready("/ping")
            query(self.TABLE, b"")
            self.measure_server(
                server, [("fillseries", 1, fill), ("mergecompact", 1, merge),
                         ("readrange", RANGE_READS, read_windows),
                         ("scanall", 1, scan), ("export", 1, export)],
                stored, record)
        shutil.rmtree(data)


PEERS = (VictoriaMetrics, Prometheus, ClickHouse)
