# SPDX-License-Identifier: MIT
# What every room shares: flags, output folders, and the functions that declare a room, a program and an archive.
#
# The build tree has the shape of the install tree (bin, libexec/harness, lib/harness, share/harness), so that the
# harness finds its parts relative to its own executable in both.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_BINDIR})

# A failed assertion is a bug that must not end in a wrong grade: assertions stay in optimised builds.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

set(HARNESS_LIBEXEC_DIR ${CMAKE_INSTALL_LIBEXECDIR}/harness)
set(HARNESS_ARCHIVE_DIR ${CMAKE_INSTALL_LIBDIR}/harness)
set(HARNESS_SHARE_DIR ${CMAKE_INSTALL_DATADIR}/harness)

# Relative to the folder of bin/harness; GNUInstallDirs decides the names, so they are computed.
file(RELATIVE_PATH HARNESS_TO_LIBEXEC /p/${CMAKE_INSTALL_BINDIR} /p/${HARNESS_LIBEXEC_DIR})
file(RELATIVE_PATH HARNESS_TO_ARCHIVES /p/${CMAKE_INSTALL_BINDIR} /p/${HARNESS_ARCHIVE_DIR})
file(RELATIVE_PATH HARNESS_TO_SHARE /p/${CMAKE_INSTALL_BINDIR} /p/${HARNESS_SHARE_DIR})
configure_file(${CMAKE_SOURCE_DIR}/grader/paths.h.in ${CMAKE_BINARY_DIR}/generated/harness_paths.h @ONLY)

# In the build tree share/harness is made of links into the source tree.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/${HARNESS_SHARE_DIR}/include)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/challenges ${CMAKE_BINARY_DIR}/${HARNESS_SHARE_DIR}/challenges SYMBOLIC)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/reference ${CMAKE_BINARY_DIR}/${HARNESS_SHARE_DIR}/include/reference SYMBOLIC)

add_library(harness_warnings INTERFACE)
target_compile_options(harness_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    $<$<BOOL:${HARNESS_WERROR}>:-Werror>)

# No -ffast-math anywhere: a NaN must stay a NaN. -fno-math-errno only frees sqrt from the errno path.
add_library(harness_options INTERFACE)
target_link_libraries(harness_options INTERFACE harness_warnings)
target_include_directories(harness_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(harness_options INTERFACE -fno-math-errno)
# Empty, as a source that says it again spells it.
target_compile_definitions(harness_options INTERFACE _GNU_SOURCE=)
if(HARNESS_SANITIZE)
    target_compile_options(harness_options INTERFACE
        -fsanitize=${HARNESS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(harness_options INTERFACE -fsanitize=${HARNESS_SANITIZE})
    target_compile_definitions(harness_options INTERFACE HARNESS_SANITIZED=1)
endif()
if(HARNESS_COVERAGE)
    target_compile_options(harness_options INTERFACE --coverage)
    target_link_options(harness_options INTERFACE --coverage)
endif()

# harness_room(NAME SOURCES file.c ... [LIBRARIES target ...]): one room, one static library.
function(harness_room name)
    cmake_parse_arguments(PARSE_ARGV 1 ROOM "" "" "SOURCES;LIBRARIES")
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(${name} PUBLIC harness_options ${ROOM_LIBRARIES})
endfunction()

# harness_program(NAME SOURCES file.c ... [LIBRARIES target ...])
function(harness_program name)
    cmake_parse_arguments(PARSE_ARGV 1 ROOM "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${ROOM_SOURCES})
    target_link_libraries(${name} PRIVATE harness_options ${ROOM_LIBRARIES})
endfunction()
