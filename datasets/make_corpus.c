/* SPDX-License-Identifier: MIT */
/* make-corpus train|held-out FILE: texts of the grammar of reference/corpus.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/data_file.h"
#include "reference/corpus.h"

enum { VOCAB = 64, SHARDS = 4, SHARD_TOKENS = 36864, HELD_OUT_TOKENS = 16384, SEED = 1 };

/* `stream`: of the first row. */
static int make(const char *path, uint32_t stream, size_t rows, size_t tokens) {
    const struct corpus corpus = {.seed = SEED, .vocab = VOCAB};
    uint8_t *token = malloc(rows * tokens);
    double *probability = malloc(tokens * sizeof *probability), *entropy = malloc(rows * sizeof *entropy);
    int result = -1;
    if (!token || !probability || !entropy)
        goto out;
    for (size_t r = 0; r < rows; r++) {
        corpus_make(&corpus, stream + (uint32_t)r, tokens, token + r * tokens, probability);
        entropy[r] = corpus_entropy(probability, tokens);
    }
    const struct data_field field[] = {
        {.name = "tokens", .type = "u8", .element_bytes = 1, .rank = 1, .shape = {(int64_t)tokens}, .data = token},
        {.name = "entropy", .type = "f64", .element_bytes = sizeof *entropy, .data = entropy},
    };
    result = data_file_write(path, rows, field, sizeof field / sizeof field[0]);
out:
    free(entropy);
    free(probability);
    free(token);
    return result;
}

int main(int count, char **argument) {
    bool train = count == 3 && !strcmp(argument[1], "train");
    if (!train && !(count == 3 && !strcmp(argument[1], "held-out"))) {
        fputs("usage: make-corpus train|held-out FILE\n", stderr);
        return 2;
    }
    int result =
        train ? make(argument[2], 0, SHARDS, SHARD_TOKENS) : make(argument[2], CORPUS_HELD_OUT, 1, HELD_OUT_TOKENS);
    if (result != 0)
        perror(argument[2]);
    return result == 0 ? 0 : 1;
}
