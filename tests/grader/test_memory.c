/* SPDX-License-Identifier: MIT */
/* The seals of shared memory, tried the way a worker would try to get around them: by the descriptor it is given, by
 * a reopened one, and by the mapping it has. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grader/memory.h"

static struct memory open_memory(size_t bytes, bool readonly) {
    struct memory memory;
    struct error err = {0};

    ck_assert_msg(memory_open(&memory, "test memory", bytes, readonly, &err) == 0, "%s", err.text);
    return memory;
}

static int reopen(const struct memory *memory, int flags) {
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", memory->fd);
    return open(path, flags | O_CLOEXEC);
}

START_TEST(bytes_are_whole_pages_and_zero) {
    const size_t page = memory_page();
    struct memory none = open_memory(0, false), one = open_memory(1, false), more = open_memory(page + 1, true);

    ck_assert_uint_eq(none.bytes, page);
    ck_assert_uint_eq(one.bytes, page);
    ck_assert_uint_eq(more.bytes, 2 * page);
    for (size_t i = 0; i < more.bytes; i++)
        ck_assert_uint_eq(more.base[i], 0);
    ck_assert_uint_eq(memory_round(0), 0);
    ck_assert_uint_eq(memory_round(page), page);
    ck_assert_uint_eq(memory_round(page + 1), 2 * page);
    memory_release(&none);
    memory_release(&one);
    memory_release(&more);
}
END_TEST

START_TEST(the_grader_can_always_write) {
    for (int readonly = 0; readonly <= 1; readonly++) {
        struct memory memory = open_memory(100, readonly);
        const unsigned char *seen;

        memory.base[99] = 77;
        seen = mmap(NULL, memory.bytes, PROT_READ, MAP_SHARED, memory.fd, 0);
        ck_assert_ptr_ne(seen, MAP_FAILED);
        ck_assert_uint_eq(seen[99], 77);
        memory.base[98] = 78;
        ck_assert_uint_eq(seen[98], 78);
        munmap((void *)(uintptr_t)seen, memory.bytes);
        memory_release(&memory);
    }
}
END_TEST

START_TEST(no_size_can_change) {
    for (int readonly = 0; readonly <= 1; readonly++) {
        struct memory memory = open_memory(3 * memory_page(), readonly);
        const int writer = reopen(&memory, O_RDWR);

        ck_assert_int_ne(ftruncate(memory.fd, 0), 0);
        ck_assert_int_ne(ftruncate(memory.fd, (off_t)(2 * memory.bytes)), 0);
        if (writer >= 0) {
            ck_assert_int_ne(ftruncate(writer, 0), 0);
            ck_assert_int_eq(errno, EPERM);
            ck_assert_int_ne(ftruncate(writer, (off_t)(2 * memory.bytes)), 0);
            ck_assert_int_ne(fallocate(writer, FALLOC_FL_COLLAPSE_RANGE, 0, (off_t)memory_page()), 0);
            close(writer);
        }
        ck_assert_int_eq((int)lseek(memory.fd, 0, SEEK_END), (int)memory.bytes);
        memory_release(&memory);
    }
}
END_TEST

START_TEST(seals_cannot_be_changed) {
    for (int readonly = 0; readonly <= 1; readonly++) {
        struct memory memory = open_memory(1, readonly);
        const int seals = fcntl(memory.fd, F_GET_SEALS), writer = reopen(&memory, O_RDWR);

        ck_assert_int_ne(seals & F_SEAL_SEAL, 0);
        ck_assert_int_ne(fcntl(memory.fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
        if (writer >= 0) {
            ck_assert_int_ne(fcntl(writer, F_ADD_SEALS, F_SEAL_WRITE), 0);
            close(writer);
        }
        ck_assert_int_eq(fcntl(memory.fd, F_GET_SEALS), seals);
        memory_release(&memory);
    }
}
END_TEST

/* What the descriptor `fd` must not allow on memory that is read-only. */
static void must_not_write(int fd, const struct memory *memory, const char *how) {
    void *shared = mmap(NULL, memory->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    ck_assert_msg(shared == MAP_FAILED, "a writable mapping of %s", how);
    ck_assert_msg(write(fd, "x", 1) < 0, "write() to %s", how);
    ck_assert_msg(pwrite(fd, "x", 1, 0) < 0, "pwrite() to %s", how);
    ck_assert_msg(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)memory->bytes) != 0,
                  "a hole in %s", how);
}

