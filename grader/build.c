/* SPDX-License-Identifier: MIT */
/* The candidate's half of the build room. */
#include "grader/build.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/crash_place.h"
#include "grader/sandbox/elfvet.h"

enum { SOURCE_LIMIT = 1 << 20, ARGUMENTS_MAX = 40, EXTRA_FLAGS = 2, IMAGE_LIMIT = 256 << 20 };

static const char flags_text[] = "-O3 -march=native -fno-math-errno", strict_text[] = " -Werror -fsanitize=undefined";

static const char exports_name[] = "exports.map";

/* -nostartfiles: no constructor of the toolchain's, so that the vet can refuse every constructor there is. -z defs: a
 * call to a library that the challenge does not offer is a link error with its name. The version script: nothing but
 * the entries can be found from outside, see elfvet.h. -fno-lto: sections that look like intermediate code, which
 * assembler can write, must not start a compiler with options of their own. No -fmax-errors: a gcc that stops there
 * leaves out all of its JSON. -fno-math-errno: the baseline has it; without it no loop with sqrtf is vector code. */
static const char *const candidate_flags[] = {
    "-std=gnu17",
    "-O3",
    "-march=native",
    "-fno-math-errno",
    "-fPIC",
    "-shared",
    "-nostartfiles",
    "-fno-lto",
    "-Wall",
    "-fdiagnostics-format=json",
    "-Wl,-z,defs",
    "-Wl,-z,now",
    "-Wl,-z,relro",
    "-Wl,-z,noexecstack",
    "-Wl,--build-id=none",
    "-Wl,--version-script=exports.map",
    "-pipe",
    "-I.",
};

/* Undefined behaviour ends in an instruction of its own at its place (grader/trap.h): no library is needed, and what
 * is alike is not merged, or the place would be another one's. */
static const char *const strict_flags[] = {
    "-Werror",
    "-fsanitize=undefined",
    "-fsanitize-undefined-trap-on-error",
    "-fno-crossjumping",
    "-fno-tree-tail-merge",
    /* At every access these three check what ends in a signal or does no harm, and no loop with them is vectorised. */
    "-fno-sanitize=pointer-overflow,null,alignment",
};

static bool has_library(const struct spec *spec, const char *name) {
    for (size_t i = 0; i < spec->library_count; i++)
        if (strcmp(spec->library[i], name) == 0)
            return true;
    return false;
}

