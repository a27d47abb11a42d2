/* SPDX-License-Identifier: MIT */
/* What may a candidate's shared object hold? Loading must run none of its code, because the strict filter goes on
 * after dlopen. */
#ifndef GRADER_SANDBOX_ELFVET_H
#define GRADER_SANDBOX_ELFVET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elfvet_rules {
    const char *const *needed; /* DT_NEEDED names that are allowed, NULL-terminated */
    uint64_t image_bytes;      /* sum of the PT_LOAD sizes in memory */
    const char *const *entry;  /* functions that must be defined and exported, NULL-terminated */
    uint64_t static_bytes;     /* writable segments and thread-local storage; 0: no limit of their own */
    bool no_allocation;        /* nothing undefined but functions that are known not to hand out memory */
    char *call;                /* NULL, or room for ELFVET_CALL bytes: the name that `no_allocation` refused, else "" */
};

enum { ELFVET_CALL = 64 };

/* Bounds-checked reading of untrusted bytes. Returns 0 if the object may be loaded, else -1 with one clause in
 * `reason` ("has a constructor (.init_array)"). Refused: INIT/FINI arrays and functions, IFUNC and IRELATIVE,
 * PT_INTERP, executable stack, writable and executable segments, text relocations, RPATH/RUNPATH/AUDIT/FILTER, foreign
 * DT_NEEDED, an image beyond the limit, a missing entry, any other exported symbol, undefined symbols with a foreign
 * version file, non-x86-64, not ET_DYN; on request also static data beyond a limit and calls that may allocate. */
int elfvet_check(const void *image, size_t size, const struct elfvet_rules *rules, char *reason, size_t reason_size);

#endif
