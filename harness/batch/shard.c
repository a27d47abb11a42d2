/* SPDX-License-Identifier: MIT */
/* Parts of a run: see plan.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "grader/names.h"
#include "harness/batch/plan.h"

enum { SHARDS_MAX = 100000 };

/* Digits and nothing else, not even a sign or a leading zero: what came out of a broken script shall not pass. Returns
 * 0 when it is no such number. */
static unsigned read_number(const char *text, size_t length) {
    unsigned value = 0;
    if (length == 0 || length > 6 || text[0] == '0')
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value;
}

int shard_parse(const char *text, const char *by, struct shard *shard, struct error *err) {
    static const char *const HOW[] = {"slice", "hash"};
    const size_t length = strcspn(text, "/");
    *shard = (struct shard){.index = read_number(text, length)};
    if (text[length] == '/')
        shard->count = read_number(text + length + 1, strlen(text + length + 1));
    if (shard->index == 0 || shard->count == 0 || shard->index > shard->count || shard->count > SHARDS_MAX)
        return error_set(err, ERROR_USER,
                         "option --shard cannot be '%s'; it is I/N with whole numbers and 1 <= I <= N <= %d, for "
                         "example 3/8 (are the variables set that it is made of?).",
                         text, SHARDS_MAX);
    if (by == NULL || strcmp(by, HOW[0]) == 0)
        return 0;
    shard->by_hash = strcmp(by, HOW[1]) == 0;
    if (shard->by_hash)
        return 0;
    const char *near = names_nearest(by, HOW, sizeof HOW / sizeof HOW[0]);
    return error_set(err, ERROR_USER, "option --shard-by cannot be '%s'; it is slice or hash%s%s%s.", by,
                     near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

bool shard_has(const struct shard *shard, size_t position, const char *task) {
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t number = 0;
    if (!shard->by_hash)
        return position % shard->count == shard->index - 1;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)task, strlen(task), NULL, 0);
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | hash[i];
    return number % shard->count == shard->index - 1;
}
