/* SPDX-License-Identifier: MIT */
/* The challenge's half of the build room: reference.c in both precisions and the three stubs. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/build.h"
#include "grader/build_cache.h"
#include "grader/stub.h"
#include "harness_paths.h"

enum { FILE_LIMIT = 64 << 20, ARGUMENTS_MAX = 32, PARTS = 5, PART_VERSION = PARTS, STORED = PARTS + 1 };

static const char *const part_name[STORED] = {"oracle.so",        "baseline.so",       "oracle-stub.so",
                                              "baseline-stub.so", "candidate-stub.so", [PART_VERSION] = "compiler.txt"};

/* Fast code, but IEEE semantics: contraction is allowed, reassociation is not. */
static const char *const reference_flags[] = {
    "-std=gnu17",
    "-O3",
    "-march=native",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-fopenmp-simd",
    "-fPIC",
    "-shared",
    "-Wl,-z,defs",
    "-Wl,-z,now",
    "-fdiagnostics-format=json",
    "-I.",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
};

struct pack_texts {
    char *candidate_stub, *reference_stub, *prototypes;
};

static void texts_release(struct pack_texts *texts) {
    free(texts->candidate_stub);
    free(texts->reference_stub);
    free(texts->prototypes);
}

static int hash_folder(struct build_cache_hash *hash, const char *folder) {
    struct dirent **entry = NULL;
    int count = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[LOCATE_PATH + 400];
        size_t length = strlen(entry[i]->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (length > 2 && strcmp(entry[i]->d_name + length - 2, ".h") == 0)
            build_cache_hash_file(hash, path);
        free(entry[i]);
    }
    free(entry);
    return count > 0 ? 0 : -1;
}

/* Everything that the compiled parts depend on. */
static int make_key(const struct build_site *site, const struct pack_texts *texts, char key[BUILD_CACHE_KEY],
                    struct error *err) {
    struct build_cache_hash hash;
    char path[LOCATE_PATH + 128];
    build_cache_hash_init(&hash);
    build_cache_hash_bytes(&hash, HARNESS_VERSION, strlen(HARNESS_VERSION));
    build_cache_hash_bytes(&hash, texts->candidate_stub, strlen(texts->candidate_stub));
    build_cache_hash_bytes(&hash, texts->reference_stub, strlen(texts->reference_stub));
    build_cache_hash_bytes(&hash, texts->prototypes, strlen(texts->prototypes));
    for (size_t i = 0; i < sizeof reference_flags / sizeof *reference_flags; i++)
        build_cache_hash_bytes(&hash, reference_flags[i], strlen(reference_flags[i]));
    build_cache_hash_machine(&hash);
    snprintf(path, sizeof path, "%s/reference.c", site->spec->directory);
    bool read = build_cache_hash_file(&hash, path);
    snprintf(path, sizeof path, "%s/%s.h", site->spec->directory, site->spec->id);
    read = build_cache_hash_file(&hash, path) && read;
    if (!read)
        return error_set(err, ERROR_CHALLENGE, "cannot read reference.c and %s.h in %s", site->spec->id,
                         site->spec->directory);
    snprintf(path, sizeof path, "%s/reference", site->parts->include);
    if (!build_cache_hash_file(&hash, site->parts->archive_f32) ||
        !build_cache_hash_file(&hash, site->parts->archive_f64) ||
        !build_cache_hash_file(&hash, site->toolchain.compiler) || hash_folder(&hash, path) != 0)
        return error_set(err, ERROR_HARNESS, "cannot read the reference library beside %s; install the harness again",
                         site->parts->archive_f32);
    build_cache_hash_key(&hash, key);
    return 0;
}

static int copy_headers(const struct build_site *site, const char *folder, struct error *err) {
    char from[LOCATE_PATH + 400], to[SCRATCH_PATH + 300];
    struct dirent **entry = NULL;
    snprintf(to, sizeof to, "%s/reference", folder);
    struct scratch inside;
    char made[SCRATCH_PATH];
    snprintf(inside.path, sizeof inside.path, "%s", folder);
    if (scratch_folder(&inside, "reference", made, err) != 0)
        return -1;
    snprintf(from, sizeof from, "%s/reference", site->parts->include);
    int count = scandir(from, &entry, NULL, alphasort), status = 0;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(entry[i]->d_name);
        snprintf(from, sizeof from, "%s/reference/%s", site->parts->include, entry[i]->d_name);
        snprintf(to, sizeof to, "%s/%s", made, entry[i]->d_name);
        if (status == 0 && length > 2 && strcmp(entry[i]->d_name + length - 2, ".h") == 0)
            status = scratch_copy(from, to, FILE_LIMIT, 0644, err);
        free(entry[i]);
    }
    free(entry);
    return status;
}