static bool plain_name(const char *name) {
    if (!isalnum((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
            return false;
    return true;
}

/* The file keeps its name, so that messages and __FILE__ show it, unless the name could be taken for something else:
 * a stdint.h would be found in place of the real one. */
static void choose_name(const char *file, char *name, size_t size) {
    static const char *const taken[] = {exports_name, "solution.so", "located.so", "wrapped.so"};
    const char *base = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file;
    size_t length = strlen(base);
    bool usable = length < size && plain_name(base) && !(length > 2 && strcmp(base + length - 2, ".h") == 0);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        usable = usable && strcmp(base, taken[i]) != 0;
    snprintf(name, size, "%s", usable ? base : "submission.c");
}

/* `extra` is NULL or a list of two more flags, the second of which may be NULL. */
static int start_compiler(const struct build_site *site, const struct build_job *job, const char *output,
                          const char *const *extra, struct toolchain_job *compile, struct error *err) {
    char header[80];
    const char *argument[ARGUMENTS_MAX];
    size_t n = 0;
    for (; n < sizeof candidate_flags / sizeof *candidate_flags; n++)
        argument[n] = candidate_flags[n];
    snprintf(header, sizeof header, "%s.h", site->spec->id);
    for (size_t i = 0; site->spec->strict_build && i < sizeof strict_flags / sizeof *strict_flags; i++)
        argument[n++] = strict_flags[i];
    for (size_t i = 0; extra != NULL && i < EXTRA_FLAGS && extra[i] != NULL; i++)
        argument[n++] = extra[i];
    if (has_library(site->spec, "gomp"))
        argument[n++] = "-fopenmp";
    const char *const rest[] = {"-include", header, "-x", "c", job->name, "-x", "none", "-o", output};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        argument[n++] = rest[i];
    if (has_library(site->spec, "openblas"))
        argument[n++] = "-lopenblas";
    argument[n++] = "-lm";
    return toolchain_start(&site->toolchain, site->support, job->folder, argument, n, compile, err);
}

static int write_exports(const struct spec *spec, const char *folder, struct error *err) {
    char path[SCRATCH_PATH + 80], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", folder, exports_name);
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return error_errno(err, "cannot list the functions of %s for the linker", spec->id);
    fprintf(out, "{ global:");
    for (size_t e = 0; e < spec->entry_count; e++)
        fprintf(out, " %s;", spec->entry[e].name);
    fprintf(out, " local: *; };\n");
    int status = fclose(out) == 0 ? scratch_write(path, text, size, err)
                                  : error_errno(err, "cannot list the functions of %s for the linker", spec->id);
    free(text);
    return status;
}

static int copy_in(const struct build_site *site, struct build_job *job, const char *file, struct error *err) {
    const struct spec *spec = site->spec;
    char from[SCRATCH_PATH * 3], to[SCRATCH_PATH + 80];
    if (scratch_read_unlinked(file, SOURCE_LIMIT, &job->source, &job->source_bytes, err) != 0)
        return -1;
    if (job->source_bytes == 0)
        return error_set(err, ERROR_USER, "%s is empty; `harness start %s` writes a file to begin with", file,
                         spec->id);
    if (scratch_folder(site->scratch, "compile", job->folder, err) != 0 || sandbox_give(job->folder, err) != 0)
        return -1;
    snprintf(to, sizeof to, "%s/%s", job->folder, job->name);
    if (scratch_write(to, job->source, job->source_bytes, err) != 0 || write_exports(spec, job->folder, err) != 0)
        return -1;
    snprintf(from, sizeof from, "%s/%s.h", spec->directory, spec->id);
    snprintf(to, sizeof to, "%s/%s.h", job->folder, spec->id);
    if (access(from, R_OK) != 0)
        return error_set(err, ERROR_CHALLENGE, "the contract %s cannot be read: %s", from, strerror(errno));
    return scratch_copy(from, to, SOURCE_LIMIT, 0644, err);
}

int build_start(const struct build_site *site, const char *file, struct build_job *job, struct error *err) {
    *job = (struct build_job){.compile = TOOLCHAIN_JOB_INIT, .shown = file};
    choose_name(file, job->name, sizeof job->name);
    if (copy_in(site, job, file, err) == 0 && start_compiler(site, job, "solution.so", NULL, &job->compile, err) == 0)
        return 0;
    build_release(job);
    return -1;
}

void build_release(struct build_job *job) {
    toolchain_release(&job->compile);
    free(job->source);
    job->source = NULL;
    if (job->folder[0] != '\0')
        scratch_remove_tree(job->folder);
    job->folder[0] = '\0';
}

/* Where the code calls `name`: linked once more with another name in its place, which nobody has, so that the linker
 * says where it is wanted. `name` is the candidate's word and becomes part of a flag. */
static void place_of_call(const struct build_site *site, const struct build_job *job, const char *name, char *place,
                          size_t size) {
    struct toolchain_job again = TOOLCHAIN_JOB_INIT;
    enum verdict verdict = VERDICT_HARNESS_ERROR;
    struct diagnostics said;
    char wrap[ELFVET_CALL + 16];
    place[0] = '\0';
    snprintf(wrap, sizeof wrap, "-Wl,--wrap=%s", name);
    if (!plain_name(name) ||
        start_compiler(site, job, "wrapped.so", (const char *const[EXTRA_FLAGS]){"-g", wrap}, &again, NULL) != 0)
        return;
    if (toolchain_wait(&again, site->cancel, &verdict, NULL) == 0) {
        size_t got = 0;
        const char *output = toolchain_output(&again, &got);
        diagnostics_read(output, got, job->name, job->shown, job->source, &said);
        for (size_t i = 0; i < said.count && place[0] == '\0'; i++)
            if (said.item[i].line > 0 && strstr(said.item[i].message, "__wrap_") != NULL)
                snprintf(place, size, " in line %d", said.item[i].line);
        diagnostics_release(&said);
    }
    toolchain_release(&again);
}

/* What is refused here is right in most C programs, so the reader is told what this challenge gives instead. */
static void explain_call(const struct build_site *site, const struct build_job *job, const char *name, char *reason,
                         size_t size) {
    char place[40];
    place_of_call(site, job, name, place, sizeof place);
    snprintf(reason, size,
             "calls %s%s, but no memory may be allocated in this challenge: there are %llu KiB of static "
             "and %llu KiB of stack memory",
             name, place, (unsigned long long)site->spec->limits.static_bytes >> 10,
             (unsigned long long)site->spec->limits.stack_bytes >> 10);
}

static int vet(const struct build_site *site, const struct build_job *job, const char *path, char *reason, size_t size,
               struct error *err) {
    static const char *const needed[] = {"libc.so.6", "libm.so.6", "libmvec.so.1", "ld-linux-x86-64.so.2", NULL};
    static const char *const needed_openmp[] = {"libc.so.6",    "libm.so.6", "libmvec.so.1", "ld-linux-x86-64.so.2",
                                                "libgomp.so.1", NULL};
    const char *entry[SPEC_ENTRIES_MAX + 1] = {NULL};
    char call[ELFVET_CALL] = "";
    for (size_t e = 0; e < site->spec->entry_count; e++)
        entry[e] = site->spec->entry[e].name;
    struct elfvet_rules rules = {.needed = has_library(site->spec, "gomp") ? needed_openmp : needed,
                                 .image_bytes = IMAGE_LIMIT,
                                 .entry = entry,
                                 .static_bytes = site->spec->limits.static_bytes,
                                 .no_allocation = site->spec->limits.no_allocation,
                                 .call = call};
    struct stat info;
    if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return error_set(err, ERROR_HARNESS, "the compiler reported success but %s is not there", path);
    if ((uint64_t)info.st_size > site->spec->limits.binary_bytes) {
        snprintf(reason, size, "is %lld KiB large; %llu KiB are allowed", (long long)info.st_size >> 10,
                 (unsigned long long)site->spec->limits.binary_bytes >> 10);
        return 1;
    }
    char *image = NULL;
    size_t image_bytes = 0;
    if (scratch_read(path, site->spec->limits.binary_bytes, &image, &image_bytes, err) != 0)
        return -1;
    int status = elfvet_check(image, image_bytes, &rules, reason, size) == 0 ? 0 : 1;
    free(image);
    if (call[0] != '\0')
        explain_call(site, job, call, reason, size);
    return status;
}

static void describe_failure(struct build_report *report) {
    if (report->verdict == VERDICT_TIME_LIMIT)
        snprintf(report->detail, sizeof report->detail, "the compiler did not finish within its time");
    else if (report->verdict == VERDICT_MEMORY_LIMIT)
        snprintf(report->detail, sizeof report->detail,
                 "the compiler ran out of memory or the binary grew beyond its limit");
    else if (report->diagnostics.count == 0)
        snprintf(report->detail, sizeof report->detail, "gcc failed without a message that could be read");
}

int build_finish(const struct build_site *site, struct build_job *job, struct build_report *report,
                 char solution[SCRATCH_PATH], struct error *err) {
    *report = (struct build_report){0};
    snprintf(report->compiler, sizeof report->compiler, "%s", site->toolchain.version);
    snprintf(report->flags, sizeof report->flags, "%s%s%s", flags_text, site->spec->strict_build ? strict_text : "",
             has_library(site->spec, "gomp") ? " -fopenmp" : "");
    if (toolchain_wait(&job->compile, site->cancel, &report->verdict, err) != 0)
        return -1;
    size_t size = 0;
    const char *output = toolchain_output(&job->compile, &size);
    report->wall_ns = job->compile.wall_ns;
    report->raw = strndup(output, size);
    diagnostics_read(output, size, job->name, job->shown, job->source, &report->diagnostics);
    if (report->verdict != VERDICT_PASSED) {
        describe_failure(report);
        return 0;
    }
    char built[SCRATCH_PATH + 16], reason[300];
    snprintf(built, sizeof built, "%s/solution.so", job->folder);
    int vetted = vet(site, job, built, reason, sizeof reason, err);
    if (vetted < 0)
        return -1;
    if (vetted > 0) {
        report->verdict = VERDICT_REJECTED_BINARY;
        snprintf(report->detail, sizeof report->detail, "the compiled file %s", reason);
        return 0;
    }
    snprintf(solution, SCRATCH_PATH, "%.*s/solution.so", SCRATCH_PATH - 16, site->scratch->path);
    return scratch_copy(built, solution, site->spec->limits.binary_bytes, 0755, err);
}

void build_report_release(struct build_report *report) {
    diagnostics_release(&report->diagnostics);
    free(report->raw);
    report->raw = NULL;
}

/* addr2line reads debug information that the candidate's file shaped, so it runs contained like the compiler. */
static void ask_addr2line(const struct build_site *site, const struct build_job *job, uint64_t instruction, char *place,
                          size_t size) {
    struct toolchain reader = {.compiler = "/usr/bin/addr2line"};
    struct toolchain_job lookup;
    char address[32];
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)instruction);
    const char *argument[] = {"-f", "-s", "-e", "located.so", address};
    enum verdict verdict = VERDICT_PASSED;
    if (toolchain_start(&reader, site->support, job->folder, argument, 5, &lookup, NULL) != 0)
        return;
    if (toolchain_wait(&lookup, site->cancel, &verdict, NULL) == 0 && verdict == VERDICT_PASSED) {
        size_t got = 0;
        const char *output = toolchain_output(&lookup, &got);
        crash_place_read(output, got, place, size);
    }
    toolchain_release(&lookup);
}

/* The same code with line numbers, compiled when the first crash asks for it. */
static bool make_located(const struct build_site *site, const struct build_job *job) {
    struct toolchain_job again;
    enum verdict verdict = VERDICT_HARNESS_ERROR;
    char made[SCRATCH_PATH + 16];
    snprintf(made, sizeof made, "%s/located.so", job->folder);
    if (access(made, R_OK) == 0)
        return true;
    if (start_compiler(site, job, "located.so", (const char *const[EXTRA_FLAGS]){"-g"}, &again, NULL) != 0)
        return false;
    int waited = toolchain_wait(&again, site->cancel, &verdict, NULL);
    toolchain_release(&again);
    return waited == 0 && verdict == VERDICT_PASSED;
}

void build_locate(const struct build_site *site, const struct build_job *job, uint64_t instruction, char *place,
                  size_t size) {
    place[0] = '\0';
    if (instruction != 0 && make_located(site, job))
        ask_addr2line(site, job, instruction, place, size);
}
