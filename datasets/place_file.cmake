# SPDX-License-Identifier: MIT
# cmake -DMANIFEST=FILE -DNAME=NAME -DFROM=PATH -DTO=PATH -P place_file.cmake: copies a data file to where the harness
# looks for it, if it is the one of the manifest.
include(${CMAKE_CURRENT_LIST_DIR}/manifest.cmake)
manifest_compare(${MANIFEST} ${NAME} ${FROM} wrong)
if(wrong)
    message(FATAL_ERROR "${wrong}.")
endif()
configure_file(${FROM} ${TO} COPYONLY)
file(TOUCH ${TO})
