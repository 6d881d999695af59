#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define FIRST 4096

struct text {
    char *bytes;
    size_t length, room; /* room does not count the NUL */
};

static void forget(struct text *text)
{
    if (text->bytes != NULL)
        explicit_bzero(text->bytes, text->length);
    mem_free(text->bytes);
    text->bytes = NULL;
}

static void grow(struct text *text, size_t room)
{
    char *bytes = mem_resize(NULL, room + 1);
    if (text->length > 0)
        memcpy(bytes, text->bytes, text->length);
    forget(text);
    text->bytes = bytes;
    text->room = room;
}

/* The size of the file, and one byte more to see the end; pipes and /proc report no size. */
static size_t first_room(int fd, size_t max)
{
    struct stat status;
    bool known = fstat(fd, &status) == 0 && status.st_size > 0;
    size_t size = known ? (size_t)status.st_size + 1 : FIRST;
    return size <= max ? size : max + 1;
}

/* Reads up to one byte more than the maximum: that byte shows that the file is too large. */
static int read_all(int fd, size_t max, struct text *text)
{
    grow(text, first_room(fd, max));
    for (;;) {
        ssize_t got = read(fd, text->bytes + text->length, text->room - text->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        text->length += (size_t)got;
        if (text->length > max) {
            errno = EFBIG;
            return -1;
        }
        if (text->length == text->room)
            grow(text, text->room < max / 2 ? 2 * text->room : max + 1);
    }
}

char *file_read(const char *path, size_t max, size_t *length)
{
    struct text text = {.bytes = NULL};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    int result = read_all(fd, max, &text);
    int problem = errno;
    close(fd);
    if (result != 0) {
        forget(&text);
        errno = problem;
        return NULL;
    }
    text.bytes[text.length] = '\0';
    *length = text.length;
    return text.bytes;
}