START_TEST(inputs_cannot_be_written_through_any_descriptor) {
    struct memory memory = open_memory(2 * memory_page(), true);
    int reopened;

    ck_assert_int_eq(fcntl(memory.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    must_not_write(memory.fd, &memory, "the descriptor");
    /* A memfd has no permission bits to speak of: reopening may succeed, and only the seal is left to refuse. */
    reopened = reopen(&memory, O_RDWR);
    if (reopened >= 0) {
        must_not_write(reopened, &memory, "a descriptor reopened for writing");
        close(reopened);
    }
    reopened = reopen(&memory, O_WRONLY | O_TRUNC);
    if (reopened >= 0) {
        ck_assert_int_lt((int)write(reopened, "x", 1), 0);
        close(reopened);
    }
    ck_assert_uint_eq(memory.base[0], 0);
    ck_assert_int_eq((int)lseek(memory.fd, 0, SEEK_END), (int)memory.bytes);
    memory_release(&memory);
}
END_TEST

START_TEST(a_readonly_mapping_stays_readonly) {
    struct memory memory = open_memory(memory_page(), true);
    const int reopened = reopen(&memory, O_RDWR);
    const int fds[2] = {memory.fd, reopened};

    for (int i = 0; i < 2; i++) {
        void *seen;
        if (fds[i] < 0)
            continue;
        seen = mmap(NULL, memory.bytes, PROT_READ, MAP_SHARED, fds[i], 0);
        ck_assert_ptr_ne(seen, MAP_FAILED);
        ck_assert_int_ne(mprotect(seen, memory.bytes, PROT_READ | PROT_WRITE), 0);
        ck_assert_int_eq(errno, EACCES);
        munmap(seen, memory.bytes);
    }
    if (reopened >= 0)
        close(reopened);
    memory_release(&memory);
}
END_TEST

/* The counterpart, without which the tests above could pass on memory that nobody can write at all. */
START_TEST(outputs_can_be_written) {
    struct memory memory = open_memory(memory_page(), false);
    unsigned char *seen = mmap(NULL, memory.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);

    ck_assert_ptr_ne(seen, MAP_FAILED);
    seen[5] = 9;
    ck_assert_uint_eq(memory.base[5], 9);
    munmap(seen, memory.bytes);
    memory_release(&memory);
}
END_TEST

START_TEST(release_is_idempotent) {
    struct memory memory = MEMORY_INIT;

    memory_release(&memory);
    memory = open_memory(1, true);
    memory_release(&memory);
    ck_assert_int_eq(memory.fd, -1);
    ck_assert_ptr_null(memory.base);
    ck_assert_uint_eq(memory.bytes, 0);
    memory_release(&memory);
}
END_TEST

START_TEST(too_much_is_an_error_with_the_name) {
    struct memory memory;
    struct error err = {.owner = ERROR_USER};

    ck_assert_int_eq(memory_open(&memory, "inputs", (size_t)1 << 60, true, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(err.text, "inputs"));
    ck_assert_int_eq(memory.fd, -1);
    ck_assert_ptr_null(memory.base);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, bytes_are_whole_pages_and_zero);
    tcase_add_test(tests, the_grader_can_always_write);
    tcase_add_test(tests, no_size_can_change);
    tcase_add_test(tests, seals_cannot_be_changed);
    tcase_add_test(tests, inputs_cannot_be_written_through_any_descriptor);
    tcase_add_test(tests, a_readonly_mapping_stays_readonly);
    tcase_add_test(tests, outputs_can_be_written);
    tcase_add_test(tests, release_is_idempotent);
    tcase_add_test(tests, too_much_is_an_error_with_the_name);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
