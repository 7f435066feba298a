#pragma once

#include <cstddef>
#include <string>

namespace qsim {

// A file that is written as a whole or not at all: it grows beside its place, as path.partial, and
// commit() puts it there once it is on the disk. Readers, and whoever starts again after a crash,
// see the old file or the new one. A link is followed, and the old file's permissions are kept.
// What fails throws std::runtime_error naming the path and why.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();  // without commit() nothing is left of it

  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  [[noreturn]] void fail_with_errno() const;

  std::string path_;
  std::string partial_;
  int descriptor_;
};

}  // namespace qsim
