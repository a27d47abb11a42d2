/* SPDX-License-Identifier: MIT */
/* What a program cannot reach from the inside, and where its appetite ends. A control at level D shows that an attempt
 * would have worked. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/grader/sandbox/outing.h"

/* A folder with a file for each kind of access, one that is not in the table and one that only its owner may read. */
struct yard {
    char folder[64], readable[96], writable[96], folder_in[96], hidden[96], secret[96], other[96], link[96];
};

static void make_file(char *path, const char *folder, const char *name, mode_t mode) {
    snprintf(path, 96, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
    ck_assert_int_eq(write(fd, "secret", 6), 6);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static struct yard yard_open(void) {
    struct yard yard = {.folder = "/tmp/yard-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(yard.folder));
    ck_assert_int_eq(chmod(yard.folder, 0755), 0);
    make_file(yard.readable, yard.folder, "readable", 0644);
    make_file(yard.writable, yard.folder, "writable", 0666);
    make_file(yard.hidden, yard.folder, "hidden", 0666);
    make_file(yard.secret, yard.folder, "secret", 0600);
    snprintf(yard.folder_in, sizeof yard.folder_in, "%s/in", yard.folder);
    ck_assert_int_eq(mkdir(yard.folder_in, 0777), 0);
    ck_assert_int_eq(sandbox_give(yard.folder_in, NULL), 0);
    snprintf(yard.other, sizeof yard.other, "%s/in/program", yard.folder);
    snprintf(yard.link, sizeof yard.link, "%s/in/link", yard.folder);
    return yard;
}

static void yard_close(const struct yard *yard) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", yard->folder);
    ck_assert_int_eq(system(command), 0);
}

static struct outing outing_in(const struct yard *yard, int level, enum sandbox_kind kind) {
    struct outing outing = outing_at(level, kind);
    outing_allow(&outing, yard->readable, SANDBOX_READ);
    outing_allow(&outing, yard->writable, SANDBOX_WRITE);
    outing_allow(&outing, yard->folder_in, SANDBOX_WRITE);
    outing_allow(&outing, "/dev/null", SANDBOX_WRITE);
    outing_allow(&outing, "/no/such/file", SANDBOX_READ);
    return outing;
}

START_TEST(only_the_listed_files_are_there) {
    struct yard yard = yard_open();
    struct outing outing = outing_in(&yard, _i, SANDBOX_CANDIDATE);
    ck_assert_int_eq(outing_code(&outing, "read", yard.readable), 0);
    ck_assert_int_eq(outing_code(&outing, "write", yard.writable), 0);
    ck_assert_int_eq(outing_code(&outing, "write", "/dev/null"), 0);
    ck_assert_int_eq(outing_code(&outing, "write", yard.other), 0);
    ck_assert_int_eq(outing_code(&outing, "remove", yard.other), 0);
    const bool hidden = hides_files(_i);
    ck_assert_int_eq(outing_code(&outing, "read", yard.hidden) != 0, hidden);
    ck_assert_int_eq(outing_code(&outing, "write", yard.hidden) != 0, hidden);
    ck_assert_int_eq(outing_code(&outing, "read", "/etc/passwd") != 0, hidden);
    ck_assert_int_eq(outing_code(&outing, "read", "/../etc/passwd") != 0, hidden);
    ck_assert_int_eq(outing_code(&outing, "read", "/proc/self/maps") != 0, hidden);
    ck_assert_int_eq(outing_code(&outing, "execute", "/bin/true") != 0, hidden);
    if (hidden) {
        ck_assert_int_ne(outing_code(&outing, "write", yard.readable), 0);
        ck_assert_int_ne(outing_code(&outing, "write", "/new"), 0);
        ck_assert_int_ne(outing_code(&outing, "write", "/tmp/new"), 0);
        ck_assert_int_ne(outing_code(&outing, "remove", yard.readable), 0);
    }
    if (geteuid() == 0) /* the other uid does this at every level */
        ck_assert_int_ne(outing_code(&outing, "read", yard.secret), 0);
    yard_close(&yard);
}
END_TEST

START_TEST(what_can_be_written_cannot_be_executed) {
    struct yard yard = yard_open();
    struct outing outing = outing_in(&yard, _i, SANDBOX_CANDIDATE);
    char command[256];
    snprintf(command, sizeof command, "cp %s %s && chmod 755 %s", HOSTILE, yard.other, yard.other);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(outing_code(&outing, "execute", HOSTILE), 55);
    ck_assert_int_eq(outing_code(&outing, "execute", yard.other), hides_files(_i) ? EACCES : 55);
    yard_close(&yard);
}
END_TEST

START_TEST(compiler_leaves_no_links) {
    struct yard yard = yard_open();
    struct outing outing = outing_in(&yard, _i, SANDBOX_COMPILER);
    ck_assert_int_eq(outing_code(&outing, "symlink", yard.link) != 0, outing_support[_i].seccomp);
    yard_close(&yard);
}
END_TEST

static int listen_on_loopback(int type, char *port, size_t size) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 4), 0);
    getsockname(fd, (struct sockaddr *)&address, &length);
    snprintf(port, size, "%d", ntohs(address.sin_port));
    return fd;
}

