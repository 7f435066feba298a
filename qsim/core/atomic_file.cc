#include "qsim/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "qsim/core/error.h"

namespace qsim {

namespace {

constexpr mode_t kPermissions = 07777;

// Where a path leads to. A device or a folder there is not to be replaced by a file.
std::string destination_of(const std::string& path) {
  std::error_code error;
  const auto target = std::filesystem::weakly_canonical(path, error);
  std::string out = error ? path : target.string();
  const auto status = std::filesystem::status(out, error);
  require<std::runtime_error>(
      !std::filesystem::exists(status) || std::filesystem::is_regular_file(status), "cannot write ",
      path, ": it is not a file");
  return out;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path)
    : path_(destination_of(path)),
      partial_(path_ + ".partial"),
      descriptor_(::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail_with_errno();
  struct stat old {};
  if (::stat(path_.c_str(), &old) == 0) ::fchmod(descriptor_, old.st_mode & kPermissions);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, at, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno();
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail_with_errno();
  std::error_code error;
  std::filesystem::rename(partial_, path_, error);
  if (error) fail<std::runtime_error>("cannot write ", path_, ": ", error.message());
  ::close(descriptor_);
  descriptor_ = -1;
  // The new name is on the disk once its folder is; where folders cannot be synced, it will be.
  const auto folder = std::filesystem::absolute(path_, error).parent_path();
  const int opened = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

void AtomicFile::fail_with_errno() const {
  fail<std::runtime_error>("cannot write ", path_, ": ", std::generic_category().message(errno));
}

}  // namespace qsim
