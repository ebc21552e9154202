// A service that keeps samples: see http_api.h for what it answers. While it
// runs it observes itself, so that there is something to see at once.
//
//   service [--port=PORT] [--host=ADDRESS] DIR
//
// Port 0 takes any free one. Ends on SIGINT and SIGTERM: requests that are
// under way are answered first, for a few seconds at most.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "http_api.h"
#include "store.h"

namespace {

// A connection holds one, also while a browser keeps it open for later.
constexpr size_t kThreads = 32;
constexpr int kTimeoutSeconds = 5;  // of a client that stalls
constexpr unsigned kEndingSeconds = 10;

// Writes two series about this process every second until it is destroyed.
class SelfObserver {
 public:
  explicit SelfObserver(Store* store)
      : store_(store), thread_([this] { Run(); }) {}

  ~SelfObserver() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    stopped_.notify_one();
    thread_.join();
  }

 private:
  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    do {
      Observe();
    } while (!stopped_.wait_for(lock, std::chrono::seconds(1),
                                [this] { return stop_; }));
  }

  void Observe() {
    const int64_t now_ms = rocksdb::SystemClock::Default()->NowMicros() / 1000;
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double cpu_seconds =
        static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) /
            1e6;
    const rocksdb::Status status =
        store_->Write({{"process_cpu_seconds", {{now_ms, cpu_seconds}}},
                       {"process_peak_kib",
                        {{now_ms, static_cast<double>(usage.ru_maxrss)}}}});
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
    }
  }

  Store* const store_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

struct Arguments {
  std::string dir;
  std::string host = "127.0.0.1";
  int64_t port = 8080;

  bool Parse(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word.rfind("--port=", 0) == 0) {
        if (!ParseNumber(word.substr(7), &port)) return false;
      } else if (word.rfind("--host=", 0) == 0) {
        host = word.substr(7);
      } else if (dir.empty() && word.rfind("--", 0) != 0) {
        dir = word;
      } else {
        return false;
      }
    }
    return !dir.empty() && port >= 0 && port <= 65535;
  }
};

int Bind(const Arguments& arguments, httplib::Server* server) {
  // The server's own choice, SO_REUSEPORT, lets two processes listen on one
  // port, each of which then gets half of the samples.
  server->set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const int port = static_cast<int>(arguments.port);
  if (port == 0) return server->bind_to_any_port(arguments.host);
  return server->bind_to_port(arguments.host, port) ? port : -1;
}

// The signals that end us are waited for, not handled. To be called before
// there are threads, RocksDB's included: they inherit it.
sigset_t BlockEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Serve(const Arguments& arguments, const sigset_t& ending, Store* store) {
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  AddRoutes(store, &server);
  const int port = Bind(arguments, &server);
  if (port < 0) {
    std::fprintf(stderr, "cannot listen on %s:%d\n", arguments.host.c_str(),
                 static_cast<int>(arguments.port));
    return 1;
  }
  const SelfObserver observer(store);
  std::atomic<bool> ending_asked{false};
  std::thread listener([&] {
    server.listen_after_bind();
    if (!ending_asked) kill(getpid(), SIGTERM);  // it ended by itself
  });
  std::printf("listening on http://%s:%d\n", arguments.host.c_str(), port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  ending_asked = true;
  // Whoever feeds us a byte now and then may not keep us: a second signal ends
  // the process, and so does the alarm. What was acknowledged is in the WAL.
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
  alarm(kEndingSeconds);
  server.stop();
  listener.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!arguments.Parse(argc, argv)) {
    std::fprintf(stderr, "usage: service [--port=PORT] [--host=ADDRESS] DIR\n");
    return 2;
  }
  const sigset_t ending = BlockEndingSignals();
  std::unique_ptr<Store> store;
  const rocksdb::Status status = Store::Open(arguments.dir, &store);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return Serve(arguments, ending, store.get());
}
