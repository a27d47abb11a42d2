/* SPDX-License-Identifier: MIT */
/* Whole gradings: every test has a TMPDIR of its own, which must be empty at its end, and may have a pack of its own,
 * which is a changed copy of good-scale. The cache of compiled packs is the program's. */
#ifndef TESTS_GRADER_GRADE_SAMPLE_H
#define TESTS_GRADER_GRADE_SAMPLE_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/grade.h"
#include "grader/scratch.h"

#define PACKS       "tests/data/packs"
#define SCALE       PACKS "/good-scale"
#define SCALE_RIGHT SCALE "/solutions/accepted_simple.c"

struct office {
    char cache[64]; /* of the program */
    char root[64];  /* of the test: temporary/, pack/, mine.c */
    char temporary[80];
    struct spec *spec;
    struct grade *grade;
    struct error err;
};

static struct office office;

static inline void office_open_cache(void) {
    snprintf(office.cache, sizeof office.cache, "/tmp/test-grade-cache-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(office.cache));
    setenv("XDG_CACHE_HOME", office.cache, 1);
}

static inline void office_close_cache(void) {
    scratch_remove_tree(office.cache);
}

static inline void office_load(const char *folder) {
    spec_free(office.spec);
    office.spec = NULL;
    ck_assert_msg(spec_load(folder, &office.spec, &office.err) == 0, "%s", office.err.text);
}

static inline void office_open(void) {
    snprintf(office.root, sizeof office.root, "/tmp/test-grade-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(office.root));
    ck_assert_int_eq(chmod(office.root, 0755), 0);
    snprintf(office.temporary, sizeof office.temporary, "%s/temporary", office.root);
    ck_assert_int_eq(mkdir(office.temporary, 0755), 0);
    setenv("TMPDIR", office.temporary, 1);
    office_load(SCALE);
}

static inline void office_close(void) {
    grade_free(office.grade);
    spec_free(office.spec);
    /* rmdir fails on a folder that is not empty: nothing may be left of a grading. */
    ck_assert_msg(rmdir(office.temporary) == 0, "something is left in TMPDIR");
    scratch_remove_tree(office.root);
}

static inline const char *office_write(const char *name, const char *text) {
    static char path[160];

    snprintf(path, sizeof path, "%s/%s", office.root, name);
    ck_assert_msg(scratch_write(path, text, strlen(text), &office.err) == 0, "%s", office.err.text);
    return path;
}

/* A file with this text behind the include of the contract. */
static inline const char *office_mine(const char *text) {
    char *source = NULL;

    ck_assert_int_gt(asprintf(&source, "#include \"good-scale.h\"\n%s", text), 0);
    const char *path = office_write("mine.c", source);
    free(source);
    return path;
}

/* A pack of the tests with `from` replaced by `to` in one file. */
static inline void office_change_copy(const char *id, const char *file, const char *from, const char *to) {
    char folder[128], source[256], target[256], header[64];
    const char *const files[] = {"challenge.json", "hidden.json", "reference.c", header, "README.md", "starter.c"};

    snprintf(header, sizeof header, "%s.h", id);
    snprintf(folder, sizeof folder, "%s/%s", office.root, id);
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *text = NULL, *changed = NULL;
        size_t size = 0;
        const bool is_it = strcmp(files[i], file) == 0;
        snprintf(source, sizeof source, PACKS "/%s/%s", id, files[i]);
        snprintf(target, sizeof target, "%s/%s", folder, files[i]);
        ck_assert_int_eq(scratch_read(source, 1 << 20, &text, &size, &office.err), 0);
        const char *at = is_it ? strstr(text, from) : text;
        ck_assert_msg(at != NULL, "%s has no '%s'", file, from);
        ck_assert_int_gt(
            asprintf(&changed, "%.*s%s%s", (int)(at - text), text, is_it ? to : "", at + (is_it ? strlen(from) : 0)),
            0);
        ck_assert_int_eq(scratch_write(target, changed, strlen(changed), &office.err), 0);
        free(changed);
        free(text);
    }
    office_load(folder);
}

static inline void office_change_pack(const char *file, const char *from, const char *to) {
    office_change_copy("good-scale", file, from, to);
}

static inline struct grade_request office_request(const char *file) {
    return (struct grade_request){
        .spec = office.spec, .file = file, .seed = 11, .require = SANDBOX_D, .at_most = SANDBOX_A};
}

static inline int office_run(const struct grade_request *request) {
    grade_free(office.grade);
    office.grade = NULL;
    office.err = (struct error){.owner = ERROR_HARNESS};
    return grade_run(request, &office.grade, &office.err);
}

/* Grades without timing; there must be a verdict. */
static inline enum verdict office_grade(const char *file) {
    const struct grade_request request = office_request(file);

    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    return office.grade->verdict;
}

static inline void office_must_pass(const char *file) {
    const enum verdict verdict = office_grade(file);

    ck_assert_msg(verdict == VERDICT_PASSED, "%s: %s", verdict_code(verdict), office.grade->detail);
}

/* The grading must end in this owner's error, whose sentence holds the words. */
static inline void office_must_fail_request(const struct grade_request *request, enum error_owner owner,
                                            const char *words) {
    ck_assert_int_eq(office_run(request), -1);
    ck_assert_ptr_null(office.grade);
    ck_assert_msg(strstr(office.err.text, words) != NULL, "'%s' is not in '%s'", words, office.err.text);
    ck_assert_msg(office.err.owner == owner, "owner %d: %s", (int)office.err.owner, office.err.text);
}

static inline void office_must_fail(const char *file, enum error_owner owner, const char *words) {
    const struct grade_request request = office_request(file);

    office_must_fail_request(&request, owner, words);
}

#endif
