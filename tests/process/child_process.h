// Programs run as a user runs them: a command line, text in, text out, an
// exit code. RunChild waits for the end; Child can be killed before it.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace varve {

struct ChildResult {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out;
  std::string err;

  // For messages of failed assertions.
  std::string ToString() const {
    return "exit code " + std::to_string(exit_code) + ", signal " +
           std::to_string(signal) + "\n--- out\n" + out + "--- err\n" + err;
  }
};

struct ChildOptions {
  std::string input;
  // NAME=value, before those of this process.
  std::vector<std::string> environment;
};

// A running child with its standard streams on the given descriptors.
class Child {
 public:
  Child(const std::vector<std::string>& command, int in, int out, int err,
        const std::vector<std::string>& environment = {}) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(Text(word));
    arguments.push_back(nullptr);
    // The first of two variables of one name counts.
    std::vector<char*> variables;
    for (const std::string& word : environment) {
      variables.push_back(Text(word));
    }
    for (char** word = environ; *word != nullptr; ++word) {
      variables.push_back(*word);
    }
    variables.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    const int error = posix_spawnp(&pid_, arguments[0], &actions, nullptr,
                                   arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      throw std::runtime_error("cannot run " + command[0] + ": " +
                               strerror(error));
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    Kill(SIGKILL);
    Wait();
  }

  void Kill(int signal) { kill(pid_, signal); }

  // What waitpid says.
  int Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  static char* Text(const std::string& word) {
    return const_cast<char*>(word.c_str());
  }

  pid_t pid_ = -1;
};

// A file without a name, gone with its object.
class NamelessFile {
 public:
  NamelessFile() : file_(tmpfile()) {
    if (file_ == nullptr) throw std::runtime_error("no temporary file");
    fcntl(descriptor(), F_SETFD, FD_CLOEXEC);
  }
  ~NamelessFile() { fclose(file_); }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  int descriptor() const { return fileno(file_); }

  void Fill(const std::string& text) {
    fwrite(text.data(), 1, text.size(), file_);
    fflush(file_);
    rewind(file_);
  }

  std::string Read() {
    std::string text;
    char chunk[65536];
    rewind(file_);
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, file_)) > 0;) {
      text.append(chunk, got);
    }
    return text;
  }

 private:
  FILE* const file_;
};

inline ChildResult RunChild(const std::vector<std::string>& command,
                            const ChildOptions& options = {}) {
  NamelessFile in, out, err;
  in.Fill(options.input);
  Child child(command, in.descriptor(), out.descriptor(), err.descriptor(),
              options.environment);
  const int status = child.Wait();
  ChildResult result;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.out = out.Read();
  result.err = err.Read();
  return result;
}

}  // namespace varve
