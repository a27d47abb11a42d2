/* SPDX-License-Identifier: MIT */
/* [build]: from C files to shared objects a worker can load.
 *
 * The candidate's file is compiled on every run, contained. A pack's reference and the call stubs are compiled once and
 * kept in a cache folder under a hash of everything that goes in (texts, archives, compiler, flags, processor). */
#ifndef GRADER_BUILD_H
#define GRADER_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "grader/diagnostics.h"
#include "grader/error.h"
#include "grader/locate.h"
#include "grader/sandbox/sandbox.h"
#include "grader/scratch.h"
#include "grader/spec.h"
#include "grader/toolchain.h"
#include "grader/verdict.h"

/* What every build of one grading shares. */
struct build_site {
    const struct spec *spec;
    const struct locate_parts *parts;
    const struct sandbox_support *support;
    const struct scratch *scratch;
    struct toolchain toolchain;
    const volatile int *cancel;
};

/* Shared objects of a pack, in the scratch folder. */
struct build_pack {
    char worker[SCRATCH_PATH];                         /* the worker program, copied to where any uid can reach it */
    char oracle[SCRATCH_PATH], baseline[SCRATCH_PATH]; /* reference.c in float64 and float32 */
    char oracle_stub[SCRATCH_PATH], baseline_stub[SCRATCH_PATH];
    char candidate_stub[SCRATCH_PATH];
};

/* From the cache, or compiled now. A reference or header that does not compile is ERROR_CHALLENGE with the compiler's
 * first message. Also sets site->toolchain.version. */
int build_pack(struct build_site *site, struct build_pack *pack, struct error *err);

struct build_report {
    enum verdict verdict; /* PASSED, COMPILE_ERROR, REJECTED_BINARY, TIME_LIMIT, MEMORY_LIMIT */
    char detail[400];     /* why, when there is no diagnostic to show */
    int64_t wall_ns;
    char compiler[64]; /* "gcc 12.2.0" */
    char flags[160];   /* "-O3 -march=native -fno-math-errno" */
    struct diagnostics diagnostics;
    char *raw; /* the compiler's own words, plain text is not guaranteed */
};

struct build_job {
    struct toolchain_job compile;
    char folder[SCRATCH_PATH];
    char name[64];     /* of the file in the folder */
    const char *shown; /* as the user named it */
    char *source;
    size_t source_bytes;
};

/* Starts compiling the candidate's file; ERROR_USER when it cannot be read. `threads` > 1 with "gomp" among the
 * libraries adds -fopenmp. The job must be finished or released. */
int build_start(const struct build_site *site, const char *file, struct build_job *job, struct error *err);
/* Waits, vets the binary and copies it to `solution`. Fills *report; the verdict is in there. */
int build_finish(const struct build_site *site, struct build_job *job, struct build_report *report,
                 char solution[SCRATCH_PATH], struct error *err);
void build_release(struct build_job *job);
void build_report_release(struct build_report *report);

/* "attention.c:41 in attention_row" for an address in the candidate's binary: compiles it once more with line numbers
 * (the code stays the same). Empty when that fails. */
void build_locate(const struct build_site *site, const struct build_job *job, uint64_t instruction, char *place,
                  size_t size);

#endif
