/* SPDX-License-Identifier: MIT */
/* Archives from people who wish no good, and the honest ones of a course. */
#include <archive.h>
#include <archive_entry.h>
#include <signal.h>
#include <sys/resource.h>

#include "batch_place.h"
#include "harness/batch/archive.h"

#define SCALE "// harness: test-scale\n"

enum making { MAKE_TAR, MAKE_TAR_GZ, MAKE_ZIP, MAKE_7Z };

struct member {
    const char *name, *text;
    unsigned type; /* AE_IF*, 0 for a file */
    const char *link;
    bool hard;
    unsigned mode;
};

static struct submissions list;

static struct archive *begin(const char *path, enum making how) {
    struct archive *to = archive_write_new();
    archive_write_set_bytes_per_block(to, 0);
    if (how == MAKE_TAR_GZ)
        archive_write_add_filter_gzip(to);
    if (how == MAKE_ZIP)
        archive_write_set_format_zip(to);
    else if (how == MAKE_7Z)
        archive_write_set_format_7zip(to);
    else
        archive_write_set_format_gnutar(to);
    ck_assert_int_eq(archive_write_open_filename(to, path), ARCHIVE_OK);
    return to;
}

static void put_member(struct archive *to, const struct member *m) {
    struct archive_entry *entry = archive_entry_new();
    const size_t size = m->text != NULL ? strlen(m->text) : 0;
    archive_entry_set_pathname(entry, m->name);
    archive_entry_set_filetype(entry, m->type != 0 ? m->type : AE_IFREG);
    archive_entry_set_perm(entry, m->mode != 0 ? m->mode : 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    if (m->link != NULL && m->hard)
        archive_entry_set_hardlink(entry, m->link);
    else if (m->link != NULL)
        archive_entry_set_symlink(entry, m->link);
    if (m->type == AE_IFCHR)
        archive_entry_set_rdev(entry, 0x105);
    ck_assert_int_ge(archive_write_header(to, entry), ARCHIVE_WARN);
    if (size > 0)
        ck_assert_int_eq((int)archive_write_data(to, m->text, size), (int)size);
    archive_entry_free(entry);
}

static void end(struct archive *to) {
    ck_assert_int_eq(archive_write_close(to), ARCHIVE_OK);
    archive_write_free(to);
}

static void make(const char *path, enum making how, const struct member *member, size_t count) {
    struct archive *to = begin(path, how);
    for (size_t i = 0; i < count; i++)
        put_member(to, &member[i]);
    end(to);
}

#define FILE_OF(NAME, TEXT)                                                                                            \
    { .name = NAME, .text = TEXT }
#define MAKE(path, how, ...)                                                                                           \
    do {                                                                                                               \
        const struct member members[] = {__VA_ARGS__};                                                                 \
        make(path, how, members, sizeof members / sizeof members[0]);                                                  \
    } while (0)

/* -1 and the sentence, or 0. */
static int unpack(const char *path) {
    mkdir("out", 0755);
    return archive_unpack(path, ARCHIVE_OF_PERSON, "out", &place_error);
}

static size_t count_files(const char *what) {
    char command[128];
    unsigned long count = 0;
    snprintf(command, sizeof command, "find out %s | wc -l", what);
    FILE *from = popen(command, "r");
    ck_assert_ptr_nonnull(from);
    ck_assert_int_eq(fscanf(from, "%lu", &count), 1);
    pclose(from);
    return count;
}

START_TEST(every_kind) {
    static const char *const NAME[] = {
        [MAKE_TAR] = "c.tar", [MAKE_TAR_GZ] = "c.tar.gz", [MAKE_ZIP] = "c.zip", [MAKE_7Z] = "c.7z"};
    MAKE(NAME[_i], (enum making)_i, FILE_OF("gita/a.c", SCALE), FILE_OF("hal/week 2/b.c", SCALE),
         FILE_OF("ivy__x.c", SCALE), FILE_OF("hal/notes.txt", "text"), FILE_OF("__MACOSX/gita/._a.c", "junk"),
         FILE_OF("J\xc3\xb6rg/a.c", SCALE));
    ck_assert(archive_is(NAME[_i]));
    place_find(NAME[_i], &list);
    ck_assert_uint_eq(list.count, 4);
    char shown[64];
    snprintf(shown, sizeof shown, "%s/gita/a.c", NAME[_i]);
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->shown, shown);
    place_task(&list, "hal/test-scale");
    place_task(&list, "ivy/test-scale");
    place_task(&list, "J-rg/test-scale");
    struct stat info;
    ck_assert_int_eq(stat(list.item[0].path, &info), 0);
    char *root = strdup(list.unpacked.path);
    submissions_release(&list);
    ck_assert_int_eq(stat(root, &info), -1);
    free(root);
}
END_TEST

