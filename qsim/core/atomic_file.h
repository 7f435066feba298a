#pragma once

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>

namespace qsim {

// What the system said of a file; `code` is its errno. Python: OSError.
class FileError : public std::runtime_error {
 public:
  FileError(const std::string& message, int error) : std::runtime_error(message), code(error) {}
  int code;
};

// Opens a file to be read; throws FileError naming the path and why, also for a folder.
std::ifstream open_to_read(const std::string& path);

// A file that is written as a whole or not at all: commit() puts it in its place once it is on the
// disk. Readers, and whoever starts again after a crash, see the old file or the new one. A link is
// followed, and the old file's permissions are kept. What fails throws FileError naming the path
// and why.
//
// Until commit() the file has no name (O_TMPFILE), so that whatever kills the process leaves
// nothing. Only to replace another file does it get one for the moment between two calls, beside
// its place; where the file system has no files without a name, it has that name all along. A file
// of such a name that nobody holds any more, left by a process killed just then, is removed by
// whoever next writes the same file.
class AtomicFile {
 public:
  enum class Way : unsigned char { kNameless, kNamed };

  explicit AtomicFile(const std::string& path, Way way = Way::kNameless);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();  // without commit() nothing is left of it

  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  [[noreturn]] void fail_with(int error) const;
  bool open_nameless();
  void open_named();
  bool put_new();
  void link_beside();
  void put_over();
  void sync_folder() const;

  std::string given_;  // as the caller wrote it, for messages
  std::string path_;
  std::string beside_;  // its name before it is in its place; empty: it has none
  int descriptor_ = -1;
};

}  // namespace qsim