START_TEST(the_network_is_out_of_reach) {
    char tcp[8], udp[8];
    int stream = listen_on_loopback(SOCK_STREAM, tcp, sizeof tcp),
        packets = listen_on_loopback(SOCK_DGRAM, udp, sizeof udp);
    struct outing candidate = outing_at(_i, SANDBOX_CANDIDATE), compiler = outing_at(_i, SANDBOX_COMPILER);
    const bool no_tcp = has_namespaces(_i) || outing_support[_i].landlock_abi >= 4;
    ck_assert_int_eq(outing_code(&candidate, "connect", "tcp", tcp) != 0, no_tcp);
    ck_assert_int_eq(outing_code(&candidate, "connect", "udp", udp) != 0, has_namespaces(_i));
    const bool filtered = outing_support[_i].seccomp;
    ck_assert_int_eq(outing_code(&compiler, "connect", "udp", udp), filtered ? EPERM : 0);
    if (filtered)
        ck_assert_int_eq(outing_code(&candidate, "strict", "connect", "udp", udp), 1000 + SIGSYS);
    close(stream);
    close(packets);
}
END_TEST

START_TEST(strict_filter_stops_processes_and_files) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    if (!outing_support[_i].seccomp)
        return; /* the tests that need the filter are at the other levels */
    ck_assert_int_eq(outing_code(&outing, "strict", "fork"), 1000 + SIGSYS);
    ck_assert_int_eq(outing_code(&outing, "strict", "execute", HOSTILE), 1000 + SIGSYS);
    ck_assert_int_eq(outing_code(&outing, "strict", "read", HOSTILE), EACCES);
    ck_assert_int_eq(outing_code(&outing, "strict", "exit", "3"), 3);
}
END_TEST

/* Outside a namespace the kernel counts all processes of the uid, and an allowance is made for those. */
START_TEST(a_fork_bomb_is_bounded) {
    struct outing outing = outing_at(_i, SANDBOX_COMPILER);
    outing.policy.processes = 12;
    ck_assert_int_eq(outing_code(&outing, "forks", "300"), 0);
    int count = atoi(outing.output);
    ck_assert_int_ge(count, 5);
    ck_assert_int_le(count, has_namespaces(_i) ? 12 : 120);
}
END_TEST

START_TEST(memory_is_bounded) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    outing.policy.address_bytes = (uint64_t)512 << 20;
    outing.policy.data_bytes = (uint64_t)64 << 20;
    ck_assert_int_eq(outing_code(&outing, "memory", "private", "16"), 0);
    ck_assert_int_eq(outing_code(&outing, "memory", "private", "256"), ENOMEM);
    /* Shared memory is not data: the cgroup kills for it, and without one the address space ends it. */
    int code = outing_code(&outing, "memory", "shared", "600");
    ck_assert_int_eq(code, outing_support[_i].cgroup ? 1000 + SIGKILL : ENOMEM);
    ck_assert_int_eq(outing.child.out_of_memory, outing_support[_i].cgroup);
    ck_assert_int_eq(outing_code(&outing, "memory", "shared", "16"), 0);
    ck_assert(!outing.child.out_of_memory);
}
END_TEST

START_TEST(files_are_bounded) {
    struct yard yard = yard_open();
    struct outing outing = outing_in(&yard, _i, SANDBOX_CANDIDATE);
    struct stat info;
    ck_assert_int_eq(outing_code(&outing, "fill", yard.writable), 1000 + SIGXFSZ);
    ck_assert_int_eq(stat(yard.writable, &info), 0);
    ck_assert_int_le(info.st_size, 1 << 20);
    outing.policy.file_bytes = (uint64_t)64 << 20;
    ck_assert_int_eq(outing_code(&outing, "fill", yard.writable), 0);
    yard_close(&yard);
}
END_TEST