START_TEST(wrapped_in_a_folder_of_its_name) {
    MAKE("class.tar.gz", MAKE_TAR_GZ, FILE_OF("class/gita/a.c", SCALE), FILE_OF("class/hal/a.c", SCALE));
    place_find("class.tar.gz", &list);
    place_task(&list, "gita/test-scale");
    submissions_release(&list);
    MAKE("class.tar.gz", MAKE_TAR_GZ, FILE_OF("gita/a.c", SCALE), FILE_OF("gita/b/test_pair.c", "int x;\n"));
    place_find("class.tar.gz", &list);
    place_task(&list, "gita/test-scale");
    place_task(&list, "gita/test-pair");
}
END_TEST

START_TEST(archives_of_people) {
    mkdir("in", 0755);
    mkdir("in/hal", 0755);
    mkdir("in/Ivy Lee_77_assignsubmission_file_", 0755);
    MAKE("in/gita.zip", MAKE_ZIP, FILE_OF("src/a.c", SCALE));
    MAKE("in/ann__work.tar.gz", MAKE_TAR_GZ, FILE_OF("a.c", SCALE));
    MAKE("in/hal/work.7z", MAKE_7Z, FILE_OF("a.c", SCALE));
    MAKE("in/Ivy Lee_77_assignsubmission_file_/w.zip", MAKE_ZIP, FILE_OF("a.c", SCALE));
    place_put("in/joe.rar", "Rar!\x1a\x07 but not really");
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 5);
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->shown, "in/gita.zip/src/a.c");
    place_task(&list, "ann/test-scale");
    ck_assert_str_eq(place_task(&list, "hal/test-scale")->shown, "in/hal/work.7z/a.c");
    place_task(&list, "Ivy-Lee_77/test-scale");
    ck_assert_ptr_nonnull(strstr(place_task(&list, "joe/joe.rar")->problem, "'in/joe.rar' cannot be"));
    submissions_release(&list);
    /* The same, downloaded as one archive; an archive in an archive in an archive is passed over. */
    MAKE("deep.zip", MAKE_ZIP, FILE_OF("a.c", SCALE));
    ck_assert_int_eq(system("command -v python3 > /dev/null"), 0);
    ck_assert_int_eq(system("python3 -c \"import zipfile; z=zipfile.ZipFile('in/hal/x.zip','w'); z.write('deep.zip'); "
                            "z.close(); z=zipfile.ZipFile('class.zip','w'); z.write('in/gita.zip','gita.zip'); "
                            "z.write('in/hal/x.zip','hal/x.zip'); z.close()\""),
                     0);
    place_find("class.zip", &list);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->shown, "class.zip/gita.zip/src/a.c");
    ck_assert_str_eq(place_task(&list, "hal/test-scale")->shown, "class.zip/hal/x.zip/deep.zip/a.c");
}
END_TEST

START_TEST(names_that_lead_out) {
    static const char *const WRONG[] = {
        "../a.c", "x/../../a.c", "/tmp/harness-test-a.c",
        "x/..",   "..",          "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/a/b/c/d/e/f/g/h.c"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        MAKE("a.tar", MAKE_TAR, FILE_OF("good.c", SCALE), FILE_OF(WRONG[i], SCALE));
        ck_assert_msg(unpack("a.tar") == -1, "%s was unpacked", WRONG[i]);
        ck_assert_int_eq(place_error.owner, ERROR_USER);
        ck_assert_ptr_nonnull(strstr(place_error.text, WRONG[i]));
    }
    ck_assert_int_eq(access("a.c", F_OK), -1);
    ck_assert_int_eq(access("/tmp/harness-test-a.c", F_OK), -1);
    MAKE("a.tar", MAKE_TAR, FILE_OF("..a.c", SCALE), FILE_OF("a../b.c", SCALE), FILE_OF("./c.c", SCALE),
         FILE_OF("d//e.c", SCALE));
    ck_assert_msg(unpack("a.tar") == 0, "%s", place_error.text);
}
END_TEST

