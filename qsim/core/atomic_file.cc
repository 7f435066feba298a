#include "qsim/core/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "qsim/core/error.h"

namespace qsim {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissions = 07777;
constexpr mode_t kNewFile = 0666;  // less what the umask takes
constexpr int kMostWriters = 100;  // of one file at the same time

void check_path(const std::string& path) { require(!path.empty(), "the path of a file is ''"); }

// Where a path leads to.
std::string destination_of(const std::string& path) {
  std::error_code error;
  const auto target = fs::weakly_canonical(path, error);
  return error ? path : target.string();
}

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// The k-th name beside a file that its writers may use: short, whatever the file's own is.
std::string name_beside(const std::string& path, int k) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : fs::path(path).filename().string()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), ".ketgrad-%016llx-%d.tmp",
                static_cast<unsigned long long>(hash), k);
  return (fs::path(folder_of(path)) / name.data()).string();
}

std::string name_of_descriptor(int descriptor) { return concat("/proc/self/fd/", descriptor); }

bool is_the_file(int descriptor, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// Removes a file that no writer holds: they lock theirs, and a lock ends with its process.
void remove_if_stale(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_the_file(descriptor, path)) {
    ::unlink(path.c_str());
  }
  ::close(descriptor);
}

}  // namespace

std::ifstream open_to_read(const std::string& path) {
  check_path(path);
  errno = 0;
  std::ifstream out(path, std::ios::binary);
  int error = out.good() ? 0 : (errno != 0 ? errno : EIO);
  if (error == 0 && fs::is_directory(path)) error = EISDIR;
  if (error == 0) return out;
  throw FileError(concat("cannot read ", path, ": ", std::generic_category().message(error)),
                  error);
}

AtomicFile::AtomicFile(const std::string& path, Way way)
    : given_(path), path_(destination_of(path)) {
  check_path(path);
  struct stat old {};
  const bool exists = ::stat(path_.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) fail_with(errno);
  if (exists && S_ISDIR(old.st_mode)) fail_with(EISDIR);
  // A device is not to be replaced by a file.
  if (exists && !S_ISREG(old.st_mode)) {
    throw FileError(concat("cannot write ", path, ": it is not a file"), EINVAL);
  }
  if (way == Way::kNamed || !open_nameless()) open_named();
  if (exists) ::fchmod(descriptor_, old.st_mode & kPermissions);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  if (!beside_.empty()) ::unlink(beside_.c_str());
  ::close(descriptor_);
}

// False where the file system (or the system, which must show descriptors as files) has none.
bool AtomicFile::open_nameless() {
#ifdef O_TMPFILE
  descriptor_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kNewFile);
  if (descriptor_ < 0) {
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return false;
    fail_with(errno);
  }
  if (is_the_file(descriptor_, name_of_descriptor(descriptor_))) {
    ::flock(descriptor_, LOCK_EX | LOCK_NB);
    return true;
  }
  ::close(descriptor_);
  descriptor_ = -1;
#endif
  return false;
}

void AtomicFile::open_named() {
  for (int k = 0; k < kMostWriters; ++k) {
    const std::string name = name_beside(path_, k);
    remove_if_stale(name);
    descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFile);
    if (descriptor_ < 0 && errno != EEXIST) fail_with(errno);
    if (descriptor_ < 0) continue;
    ::flock(descriptor_, LOCK_EX | LOCK_NB);
    beside_ = name;
    return;
  }
  fail_with(EEXIST);
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, at, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with(errno);
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail_with(errno);
  if (!beside_.empty() || !put_new()) put_over();
  ::close(descriptor_);
  descriptor_ = -1;
  sync_folder();
}

// Gives a file without a name that of its place; false where there is another.
bool AtomicFile::put_new() {
  if (::linkat(AT_FDCWD, name_of_descriptor(descriptor_).c_str(), AT_FDCWD, path_.c_str(),
               AT_SYMLINK_FOLLOW) == 0) {
    return true;
  }
  if (errno != EEXIST) fail_with(errno);
  return false;
}

void AtomicFile::link_beside() {
  for (int k = 0; k < kMostWriters; ++k) {
    const std::string name = name_beside(path_, k);
    remove_if_stale(name);
    if (::linkat(AT_FDCWD, name_of_descriptor(descriptor_).c_str(), AT_FDCWD, name.c_str(),
                 AT_SYMLINK_FOLLOW) == 0) {
      beside_ = name;
      return;
    }
    if (errno != EEXIST) fail_with(errno);
  }
  fail_with(EEXIST);
}

void AtomicFile::put_over() {
  if (beside_.empty()) link_beside();
  if (::rename(beside_.c_str(), path_.c_str()) != 0) fail_with(errno);
  beside_.clear();
}

// The new name is on the disk once its folder is; where folders cannot be synced, it will be.
void AtomicFile::sync_folder() const {
  const int opened = ::open(folder_of(path_).c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

void AtomicFile::fail_with(int error) const {
  throw FileError(concat("cannot write ", given_, ": ", std::generic_category().message(error)),
                  error);
}

}  // namespace qsim
