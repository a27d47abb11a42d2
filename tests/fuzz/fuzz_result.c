/* SPDX-License-Identifier: MIT */
/* Results read from files, which may come from another machine. Refused: a sentence that names the file. Accepted:
 * every export of it is sound. */
#include <string.h>

#include "harness/result/result.h"
#include "tests/fuzz/export_sound.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    report_sound_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct result result;
    struct error err = {0};
    if (result_of_text((const char *)data, size, "dir/fuzz.json", &result, &err) != 0) {
        fuzz_must_be_sentence(err.text);
        MUST(strncmp(err.text, "dir/fuzz.json:", 14) == 0, "no file in: %s", err.text);
        MUST(err.owner == ERROR_USER, "the wrong owner of: %s", err.text);
        MUST(result.document == NULL, "an error leaves something behind");
        return 0;
    }
    exports_must_be_sound(&result, 1);
    result_release(&result);
    return 0;
}
