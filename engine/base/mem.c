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

void *mem_alloc(size_t size)
{
    return must(calloc(1, size > 0 ? size : 1));
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

static void *json_alloc(size_t size)
{
    return must(malloc(size));
}

void mem_install(void)
{
    json_set_alloc_funcs(json_alloc, free);
}