/* What toolchain.c allows, and what a compiler does with it. */
static int compile(const struct yard *yard, int level, const char *source, const char *flag) {
    char input[128], output[128], temporary[128];
    struct outing outing = outing_at(level, SANDBOX_COMPILER);
    snprintf(input, sizeof input, "%s/a.c", yard->folder_in);
    snprintf(output, sizeof output, "%s/a.so", yard->folder_in);
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", yard->folder_in);
    FILE *file = fopen(input, "w");
    ck_assert_ptr_nonnull(file);
    fputs(source, file);
    fclose(file);
    outing.policy.path_count = 0;
    static const char *const parts[] = {"/usr", "/lib", "/lib64", "/bin"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        outing_allow(&outing, parts[i], SANDBOX_EXECUTE);
    outing_allow(&outing, "/dev/null", SANDBOX_WRITE);
    outing_allow(&outing, yard->folder_in, SANDBOX_WRITE);
    outing.policy.directory = yard->folder_in;
    outing.policy.address_bytes = (uint64_t)2 << 30;
    outing.policy.data_bytes = (uint64_t)1 << 30;
    outing.policy.stack_bytes = (uint64_t)64 << 20;
    outing.policy.file_bytes = (uint64_t)64 << 20;
    outing.policy.processes = 32;
    outing.environment[0] = (char *)"PATH=/usr/bin:/bin";
    outing.environment[1] = temporary;
    int status = outing_run_program(&outing, (char *[]){(char *)"/usr/bin/gcc", (char *)"-O2", (char *)"-shared",
                                                        (char *)"-fPIC", (char *)"-nostartfiles", (char *)flag, input,
                                                        (char *)"-o", output, (char *)"-lm", NULL});
    if (status != 0 && strcasestr(outing.output, "error") == NULL)
        printf("gcc said: %s\n", outing.output);
    return outing_code_of(status);
}

START_TEST(a_compiler_works_and_sees_nothing) {
    struct yard yard = yard_open();
    char source[256];
    struct stat info;
    ck_assert_int_eq(compile(&yard, _i, "#include <math.h>\ndouble f(double x){return exp(x);}\n", "-Wall"), 0);
    snprintf(source, sizeof source, "%s/a.so", yard.folder_in);
    ck_assert_int_eq(stat(source, &info), 0);
    ck_assert_int_eq(compile(&yard, _i,
                             "int f(int n){int s=0;\n#pragma omp parallel for\nfor(int i=0;i<n;i++)s+=i;"
                             "return s;}\n",
                             "-fopenmp"),
                     0);
    ck_assert_int_eq(compile(&yard, _i, "int f(void){return 1\n", "-Wall"), 1);
    snprintf(source, sizeof source, "__asm__(\".incbin \\\"%s\\\"\");\n", yard.hidden);
    ck_assert_int_eq(compile(&yard, _i, source, "-Wall"), hides_files(_i) ? 1 : 0);
    snprintf(source, sizeof source, "#if __has_include(\"%s\")\n#error there\n#endif\n", yard.hidden);
    /* Landlock refuses to open a file that is there, and so tells that it is; only a root of one's own does not. */
    ck_assert_int_eq(compile(&yard, _i, source, "-Wall"), has_namespaces(_i) ? 0 : 1);
    if (geteuid() == 0) {
        snprintf(source, sizeof source, "__asm__(\".incbin \\\"%s\\\"\");\n", yard.secret);
        ck_assert_int_eq(compile(&yard, _i, source, "-Wall"), 1);
    }
    yard_close(&yard);
}
END_TEST

int main(int argc, char **argv) {
    Suite *suite = suite_create(argc > 1 ? "confinement, as an ordinary user" : "confinement");
    TCase *cases = tcase_create("levels");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, outing_setup, outing_teardown);
    tcase_add_loop_test(cases, only_the_listed_files_are_there, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, what_can_be_written_cannot_be_executed, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, compiler_leaves_no_links, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, the_network_is_out_of_reach, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, strict_filter_stops_processes_and_files, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, a_fork_bomb_is_bounded, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, memory_is_bounded, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, files_are_bounded, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, a_compiler_works_and_sees_nothing, 0, OUTING_LEVELS);
    suite_add_tcase(suite, cases);
    return outing_main(suite, argv[0]);
}
