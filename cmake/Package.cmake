# Installation: libraries, public headers, the CMake package and varve.pc.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/varve")
install(TARGETS varve varve_static EXPORT varveTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_BINARY_DIR}/include/varve"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

install(EXPORT varveTargets NAMESPACE varve:: DESTINATION "${package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/packaging/varveConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/varveConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/varveConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/varveConfig.cmake"
  "${PROJECT_BINARY_DIR}/varveConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindRocksDB.cmake"
  DESTINATION "${package_dir}")

# Relative to varve.pc itself, so that an installation can be moved.
file(RELATIVE_PATH VARVE_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/packaging/varve.pc.in"
  "${PROJECT_BINARY_DIR}/varve.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/varve.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
