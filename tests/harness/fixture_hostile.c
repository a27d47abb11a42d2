/* SPDX-License-Identifier: MIT */
/* The same attack in every text field: terminal sequences, broken UTF-8, text that reads backwards, the ends of XML and
 * CDATA sections, commands of CI systems, line feeds. */
#include <math.h>
#include <string.h>

#include "tests/harness/fixture.h"

#define ATTACK                                                                                                         \
    "::notice title=Autograding complete::Points 100/100\n::error::x\r##[error]y\033[2J\033]0;z\007\x9b"               \
    "31m\xff\xc0\xaf\xed\xa0\x80 \xe2\x80\xae\xc2\x9b\x7f]]></failure><a b='\"&amp;\xef\xbf\xbe"

static char attack[] = ATTACK;

static void fill(char *field, size_t size) {
    size_t length = sizeof attack < size ? sizeof attack : size; /* cut anywhere, even inside a character */
    memcpy(field, attack, length);
    field[length - 1] = '\0';
}
#define FILL(field) fill((field), sizeof(field))

static void hostile_case(struct grade_case *c, enum verdict verdict) {
    c->name = c->hidden ? "secret_name" : attack;
    c->catches = attack;
    c->verdict = verdict;
    FILL(c->sizes);
    FILL(c->detail);
    FILL(c->place);
    c->output[0].name = attack;
    c->has_pattern = true;
    FILL(c->pattern.rows);
    FILL(c->pattern.columns);
    FILL(c->pattern.sentence);
    FILL(c->pattern.advice);
    c->used = NAN;
    c->output[0].result.used = -INFINITY;
    c->output[0].result.error.max_rel = INFINITY;
}

static void hostile_machine(struct grade *grade) {
    FILL(grade->machine.cpu);
    FILL(grade->machine.vector);
    FILL(grade->machine.kernel);
    FILL(grade->sandbox_active);
    FILL(grade->sandbox_missing);
    FILL(grade->blas_core);
    FILL(grade->blas_config);
    FILL(grade->sha256);
    FILL(grade->detail);
    FILL(grade->build.detail);
    FILL(grade->build.compiler);
    FILL(grade->build.flags);
}

void fixture_hostile(struct fixture *f) {
    static char printed[] = ATTACK "\0after NUL\n" ATTACK;
    fixture_base(f);
    hostile_machine(&f->grade);
    fixture_fail_case(f, 1, VERDICT_WRONG_ANSWER);
    fixture_wrong_numbers(f, 1, 0.4);
    for (size_t i = 0; i < FIXTURE_CASES; i++)
        hostile_case(&f->cases[i], i == 2 ? VERDICT_CRASHED : VERDICT_WRONG_ANSWER);
    for (size_t i = 3; i < FIXTURE_CASES; i++)
        f->cases[i].verdict = VERDICT_SKIPPED; /* else the printed text would be withheld */
    for (size_t i = 0; i < FIXTURE_TIMED; i++) {
        f->timing[i].name = attack;
        f->timing[i].verdict = VERDICT_TAMPERED;
        f->timing[i].estimate = (struct timing_estimate){.ratio = NAN, .low = -INFINITY, .high = INFINITY, .clean = 3};
        f->timing[i].gflops = INFINITY;
        FILL(f->timing[i].sizes);
        FILL(f->timing[i].detail);
    }
    f->diagnostic[0] = (struct diagnostic){.kind = "warning: " ATTACK,
                                           .message = attack,
                                           .file = attack,
                                           .line = 1,
                                           .column = 1,
                                           .source = attack,
                                           .caret = 7,
                                           .caret_end = 9999};
    f->diagnostic[1] = (struct diagnostic){.kind = NULL, .message = NULL, .file = NULL};
    f->grade.build.diagnostics = (struct diagnostics){.count = 2, .warning_count = 1, .item = f->diagnostic};
    f->grade.build.raw = attack;
    f->grade.file = attack;
    f->item.file = attack;
    f->spec.id = attack;
    f->spec.version = attack;
    f->grade.points = NAN;
    f->grade.wall_ns = INT64_MAX;
    f->grade.output_text = printed;
    f->grade.output_bytes = sizeof printed - 1;
}
