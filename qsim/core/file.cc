#include "qsim/core/file.h"

#include <fstream>
#include <iterator>

#include "qsim/core/atomic_file.h"

namespace qsim {

std::string read_file(const std::string& path) {
  std::ifstream file = open_to_read(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace qsim
