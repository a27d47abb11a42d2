/* SPDX-License-Identifier: MIT */
/* The instruction of a strict build is found at its address in code, and nowhere else. */
#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/trap.h"

enum { BASE = 0x1000, CODE = 512, CODE_BYTES = 64, UD2 = 10, FILE_BYTES = CODE + CODE_BYTES };

/* An image with one segment of zeros, of which UD2 and the last byte look like the instruction. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    unsigned char rest[FILE_BYTES - sizeof(Elf64_Ehdr) - sizeof(Elf64_Phdr)];
};

static struct image image_make(void) {
    struct image image = {.header = {.e_ident = ELFMAG, .e_phoff = sizeof(Elf64_Ehdr), .e_phnum = 1},
                          .segment = {.p_type = PT_LOAD,
                                      .p_flags = PF_R | PF_X,
                                      .p_offset = CODE,
                                      .p_vaddr = BASE,
                                      .p_filesz = CODE_BYTES,
                                      .p_memsz = CODE_BYTES}};
    unsigned char *code = (unsigned char *)&image + CODE;
    memcpy(code + UD2, "\x0f\x0b", 2);
    code[CODE_BYTES - 1] = 0x0f;
    return image;
}

static bool is_trap(const struct image *image, uint64_t address) {
    char path[] = "/tmp/test-trap-XXXXXX";
    const int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, image, FILE_BYTES), FILE_BYTES);
    close(fd);
    const bool found = trap_is_at(path, address);
    unlink(path);
    return found;
}

START_TEST(it_is_found_where_it_is) {
    const struct image image = image_make();

    for (uint64_t at = BASE - 16; at < BASE + CODE_BYTES + 16; at++)
        ck_assert_msg(is_trap(&image, at) == (at == BASE + UD2), "at %llx", (unsigned long long)at);
}
END_TEST

START_TEST(data_and_broken_files_hold_none) {
    struct image image = image_make();

    ck_assert(is_trap(&image, BASE + UD2));
    image.segment.p_flags = PF_R;
    ck_assert(!is_trap(&image, BASE + UD2));
    image = image_make();
    image.segment.p_type = PT_NOTE;
    ck_assert(!is_trap(&image, BASE + UD2));
    image = image_make();
    image.segment.p_offset = UINT64_MAX - UD2;
    ck_assert(!is_trap(&image, BASE + UD2));
    image = image_make();
    image.header.e_phoff = UINT64_MAX;
    ck_assert(!is_trap(&image, BASE + UD2));
    image = image_make();
    image.header.e_ident[0] = 'x';
    ck_assert(!is_trap(&image, BASE + UD2));
    ck_assert(!trap_is_at("/nowhere/at/all", BASE + UD2));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("trap");
    TCase *traps = tcase_create("traps");

    tcase_add_test(traps, it_is_found_where_it_is);
    tcase_add_test(traps, data_and_broken_files_hold_none);
    suite_add_tcase(suite, traps);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
