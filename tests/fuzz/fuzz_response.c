/* SPDX-License-Identifier: MIT */
/* All that a worker can say: its page, its datagrams, its printed text, the way it ended. What is said about it is a
 * sentence of ours, the verdict is never a pass, and none of its bytes are believed as a length or an index. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grader/clock.h"
#include "grader/run_private.h"
#include "tests/fuzz/fuzz.h"

/* Check can only assert inside of its own tests. */
#undef ck_assert_msg
#define ck_assert_msg(condition, ...) MUST(condition, __VA_ARGS__)
#include "tests/grader/layout_sample.h"

enum { LOG_BYTES = 256, DATAGRAMS = 4 };

static const struct spec_limits limits = {.memory_bytes = 1 << 28, .stack_bytes = 8 << 20};

/* What the worker's end means, with and without a call before it. */
static void death_must_be_explained(struct run *run, struct fuzz_bytes *bytes) {
    static const enum verdict stops[] = {VERDICT_PASSED, VERDICT_PASSED, VERDICT_PASSED, VERDICT_TIME_LIMIT,
                                         VERDICT_TAMPERED};
    enum verdict stopped = stops[fuzz_below(bytes, sizeof stops / sizeof *stops)];
    int exit_code = (int)fuzz_below(bytes, 256), number = 1 + (int)fuzz_below(bytes, 126);
    bool by_signal = fuzz_flag(bytes);
    struct run_outcome outcome;
    run->child.status = by_signal ? number : exit_code << 8;
    run->child.out_of_memory = fuzz_below(bytes, 8) == 0;
    run_explain_death(run, stopped, &outcome);
    MUST(run->dead, "dead and not known to be");
    if (stopped != VERDICT_PASSED) {
        MUST(outcome.verdict == stopped, "stopped for one reason and explained by another");
        return;
    }
    MUST(outcome.verdict == VERDICT_CRASHED || outcome.verdict == VERDICT_EXITED ||
             outcome.verdict == VERDICT_MEMORY_LIMIT || outcome.verdict == VERDICT_TIME_LIMIT ||
             outcome.verdict == VERDICT_FORBIDDEN_CALL,
         "a death became the verdict %s", verdict_code(outcome.verdict));
    MUST(by_signal || outcome.verdict != VERDICT_CRASHED, "an exit was called a crash");
    MUST(outcome.detail[0] != '\0' && strlen(outcome.detail) < sizeof outcome.detail, "no detail");
    for (const char *c = outcome.detail; *c != '\0'; c++)
        MUST(*c >= ' ' && *c <= '~', "0x%02x in a sentence of ours: %s", (unsigned char)*c, outcome.detail);
}

static void words_must_be_bounded(struct run *run, struct fuzz_bytes *bytes) {
    unsigned char log[LOG_BYTES] = {0};
    char core[24], config[8];
    size_t used = LOG_BYTES + 1;
    for (size_t i = 0; i < LOG_BYTES && bytes->left > 64; i++)
        log[i] = (unsigned char)fuzz_take(bytes, 1);
    run->log = (struct memory){.fd = -1, .base = log, .bytes = LOG_BYTES};
    const char *text = run_output(run, &used);
    MUST(text == (const char *)log && used <= LOG_BYTES && (used == 0 || text[used - 1] != '\0'), "printed text");
    memset(core, 'x', sizeof core);
    run_blas(run, core, sizeof core, config, sizeof config);
    MUST(memchr(core, 0, sizeof core) != NULL && memchr(config, 0, sizeof config) != NULL, "a text without an end");
}

/* Empty, short, long, and with a descriptor: the grader keeps one byte of each and no descriptor. */
static void send_one(int to, struct fuzz_bytes *bytes) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char text[64] = "P";
    struct iovec part = {.iov_base = text, .iov_len = fuzz_below(bytes, sizeof text)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    text[0] = (char)fuzz_take(bytes, 1);
    if (fuzz_below(bytes, 4) == 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), &to, sizeof to);
    }
    MUST(sendmsg(to, &header, MSG_DONTWAIT) >= 0, "the target cannot send");
}

