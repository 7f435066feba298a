# What every target of the project is built with; nothing global.
add_library(ketgrad_options INTERFACE)
target_compile_features(ketgrad_options INTERFACE cxx_std_20)
# Eigen's own parallel regions, in what is compiled with OpenMP only, would be other functions of the
# same name, and would hang in a forked child.
target_compile_definitions(ketgrad_options INTERFACE EIGEN_DONT_PARALLELIZE)
target_compile_options(ketgrad_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  # g++ 12 sees an impossible overlap in std::string + (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # And, with precompiled headers, an impossible length there (GCC bug 105329).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${KETGRAD_PRECOMPILE}>>:-Wno-stringop-overflow;-Wno-array-bounds>
  $<$<BOOL:${KETGRAD_WARNINGS_AS_ERRORS}>:-Werror>)
if(KETGRAD_SANITIZE)
  target_compile_options(ketgrad_options INTERFACE
    -fsanitize=${KETGRAD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ketgrad_options INTERFACE -fsanitize=${KETGRAD_SANITIZE})
endif()
if(KETGRAD_ODR)
  # The linker's plugin compares the types of all objects (odr.cmake); no machine code is needed.
  target_compile_options(ketgrad_options INTERFACE -flto -fno-fat-lto-objects)
endif()
if(KETGRAD_COVERAGE)
  target_compile_options(ketgrad_options INTERFACE --coverage)
  target_link_options(ketgrad_options INTERFACE --coverage)
endif()

# Parses the headers of other projects once a target: most of the time of a build without optimisation.
# Off in the builds that lint, where a forgotten #include has to be found.
function(ketgrad_precompile target)
  if(KETGRAD_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN}
      <Eigen/Dense> <algorithm> <array> <cmath> <complex> <functional> <map> <memory>
      <nlohmann/json.hpp> <numeric> <optional> <span> <sstream> <string> <variant> <vector>)
  endif()
endfunction()

# Checks a library's own sources as they are compiled, so that only what changed is checked again.
function(ketgrad_lint target)
  if(KETGRAD_CLANG_TIDY)
    find_program(CLANG_TIDY clang-tidy REQUIRED)
    # It does not know every warning of g++, reads for itself the headers that g++ has precompiled, has
    # no omp.h, and takes what std::stable_sort needs for ours.
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=include
      OUTPUT_VARIABLE headers OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(options -Wno-unknown-warning-option -Wno-ignored-gch -Wno-deprecated-declarations
      -idirafter${headers})
    list(TRANSFORM options PREPEND "--extra-arg=" OUTPUT_VARIABLE arguments)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "${CLANG_TIDY};--quiet;${arguments}")
  endif()
endfunction()
