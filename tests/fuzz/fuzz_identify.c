/* SPDX-License-Identifier: MIT */
/* The candidate's file, of which only the first lines are read: a challenge that there is, or a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/identify.h"
#include "tests/fuzz/fuzz.h"

static char id[][20] = {"attention-causal", "layernorm-fb", "softmax-xent"};
static char folder[] = "/packs/some";

static void directive_must_be_plain(const char *text) {
    char *directive = identify_directive(text);
    if (directive != NULL) {
        MUST(directive[0] != '\0' && strstr(text, directive) != NULL, "a directive that is not there");
        for (const char *c = directive; *c != '\0'; c++)
            MUST(*c > ' ' && *c < 0x7f && *c != '/', "the id holds 0x%02x", (unsigned char)*c);
    }
    free(directive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pack pack[] = {{id[0], folder}, {id[1], folder}, {id[2], folder}};
    const struct packs packs = {.count = 3, .pack = pack};
    const struct pack *found = NULL;
    struct fuzz_bytes bytes;
    struct error err = {0};
    char path[40];
    size_t length;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file for the input");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (identify(&packs, path, NULL, &found, &err) == 0) {
        MUST(found >= pack && found < pack + 3, "a challenge that there is not");
        MUST(memmem(data, size, found->id, strlen(found->id)) != NULL, "found without being named");
    } else {
        fuzz_must_be_sentence(err.text);
        MUST(err.owner == ERROR_USER && strstr(err.text, path) != NULL, "the wrong owner, or no file in: %s", err.text);
    }
    close(fd);
    fuzz_begin(&bytes, data, size);
    directive_must_be_plain(fuzz_rest(&bytes, &length));
    fuzz_end(&bytes);
    return 0;
}
