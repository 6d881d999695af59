#include "base/mem.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *pointer)
{
    if (pointer == NULL) {
        fputs("engine: out of memory\n", stderr);
        abort();
    }
    return pointer;
}

/* glibc's calloc does not look for small blocks where its malloc does first: it takes four times as
 * long. (Not inlined: a compiler makes malloc and memset a calloc.) */
#define SMALL 1024

static __attribute__((noinline)) void *take(size_t size)
{
    return must(malloc(size));
}

void *mem_alloc(size_t size)
{
    if (size == 0)
        size = 1;
    return size <= SMALL ? memset(take(size), 0, size) : must(calloc(1, size));
}

void *mem_resize(void *old, size_t size)
{
    return must(realloc(old, size > 0 ? size : 1));
}

char *mem_strdup(const char *text)
{
    return text == NULL ? NULL : mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return must(length < 0 ? NULL : text);
}

void mem_free(void *old)
{
    free(old);
}

void mem_free_secret(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

void mem_install(void)
{
    json_set_alloc_funcs(take, free);
}
