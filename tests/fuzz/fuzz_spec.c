/* SPDX-License-Identifier: MIT */
/* challenge.json, then a line "%%", then hidden.json (which may be missing). Refused: a sentence. Accepted: everything
 * that the later rooms rely on without looking again, up to the filled tensors and the generated C text. */
#include <stdlib.h>
#include <string.h>

#include "grader/spec_load.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/spec_sound.h"

static const char separator[] = "\n%%\n";

static const char *split(const uint8_t *data, size_t size, size_t *public_size) {
    const char *text = (const char *)data, *at = memmem(text, size, separator, strlen(separator));
    *public_size = at != NULL ? (size_t)(at - text) : size;
    return at;
}

/* The folder carries the pack's id, whatever that is. */
static char *folder_of(const struct json_file *file) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(file->root, "id");
    const char *name = cJSON_IsString(id) && strchr(id->valuestring, '/') == NULL ? id->valuestring : "fuzz";
    char *folder = malloc(strlen(name) + 8);
    strcpy(folder, "/packs/");
    strcat(folder, name);
    return folder;
}

static int open_files(struct spec_loader *loader, const uint8_t *data, size_t size, struct error *err) {
    size_t public_size;
    const char *end = split(data, size, &public_size), *text = (const char *)data;
    if (json_parse("challenge.json", ERROR_CHALLENGE, text, public_size, &loader->file[SPEC_PUBLIC], err) != 0)
        return -1;
    loader->spec->directory = folder_of(&loader->file[SPEC_PUBLIC]);
    if (end == NULL)
        return 0;
    loader->has_hidden = true;
    text = end + strlen(separator);
    return json_parse("hidden.json", ERROR_CHALLENGE, text, size - (size_t)(text - (const char *)data),
                      &loader->file[SPEC_HIDDEN], err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct spec_loader *loader = calloc(1, sizeof *loader);
    struct error err = {0};
    loader->spec = calloc(1, sizeof *loader->spec);
    if (open_files(loader, data, size, &err) != 0 || spec_read(loader, &err) != 0) {
        fuzz_must_be_sentence(err.text);
        MUST(strncmp(err.text, "challenge.json:", 15) == 0 || strncmp(err.text, "hidden.json:", 12) == 0,
             "no file in: %s", err.text);
        MUST(err.owner == ERROR_CHALLENGE, "the wrong owner of: %s", err.text);
    } else {
        spec_must_be_sound(loader->spec);
    }
    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++)
        json_release(&loader->file[file]);
    spec_free(loader->spec);
    free(loader);
    return 0;
}
