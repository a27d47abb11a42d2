# SPDX-License-Identifier: MIT
# Reading MANIFEST, for the scripts beside it.

# manifest_row(FILE NAME): sets row_found, row_sha256, row_bytes, row_program, row_argument of the row of that name.
function(manifest_row file name)
    file(STRINGS ${file} lines REGEX "^[0-9a-f]")
    set(row_found FALSE PARENT_SCOPE)
    foreach(line IN LISTS lines)
        if(line MATCHES "^([0-9a-f]+) +([0-9]+) +([^ |]+) +[|] +([^ |]+) +([^ |]+) +[|]" AND CMAKE_MATCH_3 STREQUAL name)
            set(row_found TRUE PARENT_SCOPE)
            set(row_sha256 ${CMAKE_MATCH_1} PARENT_SCOPE)
            set(row_bytes ${CMAKE_MATCH_2} PARENT_SCOPE)
            set(row_program ${CMAKE_MATCH_4} PARENT_SCOPE)
            set(row_argument ${CMAKE_MATCH_5} PARENT_SCOPE)
        endif()
    endforeach()
endfunction()

# manifest_names(FILE OUT)
function(manifest_names file out)
    file(STRINGS ${file} lines REGEX "^[0-9a-f]")
    set(names)
    foreach(line IN LISTS lines)
        if(line MATCHES "^[0-9a-f]+ +[0-9]+ +([^ |]+) ")
            list(APPEND names ${CMAKE_MATCH_1})
        endif()
    endforeach()
    set(${out} ${names} PARENT_SCOPE)
endfunction()

# manifest_compare(FILE NAME PATH OUT): OUT is empty when the file at PATH is the one of that row, else what is wrong.
function(manifest_compare file name path out)
    set(${out} "" PARENT_SCOPE)
    manifest_row(${file} ${name})
    file(SIZE ${path} bytes)
    file(SHA256 ${path} sha256)
    if(NOT row_found)
        set(${out} "${name} has no row in ${file}" PARENT_SCOPE)
    elseif(NOT bytes EQUAL row_bytes OR NOT sha256 STREQUAL row_sha256)
        set(${out} "${path} is not the ${name} of ${file}: ${bytes} bytes with SHA-256 ${sha256} instead of \
${row_bytes} bytes with ${row_sha256}. If a generator or the trainer was meant to change, build the target \
regenerate-datasets; else the compiler's options break exact arithmetic" PARENT_SCOPE)
    endif()
endfunction()
