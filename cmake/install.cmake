# `find_package(ketgrad)` gives ketgrad::qsim and ketgrad::qml.
include(CMakePackageConfigHelpers)

install(TARGETS ketgrad_qsim ketgrad_qml EXPORT ketgradTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
# All that a header may include, by kind and not by name: a list would forget one. Only sources include
# -inl.h. tests/install compiles every installed header by itself.
install(DIRECTORY qsim qml DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "*-inl.h" EXCLUDE)
install(EXPORT ketgradTargets NAMESPACE ketgrad:: COMPONENT development
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
configure_package_config_file(cmake/ketgradConfig.cmake.in ketgradConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
write_basic_package_version_file(ketgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ketgradConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ketgradConfigVersion.cmake COMPONENT development
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ketgrad)
