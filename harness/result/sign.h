/* SPDX-License-Identifier: MIT */
/* Signed results: Ed25519 (RFC 8032) through libsodium.
 *
 * A signed document is a JSON object whose last member is the signature,
 *     {...,"signature":{"algorithm":"ed25519","key":BASE64,"value":BASE64}}
 * and what is signed is the text of the same object without that member, byte for byte: everything before
 * `,"signature":{"algorithm"` and a closing brace. A file that was edited, even by a blank, no longer verifies. */
#ifndef HARNESS_SIGN_H
#define HARNESS_SIGN_H

#include <stddef.h>

#include "grader/error.h"

enum { SIGN_PUBLIC_BYTES = 32, SIGN_SECRET_BYTES = 64, SIGN_KEY_TEXT = 45 /* base64 of a public key and a NUL */ };

struct sign_key {
    unsigned char public_key[SIGN_PUBLIC_BYTES];
    unsigned char secret_key[SIGN_SECRET_BYTES];
};

/* Writes a new secret key to `path` (mode 0600, never overwrites) and its public key to `path`.pub. */
int sign_make_key(const char *path, struct error *err);
/* Reads the secret key; refuses one that others may read. The caller wipes it with sign_forget(). */
int sign_read_secret(const char *path, struct sign_key *key, struct error *err);
/* The key to sign with: of --sign-key (or NULL), else of the file that HARNESS_SIGN_KEY_FILE names. 1 there is one, 0
 * nobody asks for signatures, -1 error. */
int sign_choose_secret(const char *option, struct sign_key *key, struct error *err);
int sign_read_public(const char *path, unsigned char key[SIGN_PUBLIC_BYTES], struct error *err);
void sign_forget(struct sign_key *key);

/* The signed text made of an object's text. The caller frees. */
char *sign_text(const struct sign_key *key, const char *text);

enum sign_state { SIGN_NONE, SIGN_GOOD, SIGN_FORGED };
/* With `key` NULL any key counts, and `by` says whose it is; else SIGN_GOOD means: by that key. */
enum sign_state sign_check(const char *text, size_t size, const unsigned char *key, char by[SIGN_KEY_TEXT]);

#endif