START_TEST(links_and_devices) {
    mkdir("target", 0755);
    MAKE("a.tar", MAKE_TAR, {.name = "link", .type = AE_IFLNK, .link = "../target"}, FILE_OF("link/through.c", SCALE),
         {.name = "abs.c", .type = AE_IFLNK, .link = "/etc/passwd"},
         {.name = "hard.c", .link = "/etc/passwd", .hard = true}, {.name = "hard2.c", .link = "good.c", .hard = true},
         {.name = "null.c", .type = AE_IFCHR}, {.name = "pipe.c", .type = AE_IFIFO},
         {.name = "good.c", .text = SCALE, .mode = 06777}, {.name = "dir.c", .type = AE_IFDIR});
    ck_assert_msg(unpack("a.tar") == 0, "%s", place_error.text);
    ck_assert_int_eq(access("target/through.c", F_OK), -1);
    ck_assert_uint_eq(count_files("-type l -o -type p -o -type c -o -type b"), 0);
    ck_assert_uint_eq(count_files("-type f"), 2);
    ck_assert_uint_eq(count_files("-links +1 -type f"), 0);
    ck_assert_uint_eq(count_files("-perm /7177 -type f"), 0);
    struct stat info;
    ck_assert_int_eq(lstat("out/link", &info), 0);
    ck_assert(S_ISDIR(info.st_mode));
}
END_TEST

/* A link that lies in the way from before is replaced, not followed. */
START_TEST(one_name_twice) {
    MAKE("a.tar", MAKE_TAR, FILE_OF("a.c", "first"), FILE_OF("a.c", SCALE), FILE_OF("b.c", "file"),
         FILE_OF("b.c/c.c", SCALE));
    place_put("secret", "secret");
    mkdir("out", 0755);
    ck_assert_int_eq(symlink("../secret", "out/a.c"), 0);
    unpack("a.tar");
    ck_assert_int_eq(system("test \"$(cat secret)\" = secret"), 0);
}
END_TEST

START_TEST(odd_names) {
    MAKE("a.tar", MAKE_TAR, FILE_OF("gita/new\nline.c", SCALE), FILE_OF("hal/\x1b[31mred.c", SCALE),
         FILE_OF("ivy/\xff\xfe.c", SCALE), FILE_OF("joe/-rf *.c", SCALE), FILE_OF("ann/;rm a.c", SCALE),
         FILE_OF("bob/::error::x.c", SCALE));
    place_find("a.tar", &list);
    ck_assert_uint_eq(list.count, 6);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_ptr_null(list.item[i].problem);
        for (const char *at = list.item[i].shown; *at != '\0'; at++)
            ck_assert(*at >= ' ' && *at < 127);
    }
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->shown, "a.tar/gita/new\\nline.c");
}
END_TEST

static void put_zeros(struct archive *to, const char *name, int64_t size) {
    static const char zeros[1 << 16];
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, size);
    ck_assert_int_eq(archive_write_header(to, entry), ARCHIVE_OK);
    for (; size > 0; size -= (int64_t)sizeof zeros)
        archive_write_data(to, zeros, size < (int64_t)sizeof zeros ? (size_t)size : sizeof zeros);
    archive_entry_free(entry);
}

/* An empty file whose head claims four gigabytes: eleven octal digits at 124, and the sum over the head at 148. */
static void make_liar(const char *path) {
    unsigned sum = 0;
    MAKE(path, MAKE_TAR, FILE_OF("data.bin", NULL));
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    fseek(file, 148, SEEK_SET);
    ck_assert_int_eq(fscanf(file, "%6o", &sum), 1);
    fseek(file, 148, SEEK_SET);
    fprintf(file, "%06o", sum + 4);
    fseek(file, 124, SEEK_SET);
    fputc('4', file);
    fclose(file);
}

START_TEST(bombs) {
    struct archive *to = begin("many.tar", MAKE_TAR);
    for (int i = 0; i < 11000; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.txt", i);
        put_member(to, &(struct member){.name = name});
    }
    end(to);
    ck_assert_int_eq(unpack("many.tar"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "too many files"));
    to = begin("flat.tar.gz", MAKE_TAR_GZ);
    for (int i = 0; i < 70; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.c", i);
        put_zeros(to, name, (1 << 20) + 1);
    }
    end(to);
    ck_assert_int_eq(unpack("flat.tar.gz"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "more C files than anybody"));
    /* It says four gigabytes and is over before they are read. */
    make_liar("huge.tar");
    ck_assert_int_eq(unpack("huge.tar"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "too many bytes"));
    ck_assert_uint_eq(count_files("-size +1025k"), 0);
}
END_TEST

START_TEST(a_file_that_is_too_large) {
    struct archive *to = begin("in.zip", MAKE_ZIP);
    put_zeros(to, "gita/a.c", 3 << 20);
    put_member(to, &(struct member){.name = "hal/a.c", .text = SCALE});
    end(to);
    place_find("in.zip", &list);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_ptr_nonnull(strstr(place_task(&list, "gita/a.c")->problem, "in.zip/gita/a.c is larger than is allowed"));
    ck_assert_ptr_null(place_task(&list, "hal/test-scale")->problem);
    struct stat info;
    ck_assert_int_eq(stat(place_task(&list, "gita/a.c")->path, &info), 0);
    ck_assert_int_le(info.st_blocks, 16);
}
END_TEST

