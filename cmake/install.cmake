# What `cmake --install` puts where: the library with its headers and a package
# that find_package(muster) finds, and the binary. The package names no path of
# the machine it was built on; a host says where its CAF is as it always does.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(MUSTER_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/muster")

target_include_directories(muster PUBLIC "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
install(TARGETS muster EXPORT muster-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library)
install(TARGETS muster-runner RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runner)
foreach(folder messages store actors supervisor)
  install(
    DIRECTORY "${folder}"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/muster"
    COMPONENT library
    FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT muster-targets NAMESPACE muster:: DESTINATION "${MUSTER_PACKAGE_DIR}" COMPONENT library)

configure_package_config_file(cmake/muster-config.cmake.in muster-config.cmake INSTALL_DESTINATION "${MUSTER_PACKAGE_DIR}"
                              NO_SET_AND_CHECK_MACRO)
# Before 1.0 another minor version may be another interface.
write_basic_package_version_file(muster-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/muster-config.cmake" "${CMAKE_CURRENT_BINARY_DIR}/muster-config-version.cmake"
        DESTINATION "${MUSTER_PACKAGE_DIR}" COMPONENT library)
