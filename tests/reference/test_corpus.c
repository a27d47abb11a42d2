/* SPDX-License-Identifier: MIT */
/* The text read back by a parser of its own: documents, copies, chains, and the probabilities that the generator says
 * it used, against frequencies and against an enumeration of the lengths. */
#define REAL_IS_DOUBLE 1
#include "reference/corpus.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reduce.h"

void corpus_make_f32(const struct corpus *corpus, uint32_t stream, size_t n, uint8_t *token, double *probability);

enum { N = 40000 };

struct text {
    uint8_t token[N];
    double probability[N];
};

static struct text *text_new(uint64_t seed, uint32_t vocab, uint32_t stream, bool sorted) {
    struct text *t = calloc(1, sizeof *t);
    ck_assert_ptr_nonnull(t);
    corpus_make(&(struct corpus){seed, vocab, sorted}, stream, N, t->token, t->probability);
    return t;
}

/* What the parser knows in the middle of a document. */
struct reader {
    uint32_t topic, words, longer_than;
    uint8_t said[256];
};

/* P(end after `words` words | longer than longer_than), by counting lengths. */
static double enumerated_end(const struct reader *r) {
    unsigned left = 0, ends = 0;
    for (uint32_t length = CORPUS_SHORTEST; length <= CORPUS_LONGEST; length++) {
        left += length > r->longer_than;
        ends += length > r->longer_than && length <= r->words;
    }
    return (double)ends / left;
}

struct counts {
    unsigned documents, copies, decisions, misfits;
    unsigned follows[CORPUS_TOPICS][CORPUS_VOCAB_MAX][CORPUS_VOCAB_MAX];
    unsigned by_share[4]; /* words of probability .6, .2, .15, .05 */
};

static void expect(struct counts *c, double got, double want) {
    c->misfits += !(fabs(got - want) <= 1e-12);
}

/* A word that follows another: its share is one of the four. */
static void count_successor(struct counts *c, const struct reader *r, uint8_t word, double share) {
    static const double shares[] = {.6, .2, .15, .05};
    unsigned matches = 0;
    for (int k = 0; k < 4; k++) {
        bool match = fabs(share - shares[k]) < 1e-9;
        c->by_share[k] += match;
        matches += match;
    }
    c->misfits += matches != 1;
    c->follows[r->topic][r->said[r->words - 1]][word]++;
}

static size_t read_copy(const struct text *t, size_t at, uint32_t words, struct reader *r, struct counts *c) {
    c->copies++;
    for (int k = 0; k < CORPUS_COPY && ++at < N; k++) {
        c->misfits += t->token[at] != r->said[r->words - CORPUS_COPY] || t->token[at] >= words;
        expect(c, t->probability[at], 1);
        r->said[r->words++] = t->token[at];
    }
    return at;
}

static void read_text(const struct text *t, uint32_t vocab, struct counts *c) {
    uint32_t words = vocab - 6;
    struct reader r = {.words = CORPUS_LONGEST}; /* a document must start */
    for (size_t at = 0; at < N; at++) {
        uint8_t token = t->token[at];
        double end = at ? enumerated_end(&r) : 1, going_on = 1 - end;
        bool may_copy = r.words >= CORPUS_COPY;
        if (token >= words && token < words + CORPUS_TOPICS) {
            c->misfits += at > 0 && (r.words < CORPUS_SHORTEST || r.words >= CORPUS_LONGEST + CORPUS_COPY);
            expect(c, t->probability[at], end / CORPUS_TOPICS);
            r = (struct reader){.topic = token - words};
            c->documents++;
            if (++at < N) {
                expect(c, t->probability[at], 1.0 / words);
                r.said[r.words++] = t->token[at];
            }
            continue;
        }
        c->decisions += may_copy;
        r.longer_than = r.words;
        if (token == words + CORPUS_TOPICS) {
            c->misfits += !may_copy;
            expect(c, t->probability[at], going_on * .06);
            at = read_copy(t, at, words, &r, c);
            continue;
        }
        c->misfits += token >= words;
        count_successor(c, &r, token, t->probability[at] / going_on / (may_copy ? .94 : 1));
        r.said[r.words++] = token;
    }
}

static const uint32_t vocabularies[] = {64, 32, 256};

