/* SPDX-License-Identifier: MIT */
/* The closed list of what a grading can end in. Order is severity among a candidate's own faults: the verdict of a
 * submission is the first non-passed verdict in the order of its cases, never a maximum over this list. */
#ifndef GRADER_VERDICT_H
#define GRADER_VERDICT_H

/* X(ENUM, code in JSON, title on the screen, one sentence) */
#define VERDICT_LIST(X)                                                                                                \
    X(PASSED, "passed", "PASSED", "every checked number is right")                                                     \
    X(WRONG_ANSWER, "wrong_answer", "WRONG ANSWER", "an output differs from the reference by too much")                \
    X(NOT_FINITE, "not_finite", "NOT FINITE", "an output is NaN or infinite where the reference is finite")            \
    X(UNWRITTEN_OUTPUT, "unwritten_output", "UNWRITTEN OUTPUT", "an output element was never written")                 \
    X(OUT_OF_BOUNDS, "out_of_bounds", "OUT OF BOUNDS", "memory outside the arguments was written or read")             \
    X(TOO_SLOW, "too_slow", "TOO SLOW", "correct, but slower than the challenge allows")                               \
    X(TIME_LIMIT, "time_limit", "TIME LIMIT", "a call did not return in time")                                         \
    X(MEMORY_LIMIT, "memory_limit", "MEMORY LIMIT", "more memory was used than the challenge allows")                  \
    X(CRASHED, "crashed", "CRASHED", "the process died from a signal")                                                 \
    X(EXITED, "exited", "EXITED", "the process ended itself instead of returning")                                     \
    X(FORBIDDEN_CALL, "forbidden_call", "FORBIDDEN CALL", "a system call was made that no solution needs")             \
    X(TAMPERED, "tampered", "TAMPERED", "the measurement does not agree with the work that was seen")                  \
    X(COMPILE_ERROR, "compile_error", "COMPILE ERROR", "the file does not compile")                                    \
    X(REJECTED_BINARY, "rejected_binary", "REJECTED BINARY", "the compiled file holds something not allowed")          \
    X(UNSTABLE, "unstable", "UNSTABLE", "the machine was too noisy to say")                                            \
    X(CHALLENGE_ERROR, "challenge_error", "CHALLENGE BROKEN", "the challenge itself is at fault")                      \
    X(HARNESS_ERROR, "harness_error", "HARNESS ERROR", "the harness or the machine failed")                            \
    X(SKIPPED, "skipped", "SKIPPED", "not run")

#define VERDICT_ENUM(name, code, title, sentence) VERDICT_##name,
enum verdict { VERDICT_LIST(VERDICT_ENUM) VERDICT_COUNT };
#undef VERDICT_ENUM

const char *verdict_code(enum verdict verdict);     /* "wrong_answer" */
const char *verdict_title(enum verdict verdict);    /* "WRONG ANSWER" */
const char *verdict_sentence(enum verdict verdict); /* without a final stop */

/* The verdict with this code, or VERDICT_COUNT. */
enum verdict verdict_from_code(const char *code);

#endif
