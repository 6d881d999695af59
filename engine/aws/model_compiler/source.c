#include "aws/model_compiler/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/mem.h"
#include "value/json.h"

#define MAX_SOURCE (256u << 20)
#define CHUNK (256u << 10)

static int read_all(gzFile file, struct buf *text)
{
    char *chunk = mem_alloc(CHUNK);
    int got;
    while ((got = gzread(file, chunk, CHUNK)) > 0) {
        if (buf_add(text, chunk, (size_t)got) != 0)
            break;
    }
    mem_free(chunk);
    return got;
}

/* zlib passes plain files through unchanged. */
static int read_file(const char *path, struct buf *text, struct err *err)
{
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    int got = read_all(file, text);
    /* gzclose reports it if a compressed file ends too early. */
    int closed = gzclose(file);
    if (text->failed)
        return err_set(err, ERR_LIMIT, "%s: more than %u bytes", path, MAX_SOURCE);
    if (got < 0 || closed != Z_OK)
        return err_set(err, ERR_IO, "%s: cannot be read completely", path);
    return 0;
}

json_t *source_load(const char *path, struct err *err)
{
    struct buf text;
    json_t *value = NULL;
    buf_init(&text, MAX_SOURCE);
    if (read_file(path, &text, err) == 0) {
        value = json_parse(buf_text(&text), text.len, err);
        if (value == NULL)
            err_prefix(err, "%s", path);
    }
    buf_clear(&text);
    return value;
}

json_t *source_load_either(const char *directory, const char *stem, struct err *err)
{
    static const char *const endings[] = {"json", "json.gz"};
    json_t *value = NULL;
    err_clear(err);
    for (size_t i = 0; i < 2 && value == NULL && err->kind == ERR_NONE; i++) {
        struct stat status;
        char *path = mem_printf("%s/%s.%s", directory, stem, endings[i]);
        if (stat(path, &status) == 0)
            value = source_load(path, err);
        mem_free(path);
    }
    return value;
}

static bool exists(const char *directory, const char *name, const char *file)
{
    struct stat status;
    char *path = mem_printf("%s/%s/%s", directory, name, file);
    bool there = stat(path, &status) == 0;
    mem_free(path);
    return there;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folder(const char *directory, const char *name, struct source_names *names)
{
    if (name[0] == '.' || !exists(directory, name, "."))
        return;
    names->names = mem_resize(names->names, (names->count + 1) * sizeof *names->names);
    names->names[names->count++] = mem_strdup(name);
}

int source_folders(const char *directory, struct source_names *names, struct err *err)
{
    *names = (struct source_names){NULL, 0};
    DIR *open = opendir(directory);
    if (open == NULL)
        return err_set(err, ERR_IO, "%s: %s", directory, strerror(errno));
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        add_folder(directory, entry->d_name, names);
    closedir(open);
    if (names->count > 0)
        qsort(names->names, names->count, sizeof *names->names, compare_names);
    return 0;
}

void source_names_clear(struct source_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        mem_free(names->names[i]);
    mem_free(names->names);
}

/* Versions are dates, so the last in order is the newest. */
char *source_newest(const char *directory)
{
    struct source_names versions;
    struct err err;
    char *newest = NULL;
    if (source_folders(directory, &versions, &err) != 0)
        return NULL;
    for (size_t i = versions.count; i > 0 && newest == NULL; i--) {
        const char *version = versions.names[i - 1];
        if (exists(directory, version, "service-2.json") ||
            exists(directory, version, "service-2.json.gz"))
            newest = mem_printf("%s/%s", directory, version);
    }
    source_names_clear(&versions);
    return newest;
}