START_TEST(text_follows_the_grammar) {
    uint32_t vocab = vocabularies[_i];
    struct text *t = text_new(3, vocab, 1, false);
    struct counts *c = calloc(1, sizeof *c);
    ck_assert_ptr_nonnull(c);
    read_text(t, vocab, c);
    ck_assert_uint_eq(c->misfits, 0);
    ck_assert_uint_ge(c->documents, 500);
    ck_assert_double_eq_tol((double)c->copies / c->decisions, .06, .006);
    double words = c->by_share[0] + c->by_share[1] + c->by_share[2] + c->by_share[3];
    ck_assert_double_eq_tol(c->by_share[0] / words, .6, .015);
    ck_assert_double_eq_tol(c->by_share[1] / words, .2, .012);
    ck_assert_double_eq_tol(c->by_share[3] / words, .05, .007);
    for (uint32_t topic = 0; topic < CORPUS_TOPICS; topic++) {
        for (uint32_t a = 0; a < vocab; a++) {
            unsigned different = 0;
            for (uint32_t b = 0; b < vocab; b++)
                different += c->follows[topic][a][b] > 0;
            ck_assert_uint_le(different, CORPUS_SUCCESSORS);
        }
    }
    /* The parser can fail. */
    t->token[N / 2] ^= 1;
    read_text(t, vocab, c);
    ck_assert_uint_gt(c->misfits, 0);
    free(c);
    free(t);
}
END_TEST

START_TEST(seeds_and_streams) {
    struct text *a = text_new(1, 64, 0, false), *same = text_new(1, 64, 0, false);
    struct text *stream = text_new(1, 64, 1, false), *seed = text_new(2, 64, 0, false);
    uint8_t *narrow = calloc(N, 1);
    ck_assert_ptr_nonnull(narrow);
    ck_assert_mem_eq(a, same, sizeof *a);
    ck_assert_mem_ne(a->token, stream->token, N);
    ck_assert_mem_ne(a->token, seed->token, N);
    /* A shorter text is the beginning of the longer one. */
    corpus_make_f32(&(struct corpus){1, 64, false}, 0, N / 3, narrow, NULL);
    ck_assert_mem_eq(narrow, a->token, N / 3);
    struct crc_table table;
    crc_table_make(&table);
    ck_assert_uint_eq(crc_continue(&table, 0, a->token, N), 0x94D6DC5C);
    free(a), free(same), free(stream), free(seed), free(narrow);
}
END_TEST

START_TEST(entropy_is_the_floor) {
    const double half[] = {.5, .5, .25};
    ck_assert_double_eq_tol(corpus_entropy(half, 3), 4.0 / 3 * log(2), 1e-15);
    ck_assert_double_eq(corpus_entropy(half, 0), 0);
    for (uint64_t seed = 1; seed < 4; seed++) {
        struct text *t = text_new(seed, 64, CORPUS_HELD_OUT, false);
        double floor = corpus_entropy(t->probability, N);
        ck_assert_msg(floor > .85 && floor < 1, "%g", floor);
        free(t);
    }
}
END_TEST

START_TEST(sorted_texts_rise) {
    struct text *t = text_new(4, 64, 2, true);
    unsigned documents[CORPUS_TOPICS] = {0};
    uint32_t last = 0;
    for (size_t i = 0; i < N; i++) {
        uint32_t topic = t->token[i] - corpus_topic(64, 0);
        if (topic >= CORPUS_TOPICS)
            continue;
        ck_assert_uint_ge(topic, last);
        ck_assert_uint_eq(topic, i * CORPUS_TOPICS / N);
        documents[last = topic]++;
    }
    for (int k = 0; k < CORPUS_TOPICS; k++)
        ck_assert_uint_ge(documents[k], 100);
    free(t);
}
END_TEST

START_TEST(special_tokens) {
    ck_assert_uint_eq(corpus_in_words(64), 58);
    ck_assert_uint_eq(corpus_topic(64, 0), 58);
    ck_assert_uint_eq(corpus_topic(64, 3), 61);
    ck_assert_uint_eq(corpus_repeat(64), 62);
    ck_assert_uint_eq(corpus_padding(64), 63);
    struct text *t = text_new(9, 64, 0, false);
    ck_assert_ptr_null(memchr(t->token, 63, N));
    free(t);
    corpus_make(&(struct corpus){1, 64, false}, 0, 0, NULL, NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("corpus");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, text_follows_the_grammar, 0, 3);
    tcase_add_test(all, seeds_and_streams);
    tcase_add_test(all, entropy_is_the_floor);
    tcase_add_test(all, sorted_texts_rise);
    tcase_add_test(all, special_tokens);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
