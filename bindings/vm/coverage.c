#include "bindings/vm/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#ifdef ENGINE_TEST_BUILD

struct counted_file {
    struct counted_file *next;
    char *name, *path;
    unsigned long *lines;
    size_t count;
};

static struct counted_file *files;
static bool registered;

static const char *output_path(void)
{
    const char *path = getenv("ENGINE_LUA_COVERAGE");
    return path != NULL && path[0] != '\0' ? path : NULL;
}

bool coverage_wanted(void)
{
    return output_path() != NULL;
}

static struct counted_file *find(const char *name)
{
    struct counted_file *file = files;
    while (file != NULL && strcmp(file->name, name) != 0)
        file = file->next;
    return file;
}

void coverage_file(const char *name, const char *path)
{
    if (!coverage_wanted() || find(name) != NULL)
        return;
    if (!registered)
        atexit(coverage_write);
    registered = true;
    struct counted_file *file = mem_alloc(sizeof *file);
    file->name = mem_strdup(name);
    file->path = mem_strdup(path);
    file->next = files;
    files = file;
}

void coverage_count(lua_State *L, lua_Debug *activation)
{
    lua_getinfo(L, "S", activation);
    if (activation->source[0] != '@' || activation->currentline < 0)
        return;
    struct counted_file *file = find(activation->source + 1);
    size_t line = (size_t)activation->currentline;
    if (file == NULL)
        return;
    if (line >= file->count) {
        size_t count = line + 256;
        file->lines = mem_resize(file->lines, count * sizeof *file->lines);
        memset(file->lines + file->count, 0, (count - file->count) * sizeof *file->lines);
        file->count = count;
    }
    file->lines[line]++;
}

static void write_file(FILE *out, const struct counted_file *file)
{
    for (size_t line = 0; line < file->count; line++) {
        if (file->lines[line] > 0)
            fprintf(out, "%s:%zu %lu\n", file->path, line, file->lines[line]);
    }
}

void coverage_write(void)
{
    const char *path = output_path();
    FILE *out = path != NULL ? fopen(path, "a") : NULL;
    while (files != NULL) {
        struct counted_file *file = files;
        files = file->next;
        if (out != NULL)
            write_file(out, file);
        mem_free(file->name);
        mem_free(file->path);
        mem_free(file->lines);
        mem_free(file);
    }
    if (out != NULL)
        fclose(out);
}

#else

bool coverage_wanted(void)
{
    return false;
}

void coverage_file(const char *name, const char *path)
{
    (void)name;
    (void)path;
}

void coverage_count(lua_State *L, lua_Debug *activation)
{
    (void)L;
    (void)activation;
}

void coverage_write(void)
{
}

#endif
