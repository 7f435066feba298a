# What every target of the project is built with; nothing global.
add_library(ketgrad_options INTERFACE)
target_compile_features(ketgrad_options INTERFACE cxx_std_20)
# Eigen's own parallel regions, in what is compiled with OpenMP only, would be other functions of the
# same name, and would hang in a forked child.
target_compile_definitions(ketgrad_options INTERFACE EIGEN_DONT_PARALLELIZE)
target_compile_options(ketgrad_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  # Less time for collecting garbage, more memory: half a GB a process.
  $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=524288>
  # In files compiled as one, g++ takes an unnamed namespace for that of a header.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${KETGRAD_UNITY}>>:-Wno-subobject-linkage>
  # g++ 12 sees an impossible overlap in std::string + (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
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

# A library of the project: ketgrad::<name>, of the files behind the name.
function(ketgrad_library name)
  add_library(ketgrad_${name} STATIC ${ARGN})
  add_library(ketgrad::${name} ALIAS ketgrad_${name})
  set_target_properties(ketgrad_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(ketgrad_${name} PRIVATE $<BUILD_INTERFACE:ketgrad_options>)
endfunction()

# Compiles the files of a folder, and of those in it, as one: what takes a compiler long is the headers
# of other projects and the templates in them, once a file. The folders after COLD, where nothing lasts
# long, are one too, with -O1 in Release builds: a third quicker. Names in unnamed namespaces are
# therefore unique in such a one.
function(ketgrad_unity target)
  cmake_parse_arguments(PARSE_ARGV 1 unity "" "" COLD)
  if(NOT KETGRAD_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  set(cold "")
  foreach(source ${sources})
    cmake_path(GET source PARENT_PATH folder)
    if(folder IN_LIST unity_COLD)
      list(APPEND cold ${source})
    endif()
    string(REGEX REPLACE "/.*" "" group ${folder})
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_source_files_properties(${cold} PROPERTIES UNITY_GROUP cold)
  list(REMOVE_ITEM sources ${cold})
  # Options of one source would take it out of its unity.
  add_library(${target}_cold OBJECT ${cold})
  target_include_directories(${target}_cold PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_compile_definitions(${target}_cold PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  target_link_libraries(${target}_cold PRIVATE ${libraries})
  target_compile_options(${target}_cold PRIVATE
    $<$<AND:$<CONFIG:Release>,$<NOT:$<PLATFORM_ID:Emscripten>>>:-O1>)
  set_target_properties(${target}_cold PROPERTIES POSITION_INDEPENDENT_CODE ON)
  set_target_properties(${target} PROPERTIES SOURCES "${sources};$<TARGET_OBJECTS:${target}_cold>")
  set_target_properties(${target} ${target}_cold PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
