/* SPDX-License-Identifier: MIT */
/* A text whose grammar is known, so that the entropy of every token is known too: no honest model gets below it.
 *
 * A document is a topic token, then 40 to 80 words of that topic's bigram chain: each word has four successors with the
 * probabilities .6, .2, .15 and .05, and the first word is any. With probability .06 the next word gives way to a
 * repeat token and an exact copy of the document's last eight words, which only a model that looks back can predict.
 * Tokens: 0 .. vocab-7 are words, then come four topics, the repeat token, and padding, which the grammar never makes.
 *
 * Everything is drawn from Philox with integer comparisons: the same seed gives the same tokens everywhere. The grammar
 * depends on the seed alone; `stream` numbers independent texts in it (the shards, and the held-out text). */
#ifndef REFERENCE_CORPUS_H
#define REFERENCE_CORPUS_H

#include <stdbool.h>

#include "reference/real.h"

enum {
    CORPUS_TOPICS = 4,
    CORPUS_SUCCESSORS = 4,
    CORPUS_SPECIAL = CORPUS_TOPICS + 2, /* tokens that are no words */
    CORPUS_COPY = 8,
    CORPUS_SHORTEST = 40,
    CORPUS_LONGEST = 80,
    CORPUS_VOCAB_MAX = 256
};
#define CORPUS_HELD_OUT UINT32_C(0x80000000) /* as the stream: never a shard's */

/* vocab 16 .. 256. `sorted`: the documents' topics rise through the text in four equal parts instead of being drawn. */
struct corpus {
    uint64_t seed;
    uint32_t vocab;
    bool sorted;
};

#define corpus_make     REAL_FN(corpus_make)
#define corpus_entropy  REAL_FN(corpus_entropy)
#define corpus_topic    REAL_FN(corpus_topic)
#define corpus_repeat   REAL_FN(corpus_repeat)
#define corpus_padding  REAL_FN(corpus_padding)
#define corpus_in_words REAL_FN(corpus_in_words)

/* token[n], and probability[n] (or NULL): of each token given all that stand before it, as the grammar has it. A topic
 * token counts as drawn in a sorted text too. */
void corpus_make(const struct corpus *corpus, uint32_t stream, size_t n, uint8_t *token, double *probability);

/* The mean of -log(probability), in nats: the entropy floor. 0 for n = 0. */
double corpus_entropy(const double *probability, size_t n);

/* The special tokens of a vocabulary, and how many words it has. */
uint32_t corpus_in_words(uint32_t vocab);
uint32_t corpus_topic(uint32_t vocab, uint32_t topic);
uint32_t corpus_repeat(uint32_t vocab);
uint32_t corpus_padding(uint32_t vocab);

#endif
