/* SPDX-License-Identifier: MIT */
/* See sign.h. Key files are one line of text: what the key is for, and the key in base64. */
#include "harness/result/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/heap.h"

#define SECRET_WORD "harness-secret-key/1 "
#define PUBLIC_WORD "harness-public-key/1 "
#define MEMBER      ",\"signature\":{\"algorithm\":\"ed25519\",\"key\":\""
#define VALUE       "\",\"value\":\""
#define END         "\"}}"

enum {
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
    SIGNATURE_TEXT = sodium_base64_ENCODED_LEN(crypto_sign_BYTES, sodium_base64_VARIANT_ORIGINAL),
    KEY_LINE = sizeof SECRET_WORD + sodium_base64_ENCODED_LEN(SIGN_SECRET_BYTES, sodium_base64_VARIANT_ORIGINAL)
};
_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "libsodium's public keys");
_Static_assert(SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "libsodium's secret keys");
_Static_assert(SIGN_KEY_TEXT == sodium_base64_ENCODED_LEN(SIGN_PUBLIC_BYTES, sodium_base64_VARIANT_ORIGINAL), "text");

static int start(struct error *err) {
    return sodium_init() < 0 ? error_set(err, ERROR_HARNESS, "libsodium finds no source of random numbers here.") : 0;
}

/* Never over a file that is there: a key that is gone cannot be had again. */
static int write_key(const char *path, mode_t mode, const char *word, const unsigned char *key, size_t size,
                     struct error *err) {
    char line[KEY_LINE + 1];
    const size_t head = strlen(word);
    memcpy(line, word, head + 1);
    sodium_bin2base64(line + head, sizeof line - head, key, size, BASE64);
    size_t length = strlen(line);
    line[length++] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    int status = 0;
    if (fd < 0)
        status = error_set(err, ERROR_USER, "cannot create the key file %s: %s; choose a name that is not taken.", path,
                           strerror(errno));
    else if (fchmod(fd, mode) != 0 || write(fd, line, length) != (ssize_t)length || fsync(fd) != 0) {
        status = error_errno(err, "cannot write the key file %s (is the disk full?)", path);
        unlink(path); /* half a key would only be in the way */
    }
    if (fd >= 0)
        close(fd);
    sodium_memzero(line, sizeof line);
    return status;
}

int sign_make_key(const char *path, struct error *err) {
    struct sign_key key;
    char *public_path = heap_format("%s.pub", path);
    struct stat there;
    int status = start(err);
    if (status == 0 && lstat(public_path, &there) == 0)
        status = error_set(err, ERROR_USER, "%s is there already; choose another name.", public_path);
    if (status == 0) {
        crypto_sign_keypair(key.public_key, key.secret_key);
        status = write_key(path, 0600, SECRET_WORD, key.secret_key, sizeof key.secret_key, err);
    }
    if (status == 0 && write_key(public_path, 0644, PUBLIC_WORD, key.public_key, sizeof key.public_key, err) != 0) {
        unlink(path); /* nobody has signed with it yet */
        status = -1;
    }
    sign_forget(&key);
    free(public_path);
    return status;
}

