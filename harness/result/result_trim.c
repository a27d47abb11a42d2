/* SPDX-License-Identifier: MIT */
/* A result in a tenth of the memory: the tree of a JSON document costs far more than what is in it. */
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/result/result.h"

/* Copies texts one behind the other. With `into` NULL it only measures, so that one walk over the members serves for
 * both. */
struct packer {
    char *into;
    size_t size;
};

static void pack(struct packer *packer, const char **text) {
    size_t size = *text != NULL ? strlen(*text) + 1 : 0;
    if (packer->into != NULL && size > 0)
        *text = memcpy(packer->into + packer->size, *text, size);
    packer->size += size;
}

static void pack_all(struct packer *packer, struct result *r) {
    const char **const own[] = {&r->file,   &r->sha256, &r->challenge, &r->challenge_version, &r->seed,     &r->cpu,
                                &r->vector, &r->kernel, &r->detail,    &r->build_detail,      &r->compiler, &r->flags};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        pack(packer, own[i]);
    for (size_t i = 0; i < r->diagnostic_count; i++) {
        pack(packer, &r->diagnostic[i].kind);
        pack(packer, &r->diagnostic[i].message);
        pack(packer, &r->diagnostic[i].file);
    }
    for (size_t i = 0; i < r->case_count; i++) {
        const char **const text[] = {&r->cases[i].name,    &r->cases[i].place,  &r->cases[i].sizes,
                                     &r->cases[i].catches, &r->cases[i].detail, &r->cases[i].gate};
        for (size_t k = 0; k < sizeof text / sizeof text[0]; k++)
            pack(packer, text[k]);
    }
    for (size_t i = 0; i < r->timing_count; i++) {
        pack(packer, &r->timing[i].name);
        pack(packer, &r->timing[i].sizes);
        pack(packer, &r->timing[i].detail);
    }
    for (size_t i = 0; i < r->gate_count; i++) {
        pack(packer, &r->gate[i].name);
        pack(packer, &r->gate[i].title);
    }
}

/* The cases that are still read. Whatever else the object held goes; the object itself may be part of another one. */
static void prune(struct result *r) {
    cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(r->document, "cases");
    while (r->document->child != NULL)
        cJSON_Delete(cJSON_DetachItemViaPointer(r->document, r->document->child));
    for (size_t i = 0; i < r->case_count; i++) {
        struct result_case *c = &r->cases[i];
        if (!c->hidden && c->verdict != VERDICT_PASSED && c->verdict != VERDICT_SKIPPED)
            continue;
        cJSON_Delete(cJSON_DetachItemViaPointer(list, (cJSON *)(uintptr_t)c->document));
        c->document = NULL;
    }
    cJSON_AddItemToObject(r->document, "cases", list);
}

void result_trim(struct result *result) {
    struct packer packer = {0};
    if (result->texts != NULL || result->document == NULL)
        return;
    pack_all(&packer, result);
    result->texts = heap_zeroed(packer.size, 1);
    packer = (struct packer){.into = result->texts};
    pack_all(&packer, result);
    prune(result);
}
