# `find_package(ketgrad)` gives ketgrad::qsim, ketgrad::qml and, for both, ketgrad::ketgrad; with
# COMPONENTS mpi, where that was built, ketgrad::mpi, and looks for MPI then alone.
include(CMakePackageConfigHelpers)

add_library(ketgrad INTERFACE)
target_link_libraries(ketgrad INTERFACE ketgrad_qml)
install(TARGETS ketgrad_qsim ketgrad_qml ketgrad EXPORT ketgradTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
# What the two headers that gather the public ones include, and what these do: a list would forget
# one. tests/install compiles every installed header by itself.
set(left qsim/qsim.h qml/qml.h)
if(KETGRAD_MPI)
  list(APPEND left qsim/engines/mpi/mpi_communicator.h)
  install(TARGETS ketgrad_mpi EXPORT ketgradMpiTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  install(EXPORT ketgradMpiTargets NAMESPACE ketgrad:: COMPONENT development
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
endif()
set(headers "")
while(left)
  list(POP_FRONT left header)
  list(APPEND headers ${header})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  file(STRINGS ${header} lines REGEX "^#include \"(qsim|qml)/")
  foreach(line ${lines})
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included ${line})
    if(NOT included IN_LIST headers AND NOT included IN_LIST left)
      list(APPEND left ${included})
    endif()
  endforeach()
endwhile()
foreach(header ${headers})
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT development)
endforeach()
install(EXPORT ketgradTargets NAMESPACE ketgrad:: COMPONENT development
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
configure_package_config_file(cmake/ketgradConfig.cmake.in ketgradConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
write_basic_package_version_file(ketgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ketgradConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ketgradConfigVersion.cmake COMPONENT development
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
