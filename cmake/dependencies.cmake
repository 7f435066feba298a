# Installed packages first; a download only where a machine has none.
include(FetchContent)
set(FETCHCONTENT_TRY_FIND_PACKAGE_MODE OPT_IN)

if(EMSCRIPTEN)
  include(cmake/web.cmake)
  return()
endif()

find_package(OpenMP REQUIRED COMPONENTS CXX)

find_package(Eigen3 3.4 QUIET NO_MODULE)
if(NOT TARGET Eigen3::Eigen)
  set(EIGEN_BUILD_DOC OFF)
  set(EIGEN_BUILD_TESTING OFF)
  FetchContent_Declare(Eigen3
    URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz)
  FetchContent_MakeAvailable(Eigen3)
endif()

find_package(nlohmann_json 3.11 QUIET)
if(NOT TARGET nlohmann_json::nlohmann_json)
  set(JSON_Install ON)
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz)
  FetchContent_MakeAvailable(nlohmann_json)
endif()

find_package(hwy 1.0.3 QUIET)
if(NOT TARGET hwy::hwy)
  set(HWY_ENABLE_TESTS OFF)
  set(HWY_ENABLE_EXAMPLES OFF)
  set(HWY_ENABLE_CONTRIB OFF)
  FetchContent_Declare(hwy
    URL https://github.com/google/highway/releases/download/1.0.3/highway-1.0.3.tar.gz)
  FetchContent_MakeAvailable(hwy)
endif()
