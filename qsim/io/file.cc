#include "qsim/io/file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "qsim/core/error.h"

namespace qsim {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  require<std::runtime_error>(file.good(), "cannot read ", path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view text) {
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file.good()) std::filesystem::rename(partial, path, error);
  if (file.good() && !error) return;
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  fail<std::runtime_error>("cannot write ", path, error ? ": " + error.message() : std::string());
}

}  // namespace qsim
