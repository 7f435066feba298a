# Dependencies and options of the build for browsers, by Emscripten (preset web, scripts/web.sh).
# The libraries are headers alone. Emscripten must not see the machine's other headers beside them.
find_path(web_eigen signature_of_eigen3_matrix_library PATH_SUFFIXES eigen3
  PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
find_path(web_json nlohmann/json.hpp
  PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
find_path(web_highway hwy/highway.h
  PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
set(web_headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${web_headers})
file(CREATE_LINK ${web_json}/nlohmann ${web_headers}/nlohmann SYMBOLIC)
file(CREATE_LINK ${web_highway}/hwy ${web_headers}/hwy SYMBOLIC)

function(web_dependency name folder)
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${name} SYSTEM INTERFACE ${folder})
endfunction()
web_dependency(Eigen3::Eigen ${web_eigen})
web_dependency(nlohmann_json::nlohmann_json ${web_headers})
web_dependency(hwy::hwy ${web_headers})
add_library(OpenMP::OpenMP_CXX INTERFACE IMPORTED GLOBAL)  # none: pages have one thread

# Small where nothing is hot; qsim/CMakeLists.txt has what is.
set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG")
# Sizes have 32 bits: of what other builds check, conversions are wrong everywhere here.
add_compile_options(-fwasm-exceptions -Wno-c++11-narrowing -w
  "SHELL:-include ${PROJECT_SOURCE_DIR}/bindings/web/standard_library.h")
add_link_options(-fwasm-exceptions)
# Highway 1.0.3 has no vectors of doubles for WebAssembly. Its EMU128, compiled by clang 14 with
# -msimd128, took 0.4 of the time on 16 qubits and gave wrong states (tests/clients/web).
add_compile_definitions(HWY_COMPILE_ONLY_SCALAR)
