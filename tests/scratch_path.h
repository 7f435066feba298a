#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace reference {

// A place for files of this process alone: tests run side by side.
inline std::filesystem::path scratch_path(const std::string& name) {
  return std::filesystem::temp_directory_path() / (name + "." + std::to_string(getpid()));
}

}  // namespace reference
