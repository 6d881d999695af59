#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"

#define TRIES 100

struct output {
    FILE *file;
    char *path, *folder;
    char *temp;   /* its temporary name; NULL: none, or the file is written in place */
    bool unnamed; /* gets its name at the end */
};

FILE *output_file(const struct output *output)
{
    return output->file;
}

/* ---- in place ---- */

/* The number after one of these prefixes: a descriptor that is already open. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        const char *digits = path + length;
        if (strncmp(path, folders[i], length) == 0 && digits[0] != '\0' &&
            strspn(digits, "0123456789") == strlen(digits) && strlen(digits) < 7)
            return atoi(digits);
    }
    return -1;
}

static bool is_special(const struct stat *info)
{
    return !S_ISREG(info->st_mode);
}

/* Opens a pipe or a device, also through a link. -1 with errno 0 if it is neither. */
static int open_special(const char *path)
{
    struct stat info;
    int fd = descriptor_of(path);
    if (fd >= 0)
        return fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (stat(path, &info) != 0 || !is_special(&info)) {
        errno = 0;
        return -1;
    }
    fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !is_special(&info))) { /* it was replaced meanwhile */
        close(fd);
        errno = 0;
        return -1;
    }
    return fd;
}

/* ---- temporary file in the same folder ---- */

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

/* The mode of the file that is replaced, if it is ours; else the mode that open(2) would give.
 * umask can only be read by setting it. */
static mode_t mode_of(const char *path)
{
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid())
        return info.st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Opens a file without a name, if it can be given one later (open(2), O_TMPFILE). */
static int open_unnamed(struct output *output)
{
    if (access("/proc/self/fd", X_OK) != 0)
        return -1;
    int fd = open(output->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    output->unnamed = fd >= 0;
    return fd;
}

static int open_named(struct output *output)
{
    output->temp = mem_printf("%s.XXXXXX", output->path);
    int fd = mkostemp(output->temp, O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int error = errno;
    mem_free(output->temp);
    output->temp = NULL;
    errno = error;
    return -1;
}

static int open_beside(struct output *output)
{
    int fd = open_unnamed(output);
    if (fd < 0)
        fd = open_named(output);
    if (fd >= 0)
        (void)!fchmod(fd, mode_of(output->path));
    return fd;
}

static void output_free(struct output *output)
{
    mem_free(output->path);
    mem_free(output->folder);
    mem_free(output->temp);
    mem_free(output);
}

struct output *output_open(const char *path, struct err *err)
{
    struct output *output = mem_alloc(sizeof *output);
    output->path = mem_strdup(path);
    output->folder = folder_of(path);
    int fd = open_special(path);
    if (fd < 0 && errno == 0)
        fd = open_beside(output);
    output->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (output->file != NULL)
        return output;
    err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
    output_free(output);
    return NULL;
}

/* ---- the end ---- */

/* Links the file under a name that is not in use. */
static int give_name(struct output *output)
{
    char from[32];
    snprintf(from, sizeof from, "/proc/self/fd/%d", fileno(output->file));
    for (int i = 0; i < TRIES; i++) {
        uint32_t random;
        random_bytes(&random, sizeof random);
        output->temp = mem_printf("%s.%08x", output->path, (unsigned)random);
        if (linkat(AT_FDCWD, from, AT_FDCWD, output->temp, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        int error = errno;
        mem_free(output->temp);
        output->temp = NULL;
        errno = error;
        if (error != EEXIST)
            return -1;
    }
    return -1;
}

/* The name must survive a crash, as the bytes do. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!fsync(fd);
    close(fd);
}

static int put_in_place(struct output *output)
{
    if (fsync(fileno(output->file)) != 0)
        return -1;
    if (output->unnamed && give_name(output) != 0)
        return -1;
    if (rename(output->temp, output->path) != 0)
        return -1;
    mem_free(output->temp);
    output->temp = NULL;
    sync_folder(output->folder);
    return 0;
}

int output_close(struct output *output, bool keep)
{
    bool beside = output->unnamed || output->temp != NULL;
    int error = fflush(output->file) != 0 ? errno : 0;
    if (error == 0 && ferror(output->file) != 0) /* an earlier write failed: its errno is lost */
        error = EIO;
    if (keep && error == 0 && beside && put_in_place(output) != 0)
        error = errno;
    if (fclose(output->file) != 0 && error == 0)
        error = errno;
    if (output->temp != NULL)
        unlink(output->temp);
    output_free(output);
    return error;
}

void output_abandon(const struct output *output)
{
    if (output->temp != NULL)
        unlink(output->temp);
}
