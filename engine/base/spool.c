#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

static int open_named(const char *folder)
{
    char *path = mem_printf("%s/engine-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    mem_free(path);
    return fd;
}

int spool_open(struct err *err)
{
    const char *folder = getenv("TMPDIR");
    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) /* not all file systems support O_TMPFILE */
        fd = open_named(folder);
    if (fd < 0)
        fd = memfd_create("engine", MFD_CLOEXEC);
    if (fd < 0)
        err_set(err, ERR_IO, "no temporary file can be created in %s: %s", folder, strerror(errno));
    return fd;
}

int spool_write(int fd, uint64_t offset, const void *bytes, size_t length, struct err *err)
{
    const char *from = bytes;
    while (length > 0) {
        ssize_t put = pwrite(fd, from, length, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_set(err, ERR_IO, "a temporary file cannot be written: %s", strerror(errno));
        from += put;
        offset += (uint64_t)put;
        length -= (size_t)put;
    }
    return 0;
}

int spool_read(int fd, uint64_t offset, void *bytes, size_t length, struct err *err)
{
    char *to = bytes;
    while (length > 0) {
        ssize_t got = pread(fd, to, length, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, ERR_IO, "a temporary file cannot be read: %s", strerror(errno));
        if (got == 0) {
            memset(to, 0, length);
            return 0;
        }
        to += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return 0;
}

void spool_empty(int fd)
{
    /* If the file cannot be shortened, it is overwritten from its beginning. */
    (void)!ftruncate(fd, 0);
}
