/* A hash table with open addressing, in a temporary file. Its size doubles when it is half full. */
#include "base/seen.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/spool.h"

#define KEY 16 /* bytes of a SHA-256: enough to rule out collisions */
#define FIRST_ROOM 4096
#define CHUNK 4096 /* keys read at a time when the table grows */

struct seen {
    int fd; /* -1: none yet */
    uint64_t room, count;
};

struct seen *seen_new(void)
{
    struct seen *seen = mem_alloc(sizeof *seen);
    seen->fd = -1;
    seen->room = FIRST_ROOM;
    return seen;
}

void seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    if (seen->fd >= 0)
        close(seen->fd);
    mem_free(seen);
}

static const unsigned char empty[KEY];

static bool is_empty(const unsigned char *key)
{
    return memcmp(key, empty, KEY) == 0;
}

static int put(struct seen *seen, const unsigned char *key, bool *before, struct err *err)
{
    unsigned char there[KEY];
    uint64_t at;
    memcpy(&at, key, sizeof at);
    for (at %= seen->room;; at = (at + 1) % seen->room) {
        if (spool_read(seen->fd, at * KEY, there, KEY, err) != 0)
            return -1;
        *before = memcmp(there, key, KEY) == 0;
        if (*before)
            return 0;
        if (is_empty(there))
            break;
    }
    seen->count++;
    return spool_write(seen->fd, at * KEY, key, KEY, err);
}

static int move_all(const struct seen *from, struct seen *to, struct err *err)
{
    unsigned char keys[CHUNK * KEY];
    bool before;
    for (uint64_t at = 0; at < from->room; at += CHUNK) {
        if (spool_read(from->fd, at * KEY, keys, sizeof keys, err) != 0)
            return -1;
        for (size_t i = 0; i < CHUNK; i++) {
            if (!is_empty(keys + i * KEY) && put(to, keys + i * KEY, &before, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int make_room(struct seen *seen, struct err *err)
{
    struct seen larger = {.fd = -1, .room = 2 * seen->room};
    if (seen->fd >= 0 && seen->count * 2 < seen->room)
        return 0;
    if (seen->fd < 0) {
        seen->fd = spool_open(err);
        return seen->fd < 0 ? -1 : 0;
    }
    larger.fd = spool_open(err);
    if (larger.fd < 0)
        return -1;
    int result = move_all(seen, &larger, err);
    close(result == 0 ? seen->fd : larger.fd);
    if (result == 0)
        *seen = larger;
    return result;
}

int seen_add(struct seen *seen, const char *text, bool *before, struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    digest_sha256(text, strlen(text), digest);
    *before = false;
    if (make_room(seen, err) != 0)
        return -1;
    return put(seen, digest, before, err);
}
