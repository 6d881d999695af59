#include "bindings/policy/known.h"

#include <stdlib.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text_list.h"
#include "bindings/policy/require.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/host.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "value/json.h"

struct known {
    const char *text;
    json_t *index;   /* NULL until the first use */
    char *lib_dir;   /* of the policies that are looked up now */
    json_t *same;    /* the names of the modules there that are as the build knew them */
    json_t *digests; /* of the models that were looked at, by service; NULL: none yet */
};

struct known *known_new(const char *text)
{
    if (text == NULL)
        return NULL;
    struct known *known = mem_alloc(sizeof *known);
    known->text = text;
    return known;
}

void known_free(struct known *known)
{
    if (known == NULL)
        return;
    json_decref(known->index);
    json_decref(known->same);
    json_decref(known->digests);
    mem_free(known->lib_dir);
    mem_free(known);
}

/* ---- looking up ---- */

static const json_t *index_of(struct known *known)
{
    struct err err = {0};
    if (known->index == NULL)
        known->index = json_parse(known->text, strlen(known->text), &err);
    if (known->index == NULL) {
        log_debug("the index of the policies cannot be read: %s", err.message);
        known->index = json_object();
    }
    return known->index;
}

/* Policies of one directory see the same files: each module is looked at once. */
static void enter(struct known *known, const char *lib_dir)
{
    if (known->lib_dir != NULL && strcmp(known->lib_dir, lib_dir) == 0)
        return;
    mem_free(known->lib_dir);
    json_decref(known->same);
    known->lib_dir = mem_strdup(lib_dir);
    known->same = json_object();
}

static bool has_module(struct known *known, const char *name, const struct policy_file *file)
{
    struct err err = {0};
    if (json_object_get(known->same, name) != NULL)
        return true;
    const json_t *digest = json_object_get(json_object_get(index_of(known), "modules"), name);
    struct source_text *source =
        json_is_string(digest) ? require_source(file->host, file, name, &err) : NULL;
    if (source == NULL || strcmp(chunks_digest(source), json_string_value(digest)) != 0)
        return false;
    json_object_set_new_nocheck(known->same, name, json_true());
    return true;
}

static bool has_modules(struct known *known, const json_t *names, const struct policy_file *file)
{
    size_t i;
    json_t *name;
    enter(known, file->lib_dir);
    json_array_foreach (names, i, name) {
        if (!json_is_string(name) || !has_module(known, json_string_value(name), file))
            return false;
    }
    return json_is_array(names);
}

/* Several policies use one service: its file is looked at once. */
static const json_t *model_digest(struct known *known, const struct model_set *models,
                                  const char *service)
{
    char found[MODEL_DIGEST_HEX];
    if (known->digests == NULL)
        known->digests = json_object();
    const json_t *digest = json_object_get(known->digests, service);
    if (digest != NULL)
        return digest;
    model_file_digest(models, service, found);
    json_object_set_new_nocheck(known->digests, service, json_string_nocheck(found));
    return json_object_get(known->digests, service);
}

/* Without models, nothing is compared with them. */
static bool has_models(struct known *known, const json_t *digests, const struct policy_file *file)
{
    const char *service;
    json_t *digest;
    struct model_set *models = host_limits(file->host)->models;
    if (models == NULL)
        return true;
    json_object_foreach ((json_t *)digests, service, digest) {
        if (!json_equal(digest, model_digest(known, models, service)))
            return false;
    }
    return json_is_object(digests);
}

static const json_t *entry_of(struct known *known, const struct policy_file *file)
{
    return json_object_get(json_object_get(index_of(known), "policies"),
                           chunks_digest(file->source));
}

json_t *known_find(struct known *known, const struct policy_file *file)
{
    if (known == NULL)
        return NULL;
    const json_t *entry = entry_of(known, file);
    if (entry == NULL || !has_modules(known, json_object_get(entry, "requires"), file) ||
        !has_models(known, json_object_get(entry, "models"), file))
        return NULL;
    json_t *meta = json_copy(json_object_get(entry, "meta"));
    if (!json_is_object(meta)) {
        json_decref(meta);
        return NULL;
    }
    json_object_set_new_nocheck(meta, "file", json_string_nocheck(file->name));
    return meta;
}

/* ---- writing ---- */

/* The names of the modules that the file and its modules have required; sorted, so that the same
 * files give the same index. */
static int list_modules(lua_State *L)
{
    struct text_list *names = lua_touserdata(L, 1);
    lua_settop(L, 0);
    state_push(L, STATE_LOADED);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        const char *name = lua_tostring(L, -2);
        if (strcmp(name, "lib.none") != 0)
            text_list_add(names, name);
        lua_pop(L, 1);
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const char *const *one = a, *const *two = b;
    return strcmp(*one, *two);
}

/* NULL if there is not enough memory. */
static json_t *requires_of(const struct policy_file *file)
{
    struct err err = {0};
    struct text_list names = {0};
    json_t *requires =
        state_protect(file->state, &err, list_modules, &names) == 0 ? json_array() : NULL;
    if (names.count > 0)
        qsort(names.items, names.count, sizeof *names.items, by_name);
    for (size_t i = 0; i < names.count && requires != NULL; i++)
        json_array_append_new(requires, json_string_nocheck(names.items[i]));
    text_list_clear(&names);
    return requires;
}

json_t *known_modules(struct known *known, const struct policy_file *file)
{
    if (file->known)
        return json_incref(json_object_get(entry_of(known, file), "requires"));
    return file->state != NULL ? requires_of(file) : NULL;
}

static void add_modules(json_t *modules, const json_t *names, const struct policy_file *file)
{
    size_t i;
    json_t *name;
    json_array_foreach (names, i, name) {
        struct err err = {0};
        const char *module = json_string_value(name);
        struct source_text *source = require_source(file->host, file, module, &err);
        json_object_set_new_nocheck(modules, module, json_string(chunks_digest(source)));
    }
}

/* The digests of the models that validated these permissions. */
static void add_digests(json_t *digests, const json_t *permissions, struct model_set *models)
{
    char digest[MODEL_DIGEST_HEX];
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (permissions, i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *name = json_string_value(operation);
            char *service = mem_strndup(name, strcspn(name, ":"));
            model_file_digest(models, service, digest);
            json_object_set_new_nocheck(digests, service, json_string_nocheck(digest));
            mem_free(service);
        }
    }
}

static json_t *digests_of(const struct policy_file *file)
{
    struct model_set *models = host_limits(file->host)->models;
    const json_t *permissions = json_object_get(file->meta, "permissions");
    if (models == NULL)
        return json_null();
    json_t *digests = json_object();
    add_digests(digests, json_object_get(permissions, "read"), models);
    add_digests(digests, json_object_get(permissions, "write"), models);
    return digests;
}

static void write_file(json_t *index, const struct policy_file *file)
{
    json_t *requires = requires_of(file);
    if (requires == NULL)
        return;
    add_modules(json_object_get(index, "modules"), requires, file);
    json_object_set_new_nocheck(json_object_get(index, "policies"), chunks_digest(file->source),
                                json_pack("{s:o, s:o, s:O}", "requires", requires, "models",
                                          digests_of(file), "meta", file->meta));
}

json_t *known_write(struct policy_file *const *files, size_t count)
{
    json_t *index = json_pack("{s:{}, s:{}}", "modules", "policies");
    for (size_t i = 0; i < count; i++) {
        if (files[i]->state != NULL)
            write_file(index, files[i]);
    }
    return index;
}