/* The number that the next descriptor of this process gets. */
static int next_descriptor(void) {
    int next = dup(STDIN_FILENO);
    close(next);
    return next;
}

static void datagrams_must_be_read(struct run *run, struct fuzz_bytes *bytes) {
    int pair[2], on = 1;
    MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0, "no socket");
    setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    setsockopt(pair[0], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    run->socket = pair[0];
    run->child.pidfd = -1;
    int next = next_descriptor();
    size_t count = fuzz_below(bytes, DATAGRAMS);
    for (size_t i = 0; i < count; i++)
        send_one(pair[1], bytes);
    char message = 0;
    pid_t sender = 0;
    int64_t sent_ns = 0;
    enum run_wait got = run_wait_message(run, clock_now_ns(), &message, &sender, &sent_ns);
    MUST(got == RUN_WAIT_DEADLINE || (got == RUN_WAIT_MESSAGE && count > 0 && sender == getpid()),
         "waiting gave %d and the pid %d", (int)got, (int)sender);
    MUST(got == RUN_WAIT_MESSAGE || count == 0, "%zu messages were not seen", count);
    run_drain_messages(run);
    MUST(run_wait_message(run, clock_now_ns(), &message, &sender, &sent_ns) == RUN_WAIT_DEADLINE, "a message is left");
    MUST(next_descriptor() == next, "a descriptor came in");
    close(pair[0]);
    close(pair[1]);
}

/* An address anywhere in one of the two memories. */
static void place_must_be_named(const struct layout *layout, const struct trial *trial, struct fuzz_bytes *bytes) {
    char text[40];
    bool writable = fuzz_flag(bytes);
    uint64_t offset = fuzz_take(bytes, 3) % (1 + (writable ? layout->output_bytes : layout->input_bytes));
    memset(text, 'x', sizeof text);
    if (run_explain_address(layout, trial, offset, writable, text, sizeof text))
        MUST(memchr(text, 0, sizeof text) != NULL && text[0] != '\0', "no words for an address");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sample sample; /* made once: it only stands in for a case */
    static bool opened;
    struct worker_response response = {0};
    struct fuzz_bytes bytes;
    struct layout layout;
    struct run run = {.child = {.pid = 0, .pidfd = -1, .status_fd = -1}, .socket = -1, .response = &response};
    if (!opened)
        sample_open(&sample);
    opened = true;
    fuzz_begin(&bytes, data, size);
    layout_make(&layout, &sample.trial, 1 + fuzz_below(&bytes, 5),
                (enum layout_variant)fuzz_below(&bytes, LAYOUT_VARIANTS), (unsigned)fuzz_below(&bytes, 8));
    struct memory inputs = {.bytes = layout.input_bytes}, outputs = {.bytes = layout.output_bytes};
    run.setup = (struct run_setup){.arena = {&inputs, &outputs}, .limits = &limits};
    run.load_base = fuzz_take(&bytes, 6);
    run.inputs_base = fuzz_take(&bytes, 6);
    run.outputs_base = run.inputs_base + (1 << 30);
    if (fuzz_flag(&bytes)) {
        run.layout = &layout;
        run.trial = &sample.trial;
    }
    place_must_be_named(&layout, &sample.trial, &bytes);
    if (fuzz_below(&bytes, 4) == 0)
        datagrams_must_be_read(&run, &bytes);
    words_must_be_bounded(&run, &bytes);
    int64_t offset = fuzz_whole(&bytes);
    memcpy(&response, bytes.at, bytes.left < sizeof response ? bytes.left : sizeof response);
    if ((offset & 3) == 0)
        response.address = run.inputs_base + (uint64_t)(offset & 0xfffff);
    if ((offset & 3) == 1)
        response.address = run.outputs_base + (uint64_t)(offset & 0xfffff);
    death_must_be_explained(&run, &bytes);
    fuzz_end(&bytes);
    return 0;
}
