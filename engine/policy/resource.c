#include "policy/resource.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "value/format_version.h"
#include "value/json.h"

/* No AWS id is nearly this long; a longer text is not an id. */
#define MAX_MEMBER 4096
#define MAX_NUMBER 1000000
#define NOT_UTF8 "\xef\xbf\xbd" /* what json_text writes for such a byte */
#define UNPACKED 5              /* times the memory */

/* The member as a non-empty string without NUL; otherwise NULL with err. */
static const char *member_text(const json_t *line, const char *name, struct err *err)
{
    const json_t *value = json_object_get(line, name);
    if (value == NULL) {
        err_set(err, ERR_PARSE, "\"%s\" is missing", name);
        return NULL;
    }
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (text == NULL || length == 0 || length > MAX_MEMBER) {
        err_set(err, ERR_PARSE, "\"%s\" must be a string of 1 to %d characters", name, MAX_MEMBER);
        return NULL;
    }
    if (strlen(text) != length) {
        err_set(err, ERR_PARSE, "\"%s\" must not contain control characters", name);
        return NULL;
    }
    return text;
}

static int check_account(const char *account, struct err *err)
{
    if (strlen(account) == 12 && strspn(account, "0123456789") == 12)
        return 0;
    return err_set(err, ERR_PARSE, "\"account\" must be a string of 12 digits");
}

/* Region and type become parts of host names, file names and tables. */
static int check_word(const char *name, const char *text, const char *marks, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (const char *c = text; *c != '\0'; c++) {
        if (strchr(letters, *c) == NULL && strchr(marks, *c) == NULL)
            return err_set(err, ERR_PARSE, "\"%s\" must be lower-case letters, digits and '%s'",
                           name, marks);
    }
    return 0;
}

static int member_number(const json_t *line, const char *name, int *number, struct err *err)
{
    const json_t *value = json_object_get(line, name);
    json_int_t given = json_integer_value(value);
    if (value != NULL && (!json_is_integer(value) || given < 0 || given > MAX_NUMBER))
        return err_set(err, ERR_PARSE, "\"%s\" must be a whole number from 0 to %d", name,
                       MAX_NUMBER);
    *number = (int)given;
    return 0;
}

static void copy_texts(struct resource *resource, const json_t *line)
{
    resource->account = mem_strdup(json_get_string(line, "account", ""));
    resource->region = mem_strdup(json_get_string(line, "region", ""));
    resource->type = mem_strdup(json_get_string(line, "type", ""));
    resource->id = mem_strdup(json_get_string(line, "id", ""));
}

static int read_members(struct resource *resource, const json_t *line, struct err *err)
{
    if (format_version_check(line, LINE_FORMAT_KEY, LINE_FORMAT, err) != 0)
        return -1;
    const char *account = member_text(line, "account", err);
    if (account == NULL || check_account(account, err) != 0)
        return -1;
    const char *region = member_text(line, "region", err);
    if (region == NULL || check_word("region", region, "-", err) != 0)
        return -1;
    const char *type = member_text(line, "type", err);
    if (type == NULL || check_word("type", type, "_", err) != 0)
        return -1;
    const char *id = member_text(line, "id", err);
    if (id == NULL || member_number(line, "delay", &resource->delay, err) != 0 ||
        member_number(line, "attempt", &resource->attempt, err) != 0)
        return -1;
    copy_texts(resource, line);
    return 0;
}

struct resource *resource_from_json(const json_t *line, struct err *err)
{
    if (!json_is_object(line)) {
        err_set(err, ERR_PARSE, "a resource line must be a JSON object");
        return NULL;
    }
    struct resource *resource = mem_alloc(sizeof *resource);
    if (read_members(resource, line, err) != 0) {
        resource_free(resource);
        return NULL;
    }
    resource->line = json_incref((json_t *)(uintptr_t)line);
    return resource;
}

struct resource *resource_parse(const char *text, size_t length, struct err *err)
{
    json_t *line = json_parse_line(text, length, err);
    if (line == NULL) {
        err_prefix(err, "this is not JSON");
        return NULL;
    }
    struct resource *resource = resource_from_json(line, err);
    json_decref(line);
    return resource;
}

