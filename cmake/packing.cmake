# `cpack -G DEB` makes a Debian package, libketgrad-dev, of what cmake/install.cmake installs.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright COMPONENT development
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libketgrad-dev)
set(CPACK_PACKAGE_VENDOR "ketgrad")
set(CPACK_PACKAGE_CONTACT "The ketgrad developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL development)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libketgrad-dev)
set(CPACK_DEBIAN_DEVELOPMENT_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# What the headers include and what the static libraries are linked with; OpenMP comes with g++.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libeigen3-dev (>= 3.4), nlohmann-json3-dev (>= 3.11), libhwy-dev (>= 1.0.3)")
include(CPack)