START_TEST(damaged) {
    static const char *const NAME[] = {
        [MAKE_TAR] = "c.tar", [MAKE_TAR_GZ] = "c.tar.gz", [MAKE_ZIP] = "c.zip", [MAKE_7Z] = "c.7z"};
    MAKE(NAME[_i], (enum making)_i, FILE_OF("gita/a.c", SCALE), FILE_OF("hal/b.c", SCALE));
    struct stat info;
    ck_assert_int_eq(stat(NAME[_i], &info), 0);
    const off_t size = _i == MAKE_TAR ? 700 : info.st_size / 3;
    ck_assert_int_eq(truncate(NAME[_i], size), 0);
    char *arguments[] = {(char *)NAME[_i]};
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, NULL, &list, &place_error), -1);
    ck_assert_int_eq(place_error.owner, ERROR_USER);
    ck_assert_ptr_nonnull(strstr(place_error.text, NAME[_i]));
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

/* Of one person among others, it is that person's alone. */
START_TEST(one_bad_archive_stops_nobody) {
    mkdir("in", 0755);
    MAKE("in/gita.zip", MAKE_ZIP, FILE_OF("a.c", SCALE));
    MAKE("in/eve.tar", MAKE_TAR, FILE_OF("../a.c", SCALE));
    place_put("in/joe.zip", "PK\x03\x04 torn");
    place_put("in/liz.zip", "");
    MAKE("in/max.zip", MAKE_ZIP, FILE_OF("readme.txt", "nothing here"));
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 4);
    ck_assert_ptr_null(place_task(&list, "gita/test-scale")->problem);
    ck_assert_ptr_nonnull(strstr(place_task(&list, "eve/eve.tar")->problem, "'in/eve.tar' holds the name '../a.c'"));
    ck_assert_ptr_nonnull(strstr(place_task(&list, "joe/joe.zip")->problem, "'in/joe.zip'"));
    ck_assert_ptr_nonnull(place_task(&list, "liz/liz.zip")->problem);
    ck_assert(place_noted(&list, "no C file in 'in/max.zip'"));
}
END_TEST

/* What this machine cannot do is not held against anybody. */
START_TEST(no_room_to_unpack) {
    static char large[9000];
    char *arguments[] = {(char *)"in"};
    memset(large, '/', sizeof large - 1);
    mkdir("in", 0755);
    MAKE("in/gita.zip", MAKE_ZIP, FILE_OF("a.c", large));
    const struct rlimit limit = {4096, 4096};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, NULL, &list, &place_error), -1);
    ck_assert_int_eq(place_error.owner, ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(place_error.text, "cannot unpack 'in/gita.zip': File too large"));
}
END_TEST

START_TEST(what_is_no_archive) {
    char *arguments[] = {(char *)"text.zip"};
    place_put("text.zip", SCALE);
    place_put("plain.c", SCALE);
    ck_assert(!archive_is("text.zip"));
    ck_assert(!archive_is("plain.c"));
    ck_assert(!archive_is("nowhere"));
    ck_assert(!archive_is("."));
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, NULL, &list, &place_error), -1);
    MAKE("data", MAKE_TAR_GZ, FILE_OF("gita/a.c", SCALE));
    ck_assert(archive_is("data"));
    place_find("data", &list);
    ck_assert_uint_eq(list.count, 1);
}
END_TEST

static void close_all(void) {
    submissions_release(&list);
    place_close();
}

int main(void) {
    TCase *tests = tcase_create("archive");
    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, place_open, close_all);
    tcase_add_loop_test(tests, every_kind, MAKE_TAR, MAKE_7Z + 1);
    tcase_add_test(tests, wrapped_in_a_folder_of_its_name);
    tcase_add_test(tests, archives_of_people);
    tcase_add_test(tests, names_that_lead_out);
    tcase_add_test(tests, links_and_devices);
    tcase_add_test(tests, one_name_twice);
    tcase_add_test(tests, odd_names);
    tcase_add_test(tests, bombs);
    tcase_add_test(tests, a_file_that_is_too_large);
    tcase_add_loop_test(tests, damaged, MAKE_TAR, MAKE_7Z + 1);
    tcase_add_test(tests, one_bad_archive_stops_nobody);
    tcase_add_test(tests, no_room_to_unpack);
    tcase_add_test(tests, what_is_no_archive);
    return place_run(tests, "archive");
}
