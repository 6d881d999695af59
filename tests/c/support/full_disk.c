#include "support/full_disk.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

static void limit_to(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void full_disk_begin(const char *path)
{
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    signal(SIGXFSZ, SIG_IGN); /* the write fails, instead of the process */
    limit_to((rlim_t)file.st_size);
}

void full_disk_end(void)
{
    limit_to(RLIM_INFINITY);
    signal(SIGXFSZ, SIG_DFL);
}
