#include "bindings/policy/digests.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/text_list.h"
#include "bindings/policy/known.h"
#include "bindings/policy/require.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/policy_file.h"

#define LINES_MAX (16u << 20)

/* As sha256sum prints a file: its digest, and its path in its folder of policies. */
static void add_line(struct text_list *lines, struct source_text *source, const char *path)
{
    char *line = mem_printf("%s  %s\n", chunks_digest(source), path);
    text_list_add(lines, line);
    mem_free(line);
}

/* "lib.a.b" is lib/a/b.lua. */
static void add_module(struct text_list *lines, const struct policy_file *file, const char *name)
{
    struct err err = {0};
    struct source_text *source = require_source(file->host, file, name, &err);
    char *path = mem_printf("%s.lua", name);
    for (char *c = path; c < path + strlen(name); c++) {
        if (*c == '.')
            *c = '/';
    }
    if (source != NULL)
        add_line(lines, source, path);
    mem_free(path);
}

static void add_file(struct text_list *lines, struct known *known, const struct policy_file *file)
{
    size_t i;
    json_t *name;
    const char *slash = strchr(file->name, '/');
    json_t *modules = known_modules(known, file);
    add_line(lines, file->source, slash != NULL ? slash + 1 : file->name);
    json_array_foreach (modules, i, name)
        add_module(lines, file, json_string_value(name));
    json_decref(modules);
}

/* By path, then by digest. */
static int in_order(const void *a, const void *b)
{
    const char *const *one = a, *const *two = b;
    int paths = strcmp(*one + SHA256_HEX, *two + SHA256_HEX);
    return paths != 0 ? paths : strcmp(*one, *two);
}

static json_t *digest_of_lines(struct text_list *lines)
{
    unsigned char bytes[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct buf text;
    buf_init(&text, LINES_MAX);
    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof *lines->items, in_order);
    for (size_t i = 0; i < lines->count; i++) {
        if (i == 0 || strcmp(lines->items[i - 1], lines->items[i]) != 0)
            buf_adds(&text, lines->items[i]);
    }
    digest_sha256(buf_text(&text), text.len, bytes);
    digest_hex(bytes, sizeof bytes, hex);
    buf_clear(&text);
    return json_string(hex);
}

json_t *digests_of(struct known *known, struct policy_file *const *files, size_t count)
{
    struct text_list lines = {0};
    json_t *types = json_object();
    for (size_t i = 0; i < count; i++) {
        add_file(&lines, known, files[i]);
        json_object_set_new_nocheck(types, files[i]->policy.type,
                                    json_string(chunks_digest(files[i]->source)));
    }
    json_t *digests = json_pack("{s:o, s:o}", "sha256", digest_of_lines(&lines), "types", types);
    text_list_clear(&lines);
    return digests;
}