/* `secret`: a file that others could have read is no secret, so it is refused rather than used. */
static int read_key(const char *path, bool secret, unsigned char *key, size_t size, struct error *err) {
    const char *word = secret ? SECRET_WORD : PUBLIC_WORD;
    const char *kind = secret ? "secret" : "public";
    char line[KEY_LINE + 2] = "";
    size_t length = 0;
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_set(err, ERROR_USER, "cannot read the key file %s: %s.", path, strerror(errno));
    int status = 0;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        status = error_set(err, ERROR_USER, "%s is no regular file; it should hold a %s key.", path, kind);
    else if (secret && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        status = error_set(err, ERROR_USER,
                           "other users may read the secret key in %s: `chmod 600 %s', or make a new "
                           "one with `harness keygen'.",
                           path, path);
    ssize_t got = status == 0 ? read(fd, line, sizeof line - 1) : 0;
    close(fd);
    if (status != 0)
        return status;
    const size_t head = strlen(word);
    const bool begins = got > 0 && strncmp(line, word, head) == 0;
    line[begins ? head + strcspn(line + head, "\n") : 0] = '\0';
    if (!begins || sodium_base642bin(key, size, line + head, strlen(line + head), NULL, &length, NULL, BASE64) != 0 ||
        length != size)
        status = error_set(err, ERROR_USER, "%s holds no %s key of `harness keygen'.", path, kind);
    sodium_memzero(line, sizeof line);
    return status;
}

int sign_read_secret(const char *path, struct sign_key *key, struct error *err) {
    if (start(err) != 0 || read_key(path, true, key->secret_key, sizeof key->secret_key, err) != 0)
        return -1;
    crypto_sign_ed25519_sk_to_pk(key->public_key, key->secret_key);
    return 0;
}

int sign_choose_secret(const char *option, struct sign_key *key, struct error *err) {
    const char *path = option != NULL ? option : getenv("HARNESS_SIGN_KEY_FILE");
    if (path == NULL || path[0] == '\0')
        return 0;
    return sign_read_secret(path, key, err) != 0 ? -1 : 1;
}

int sign_read_public(const char *path, unsigned char key[SIGN_PUBLIC_BYTES], struct error *err) {
    return start(err) != 0 ? -1 : read_key(path, false, key, SIGN_PUBLIC_BYTES, err);
}

void sign_forget(struct sign_key *key) {
    sodium_memzero(key, sizeof *key);
}

char *sign_text(const struct sign_key *key, const char *text) {
    unsigned char signature[crypto_sign_BYTES];
    char value[SIGNATURE_TEXT], by[SIGN_KEY_TEXT];
    size_t size = strlen(text);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' '))
        size--;
    crypto_sign_detached(signature, NULL, (const unsigned char *)text, size, key->secret_key);
    sodium_bin2base64(value, sizeof value, signature, sizeof signature, BASE64);
    sodium_bin2base64(by, sizeof by, key->public_key, sizeof key->public_key, BASE64);
    return heap_format("%.*s" MEMBER "%s" VALUE "%s" END "\n", (int)(size - 1), text, by, value);
}

/* Where the signature's member begins: at the end of the text and of the exact length that sign_text() gives it, so
 * that nothing inside a document can be taken for it. NULL if there is none. */
static const char *find_member(const char *text, size_t size) {
    const size_t length = strlen(MEMBER) + SIGN_KEY_TEXT - 1 + strlen(VALUE) + SIGNATURE_TEXT - 1 + strlen(END);
    if (size > 0 && text[size - 1] == '\n')
        size--;
    if (size <= length || memcmp(text + size - strlen(END), END, strlen(END)) != 0)
        return NULL;
    const char *member = text + size - length;
    return memcmp(member, MEMBER, strlen(MEMBER)) == 0 ? member : NULL;
}

/* Does the top level of this JSON text have a member of this name anywhere? A signature that is not where it belongs is
 * one that somebody moved. */
static bool mentions_signature(const char *text, size_t size) {
    return memmem(text, size, "\"signature\":{\"algorithm\"", strlen("\"signature\":{\"algorithm\"")) != NULL;
}

/* Exactly the text that sign_text() writes: the decoder also takes other spellings of the same bytes. */
static bool decode(const char *text, size_t length, unsigned char *bytes, size_t size) {
    char again[SIGNATURE_TEXT];
    size_t got = 0;
    if (sodium_base642bin(bytes, size, text, length, NULL, &got, NULL, BASE64) != 0 || got != size)
        return false;
    sodium_bin2base64(again, sizeof again, bytes, size, BASE64);
    return memcmp(again, text, length) == 0;
}

enum sign_state sign_check(const char *text, size_t size, const unsigned char *key, char by[SIGN_KEY_TEXT]) {
    unsigned char public_key[SIGN_PUBLIC_BYTES], signature[crypto_sign_BYTES];
    const char *member = find_member(text, size);
    by[0] = '\0';
    if (sodium_init() < 0)
        return SIGN_FORGED;
    if (member == NULL)
        return mentions_signature(text, size) ? SIGN_FORGED : SIGN_NONE;
    const char *key_text = member + strlen(MEMBER), *value = key_text + SIGN_KEY_TEXT - 1 + strlen(VALUE);
    if (memcmp(value - strlen(VALUE), VALUE, strlen(VALUE)) != 0 ||
        !decode(key_text, SIGN_KEY_TEXT - 1, public_key, sizeof public_key) ||
        !decode(value, SIGNATURE_TEXT - 1, signature, sizeof signature))
        return SIGN_FORGED;
    memcpy(by, key_text, SIGN_KEY_TEXT - 1);
    by[SIGN_KEY_TEXT - 1] = '\0';
    const size_t length = (size_t)(member - text); /* counted, since a NUL may stand in it */
    unsigned char *document = heap_zeroed(length + 1, 1);
    memcpy(document, text, length);
    document[length] = '}';
    const bool good = crypto_sign_verify_detached(signature, document, length + 1, public_key) == 0;
    free(document);
    return good && (key == NULL || sodium_memcmp(key, public_key, sizeof public_key) == 0) ? SIGN_GOOD : SIGN_FORGED;
}
