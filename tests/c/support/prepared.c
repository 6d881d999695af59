#include "support/prepared.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bindings/language/language.h"

static void map(const char *path, struct chunks_code *code)
{
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found) != 0)
        fail_msg("%s cannot be read: build the target `models`", path);
    void *bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        fail_msg("%s cannot be mapped", path);
    *code = (struct chunks_code){.bytes = bytes, .length = (size_t)found.st_size};
}

const struct chunks_code *prepared_code(void)
{
    static struct chunks_code code;
    const char *path = getenv("ENGINE_CODE");
    if (code.bytes == NULL && path != NULL)
        map(path, &code);
    return &code;
}

const struct language *prepared_language(void)
{
    const struct chunks_code *code = prepared_code();
    return language_lua(
        &(struct language_prepared){.code = code->bytes, .code_length = code->length});
}