static int put_text(const char *folder, const char *name, const char *text, struct error *err) {
    char path[SCRATCH_PATH + 40];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return scratch_write(path, text, strlen(text), err);
}

static int put_file(const char *folder, const char *name, const char *from, struct error *err) {
    char path[SCRATCH_PATH + 80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return scratch_copy(from, path, FILE_LIMIT, 0644, err);
}

static int lay_out(const struct build_site *site, const struct pack_texts *texts, const char *folder,
                   struct error *err) {
    char from[LOCATE_PATH + 128], name[80];
    if (copy_headers(site, folder, err) != 0 || put_text(folder, "candidate-stub.c", texts->candidate_stub, err) != 0 ||
        put_text(folder, "reference-stub.c", texts->reference_stub, err) != 0 ||
        put_text(folder, "prototypes.h", texts->prototypes, err) != 0)
        return -1;
    snprintf(from, sizeof from, "%s/reference.c", site->spec->directory);
    if (put_file(folder, "reference.c", from, err) != 0)
        return -1;
    snprintf(name, sizeof name, "%s.h", site->spec->id);
    snprintf(from, sizeof from, "%s/%s", site->spec->directory, name);
    if (put_file(folder, name, from, err) != 0 ||
        put_file(folder, "libreference_f32.a", site->parts->archive_f32, err) != 0)
        return -1;
    return put_file(folder, "libreference_f64.a", site->parts->archive_f64, err);
}

/* One row for each part: what it is made from. */
struct part_recipe {
    const char *source, *real, *archive;
};

static const struct part_recipe recipes[PARTS] = {
    {"reference.c", "-DREAL_IS_DOUBLE=1", "libreference_f64.a"},
    {"reference.c", "-DREAL_IS_DOUBLE=0", "libreference_f32.a"},
    {"reference-stub.c", "-DREAL_IS_DOUBLE=1", NULL},
    {"reference-stub.c", "-DREAL_IS_DOUBLE=0", NULL},
    {"candidate-stub.c", NULL, NULL},
};

static int start_part(const struct build_site *site, const char *folder, size_t part, struct toolchain_job *job,
                      struct error *err) {
    const struct part_recipe *recipe = &recipes[part];
    const char *argument[ARGUMENTS_MAX];
    size_t n = 0;
    for (; n < sizeof reference_flags / sizeof *reference_flags; n++)
        argument[n] = reference_flags[n];
    if (recipe->real != NULL) {
        argument[n++] = recipe->real;
        argument[n++] = "-include";
        argument[n++] = "prototypes.h";
    }
    argument[n++] = recipe->source;
    argument[n++] = "-o";
    argument[n++] = part_name[part];
    if (recipe->archive != NULL) {
        argument[n++] = recipe->archive;
        argument[n++] = "-lopenblas";
        argument[n++] = "-lm";
    }
    return toolchain_start(&site->toolchain, site->support, folder, argument, n, job, err);
}

/* Time and memory are the machine's as much as the author's, who compiled this pack before. */
static int blame_limit(const struct build_site *site, size_t part, enum verdict verdict, struct error *err) {
    return error_set(err, ERROR_HARNESS,
                     "%s used up its %s on %s of the challenge %s; stop other work on this machine, or name another "
                     "gcc with HARNESS_CC",
                     site->toolchain.compiler, verdict == VERDICT_TIME_LIMIT ? "time" : "memory", recipes[part].source,
                     site->spec->id);
}

static int blame(const struct build_site *site, size_t part, struct toolchain_job *job, struct error *err) {
    struct diagnostics said;
    size_t size = 0;
    const char *output = toolchain_output(job, &size);
    diagnostics_read(output, size, recipes[part].source, recipes[part].source, NULL, &said);
    const struct diagnostic *first = NULL;
    for (size_t i = 0; i < said.count && first == NULL; i++)
        if (strstr(said.item[i].kind, "error") != NULL)
            first = &said.item[i];
    bool blas = memmem(output, size, "lopenblas", 9) != NULL || memmem(output, size, "cblas.h", 7) != NULL;
    if (blas)
        error_set(err, ERROR_HARNESS, "OpenBLAS is missing: install it with `apt-get install libopenblas-dev`");
    else if (recipes[part].archive == NULL)
        error_set(err, ERROR_CHALLENGE, "%s/%s.h does not agree with challenge.json: %s", site->spec->directory,
                  site->spec->id, first != NULL ? first->message : "the call stub does not compile");
    else
        error_set(err, ERROR_CHALLENGE, "%s/reference.c:%d:%d does not compile: %s", site->spec->directory,
                  first != NULL ? first->line : 0, first != NULL ? first->column : 0,
                  first != NULL ? first->message : "gcc gave no message that could be read");
    diagnostics_release(&said);
    return -1;
}

static int look_for(const struct build_site *site, const char *folder, const char *name, struct error *err) {
    char path[SCRATCH_PATH + 40];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (access(path, R_OK) == 0)
        return 0;
    return error_set(err, ERROR_HARNESS, "%s reported success but made no %s; name a gcc with HARNESS_CC",
                     site->toolchain.compiler, name);
}

static int compile_parts(const struct build_site *site, const char *folder, struct error *err) {
    struct toolchain_job job[PARTS];
    int status = 0;
    for (size_t i = 0; i < PARTS; i++)
        job[i] = (struct toolchain_job)TOOLCHAIN_JOB_INIT;
    for (size_t i = 0; i < PARTS && status == 0; i++)
        status = start_part(site, folder, i, &job[i], err);
    /* The candidate's stub is the last and the quickest to say that header and spec disagree: look at it first. */
    for (size_t i = PARTS; i-- > 0 && status == 0;) {
        enum verdict verdict;
        status = toolchain_wait(&job[i], site->cancel, &verdict, err);
        if (status == 0 && verdict == VERDICT_COMPILE_ERROR)
            status = blame(site, i, &job[i], err);
        else if (status == 0 && verdict != VERDICT_PASSED)
            status = blame_limit(site, i, verdict, err);
        else if (status == 0)
            status = look_for(site, folder, part_name[i], err);
    }
    for (size_t i = 0; i < PARTS; i++)
        toolchain_release(&job[i]);
    return status;
}

static void read_version(struct build_site *site, const char *folder) {
    char path[BUILD_CACHE_PATH + 32], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", folder, part_name[PART_VERSION]);
    if (scratch_read(path, sizeof site->toolchain.version, &text, &size, NULL) == 0)
        snprintf(site->toolchain.version, sizeof site->toolchain.version, "%s", text);
    free(text);
}

static int compile_and_store(struct build_site *site, const struct pack_texts *texts, const char *key,
                             const char *folder, struct error *err) {
    if (sandbox_give(folder, err) != 0 || lay_out(site, texts, folder, err) != 0 ||
        toolchain_ask_version(&site->toolchain, site->support, folder, site->cancel, err) != 0 ||
        put_text(folder, part_name[PART_VERSION], site->toolchain.version, err) != 0 ||
        compile_parts(site, folder, err) != 0)
        return -1;
    build_cache_store(key, folder, part_name, STORED);
    return 0;
}

static int place_parts(const struct build_site *site, const char *from, struct build_pack *pack, struct error *err) {
    char *to[PARTS] = {pack->oracle, pack->baseline, pack->oracle_stub, pack->baseline_stub, pack->candidate_stub};
    for (size_t i = 0; i < PARTS; i++) {
        char path[BUILD_CACHE_PATH + 32];
        snprintf(path, sizeof path, "%s/%s", from, part_name[i]);
        snprintf(to[i], SCRATCH_PATH, "%.*s/%s", SCRATCH_PATH - 32, site->scratch->path, part_name[i]);
        if (scratch_copy(path, to[i], FILE_LIMIT, 0755, err) != 0)
            return -1;
    }
    snprintf(pack->worker, SCRATCH_PATH, "%.*s/worker", SCRATCH_PATH - 32, site->scratch->path);
    return scratch_copy(site->parts->worker, pack->worker, FILE_LIMIT, 0755, err);
}

static int take_cached(struct build_site *site, const char *folder, struct build_pack *pack, struct error *err) {
    read_version(site, folder);
    return place_parts(site, folder, pack, err);
}

static int make_pack(struct build_site *site, const struct pack_texts *texts, const char *key, struct build_pack *pack,
                     struct error *err) {
    char folder[SCRATCH_PATH];
    if (scratch_folder(site->scratch, "pack", folder, err) != 0)
        return -1;
    int status = compile_and_store(site, texts, key, folder, err);
    if (status == 0)
        status = place_parts(site, folder, pack, err);
    scratch_remove_tree(folder);
    return status;
}

int build_pack(struct build_site *site, struct build_pack *pack, struct error *err) {
    struct pack_texts texts = {stub_candidate_text(site->spec), stub_reference_text(site->spec),
                               stub_prototypes_text(site->spec)};
    char key[BUILD_CACHE_KEY], cached[BUILD_CACHE_PATH];
    int status = -1;
    if (texts.candidate_stub == NULL || texts.reference_stub == NULL || texts.prototypes == NULL)
        error_set(err, ERROR_HARNESS, "out of memory while generating the call stubs");
    else if (make_key(site, &texts, key, err) == 0)
        status = build_cache_find(key, part_name, STORED, cached) ? take_cached(site, cached, pack, err)
                                                                  : make_pack(site, &texts, key, pack, err);
    texts_release(&texts);
    return status;
}
