/* SPDX-License-Identifier: MIT */
/* The text generator. One `struct writer` walks through a stream; its state is all that the next token's distribution
 * depends on, which is why the probability can be written down next to the token. */
#include "reference/corpus.h"

#include "reference/philox.h"

enum { PURPOSE_GRAMMAR = 1, PURPOSE_TEXT = 2 };

/* Shares of 2^32 for the four successors, cumulative, and for a repetition. */
static const uint32_t successor_below[CORPUS_SUCCESSORS - 1] = {2576980378u, 3435973837u, 4080218931u};
static const double successor_share[CORPUS_SUCCESSORS] = {.6, .2, .15, .05};
static const uint32_t repeat_below = 257698038u;
static const double repeat_share = .06;

struct grammar {
    uint32_t words;
    uint8_t successor[CORPUS_TOPICS][CORPUS_VOCAB_MAX][CORPUS_SUCCESSORS];
};

struct writer {
    const struct corpus *corpus;
    const struct grammar *grammar;
    struct philox draw;
    size_t at, n;
    uint8_t *token;
    double *probability;
    uint32_t topic, word;
    uint32_t written, length; /* words of this document, and at how many it ends */
    uint32_t longer_than;     /* what the text so far has shown about `length` */
    uint8_t last[CORPUS_COPY];
};

uint32_t corpus_in_words(uint32_t vocab) {
    return vocab - CORPUS_SPECIAL;
}

uint32_t corpus_topic(uint32_t vocab, uint32_t topic) {
    return vocab - CORPUS_SPECIAL + topic;
}

uint32_t corpus_repeat(uint32_t vocab) {
    return vocab - 2;
}

uint32_t corpus_padding(uint32_t vocab) {
    return vocab - 1;
}

/* Four different successors for each word and topic: the head of a shuffled deck. */
static void grammar_make(const struct corpus *corpus, struct grammar *g) {
    struct philox draw = philox_stream(corpus->seed, 0, PURPOSE_GRAMMAR);
    uint8_t deck[CORPUS_VOCAB_MAX];
    g->words = corpus_in_words(corpus->vocab);
    for (uint32_t i = 0; i < g->words; i++)
        deck[i] = (uint8_t)i;
    for (uint32_t topic = 0; topic < CORPUS_TOPICS; topic++) {
        for (uint32_t word = 0; word < g->words; word++) {
            for (uint32_t k = 0; k < CORPUS_SUCCESSORS; k++) {
                uint32_t pick = k + philox_below(&draw, g->words - k);
                uint8_t card = deck[pick];
                deck[pick] = deck[k];
                deck[k] = card;
                g->successor[topic][word][k] = card;
            }
        }
    }
}

static void put(struct writer *w, uint32_t token, double probability) {
    if (w->at == w->n)
        return;
    w->token[w->at] = (uint8_t)token;
    if (w->probability)
        w->probability[w->at] = probability;
    w->at++;
}

static void put_word(struct writer *w, uint32_t word, double probability) {
    put(w, word, probability);
    w->word = word;
    w->last[w->written % CORPUS_COPY] = (uint8_t)word;
    w->written++;
}

/* P(the document ends here), given that it did not end where that was last possible. */
static double end_probability(const struct writer *w) {
    if (w->written < CORPUS_SHORTEST)
        return 0;
    if (w->written >= CORPUS_LONGEST)
        return 1;
    uint32_t ruled_out = w->longer_than < CORPUS_SHORTEST ? CORPUS_SHORTEST - 1 : w->longer_than;
    return (double)(w->written - ruled_out) / (double)(CORPUS_LONGEST - ruled_out);
}

static void start_document(struct writer *w, double end) {
    uint32_t drawn = philox_below(&w->draw, CORPUS_TOPICS);
    w->topic = w->corpus->sorted ? (uint32_t)(w->at * CORPUS_TOPICS / w->n) : drawn;
    w->length = CORPUS_SHORTEST + philox_below(&w->draw, CORPUS_LONGEST - CORPUS_SHORTEST + 1);
    w->written = w->longer_than = 0;
    put(w, corpus_topic(w->corpus->vocab, w->topic), end / CORPUS_TOPICS);
    put_word(w, philox_below(&w->draw, w->grammar->words), 1.0 / w->grammar->words);
}

static void copy_last_words(struct writer *w, double going_on) {
    put(w, corpus_repeat(w->corpus->vocab), going_on * repeat_share);
    for (uint32_t i = 0; i < CORPUS_COPY; i++)
        put_word(w, w->last[w->written % CORPUS_COPY], 1);
}

static void next_word(struct writer *w, double going_on) {
    uint32_t draw = philox_next(&w->draw), k = 0;
    while (k < CORPUS_SUCCESSORS - 1 && draw >= successor_below[k])
        k++;
    put_word(w, w->grammar->successor[w->topic][w->word][k], going_on * successor_share[k]);
}

void corpus_make(const struct corpus *corpus, uint32_t stream, size_t n, uint8_t *token, double *probability) {
    struct grammar grammar;
    grammar_make(corpus, &grammar);
    struct writer w = {.corpus = corpus, .grammar = &grammar, .n = n, .token = token, .probability = probability};
    w.draw = philox_stream(corpus->seed, stream, PURPOSE_TEXT);
    if (n > 0)
        start_document(&w, 1);
    while (w.at < n) {
        double end = end_probability(&w);
        if (w.written >= w.length) {
            start_document(&w, end);
            continue;
        }
        w.longer_than = w.written;
        bool may_repeat = w.written >= CORPUS_COPY;
        if (may_repeat && philox_next(&w.draw) < repeat_below)
            copy_last_words(&w, 1 - end);
        else
            next_word(&w, (1 - end) * (may_repeat ? 1 - repeat_share : 1));
    }
}

double corpus_entropy(const double *probability, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum -= log(probability[i]);
    return n ? sum / (double)n : 0;
}