struct resource *resource_new(const char *account, const char *region, const char *type,
                              const char *id)
{
    struct resource *resource = mem_alloc(sizeof *resource);
    resource->account = mem_strdup(account);
    resource->region = mem_strdup(region);
    resource->type = mem_strdup(type);
    resource->id = mem_strdup(id);
    resource->line = json_object();
    return resource;
}

static void free_members(struct resource *resource)
{
    mem_free(resource->account);
    mem_free(resource->region);
    mem_free(resource->type);
    mem_free(resource->id);
    json_decref(resource->line);
    resource->account = resource->region = resource->type = resource->id = NULL;
    resource->line = NULL;
}

void resource_free(struct resource *resource)
{
    if (resource == NULL)
        return;
    free_members(resource);
    mem_free(resource->packed);
    mem_free(resource->listed);
    mem_free(resource);
}

static void put_number(json_t *line, const char *name, int number)
{
    if (number != 0)
        json_object_set_new(line, name, json_integer(number));
    else
        json_object_del(line, name);
}

json_t *resource_to_json(const struct resource *resource)
{
    json_t *line = json_object();
    json_object_set_new_nocheck(line, "account", json_string_nocheck(resource->account));
    json_object_set_new_nocheck(line, "region", json_string_nocheck(resource->region));
    json_object_set_new_nocheck(line, "type", json_string_nocheck(resource->type));
    json_object_set_new_nocheck(line, "id", json_string_nocheck(resource->id));
    json_object_update_missing(line, resource->line);
    put_number(line, "delay", resource->delay);
    put_number(line, "attempt", resource->attempt);
    return line;
}

/* Has the line the four members that every line has, and no others? */
static bool is_plain(const struct resource *resource)
{
    const json_t *line = resource->line;
    return json_object_size(line) == 4 && json_object_get(line, "account") != NULL &&
           json_object_get(line, "region") != NULL && json_object_get(line, "type") != NULL &&
           json_object_get(line, "id") != NULL && resource->delay == 0 && resource->attempt == 0;
}

static char *append(char *to, const char *text)
{
    return stpcpy(to, text) + 1;
}

/* The four texts, one after another. JSON text begins with a brace, but an account with a digit. */
static size_t pack_plainly(struct resource *resource)
{
    size_t bytes = strlen(resource->account) + strlen(resource->region) + strlen(resource->type) +
                   strlen(resource->id) + 4;
    char *packed = mem_alloc(bytes);
    char *end = append(append(packed, resource->account), resource->region);
    append(append(end, resource->type), resource->id);
    free_members(resource);
    resource->packed = packed;
    return bytes;
}

static json_t *unpack_plainly(const char *packed)
{
    static const char *const names[] = {"account", "region", "type", "id"};
    json_t *line = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_object_set_new_nocheck(line, names[i], json_string_nocheck(packed));
        packed += strlen(packed) + 1;
    }
    return line;
}

size_t resource_pack(struct resource *resource)
{
    size_t listed = resource->listed != NULL ? strlen(resource->listed) : 0;
    if (is_plain(resource))
        return sizeof *resource + pack_plainly(resource) + listed;
    json_t *line = resource_to_json(resource);
    char *text = json_text(line);
    json_decref(line);
    size_t bytes = sizeof *resource + strlen(text) + listed;
    /* An id that is not UTF-8 would come back as another one. */
    if (strstr(text, NOT_UTF8) != NULL) {
        mem_free(text);
        return UNPACKED * bytes;
    }
    free_members(resource);
    resource->packed = mem_resize(text, strlen(text) + 1); /* its buffer had room for more */
    return bytes;
}

void resource_unpack(struct resource *resource)
{
    if (resource->packed == NULL)
        return;
    json_t *line = resource->packed[0] == '{'
                       ? json_parse_line(resource->packed, strlen(resource->packed), NULL)
                       : unpack_plainly(resource->packed);
    copy_texts(resource, line);
    resource->line = line;
    mem_free(resource->packed);
    resource->packed = NULL;
}

struct log_subject resource_subject(const struct resource *resource)
{
    return (struct log_subject){.account = resource->account,
                                .region = resource->region,
                                .type = resource->type,
                                .id = resource->id};
}
