#include "aws/protocol/proto_headers.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/request.h"
#include "aws/protocol/shape.h"
#include "base/digest.h"
#include "value/json.h"

#define MAX_VALUE (64u << 10)

/* ---- requests ---- */

static bool is_token(const char *name)
{
    static const char others[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 section 5.6.2 */
    for (const char *at = name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr(others, *at) == NULL)
            return false;
    }
    return *name != '\0';
}

int proto_header(struct proto *proto, const char *name, const char *value, size_t length)
{
    if (!is_token(name))
        return err_set(proto->err, ERR_PARAM, "\"%s\" cannot be the name of a header", name);
    if (strlen(value) != length || strpbrk(value, "\r\n") != NULL)
        return err_set(proto->err, ERR_PARAM, "the header %s cannot contain line breaks or NUL",
                       name);
    if (proto_request_header(proto->request, name, value) != 0)
        return err_set(proto->err, ERR_LIMIT, "more than %d headers, or headers too long",
                       PROTO_MAX_HEADERS);
    return 0;
}

/* A text with a comma or a quote is quoted. */
static void add_quoted(struct buf *out, const char *text, size_t length)
{
    if (memchr(text, ',', length) == NULL && memchr(text, '"', length) == NULL) {
        buf_add(out, text, length);
        return;
    }
    buf_addc(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            buf_addc(out, '\\');
        buf_addc(out, text[i]);
    }
    buf_addc(out, '"');
}

static int list_text(struct proto *proto, struct buf *out, const struct model_shape_info *list,
                     const json_t *value)
{
    struct model_shape_info element;
    model_shape_info(proto->model, list->element, &element);
    const char *comma = "";
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (json_is_null(item))
            continue;
        buf_adds(out, comma);
        if (element.type == MODEL_STRING && json_is_string(item))
            add_quoted(out, json_string_value(item), json_string_length(item));
        else if (proto_scalar_write(proto, out, &element, item, MODEL_TIME_RFC822) != 0)
            return -1;
        comma = ",";
    }
    return 0;
}

static int json_value_text(struct buf *out, const json_t *value)
{
    struct buf text;
    buf_init(&text, MAX_VALUE);
    int result = json_write(value, &text);
    if (result == 0)
        result = base64_encode(buf_text(&text), text.len, out);
    buf_clear(&text);
    return result;
}

static int single_header(struct proto *proto, const struct model_member *member,
                         const struct model_shape_info *shape, const json_t *value)
{
    struct buf text;
    buf_init(&text, MAX_VALUE);
    int result = member->jsonvalue ? json_value_text(&text, value)
                 : shape->type == MODEL_LIST
                     ? list_text(proto, &text, shape, value)
                     : proto_scalar_write(proto, &text, shape, value, MODEL_TIME_RFC822);
    if (text.failed)
        result = err_set(proto->err, ERR_LIMIT, "%s is too long for a header", member->name);
    if (result == 0)
        result = proto_header(proto, member->location_name, buf_text(&text), text.len);
    buf_clear(&text);
    return result;
}

static int prefix_headers(struct proto *proto, const struct model_member *member,
                          const json_t *value)
{
    struct buf name;
    const char *key;
    json_t *item;
    int result = 0;
    buf_init(&name, MAX_VALUE);
    json_object_foreach ((json_t *)value, key, item) {
        size_t length;
        const char *bytes = proto_bytes(item, &length);
        buf_reset(&name);
        buf_addf(&name, "%s%s", member->has_location_name ? member->location_name : "", key);
        if (result == 0 && !json_is_null(item))
            result = proto_header(proto, buf_text(&name), bytes, length);
    }
    buf_clear(&name);
    return result;
}

int proto_header_member(struct proto *proto, const struct model_member *member, const json_t *value)
{
    struct model_shape_info shape;
    if (member->location == MODEL_HEADERS)
        return prefix_headers(proto, member, value);
    model_member_shape(proto->model, member, &shape);
    return single_header(proto, member, &shape, value);
}

/* ---- responses ---- */

/* Reads one element of a list at *at, and moves *at after it. An element is quoted, or ends at a
 * comma; a date of RFC 9110 contains a comma itself. */
static void next_element(const char **at, bool date, struct buf *out)
{
    const char *start = *at += strspn(*at, " \t");
    buf_reset(out);
    if (*start == '"') {
        for (start++; *start != '\0' && *start != '"'; start++) {
            if (*start == '\\' && start[1] != '\0')
                start++;
            buf_addc(out, *start);
        }
        *at = start + (*start == '"');
        *at += strcspn(*at, ",");
        return;
    }
    size_t length = strcspn(start, ",");
    if (date && isalpha((unsigned char)*start) && start[length] == ',')
        length += 1 + strcspn(start + length + 1, ",");
    *at = start + length;
    while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
        length--;
    buf_add(out, start, length);
}

static json_t *read_list(struct proto *proto, const struct model_shape_info *list,
                         const char *value)
{
    struct model_shape_info element;
    struct buf text;
    json_t *array = json_array();
    bool more = true;
    buf_init(&text, MAX_VALUE);
    model_shape_info(proto->model, list->element, &element);
    if (element.time == MODEL_TIME_DEFAULT)
        element.time = MODEL_TIME_RFC822;
    bool date = element.type == MODEL_TIMESTAMP && element.time == MODEL_TIME_RFC822;
    while (more && array != NULL) {
        next_element(&value, date, &text);
        json_t *item = proto_scalar_read(proto, &element, buf_text(&text), text.len);
        if (item != NULL) {
            json_array_append_new(array, item);
        } else {
            json_decref(array);
            array = NULL;
        }
        more = *value == ',';
        value += more;
    }
    buf_clear(&text);
    return array;
}

static json_t *read_json_value(struct proto *proto, const char *value)
{
    json_t *text = proto_blob_read(proto, value, strlen(value));
    if (text == NULL)
        return NULL;
    json_t *parsed = json_parse(json_string_value(text), json_string_length(text), proto->err);
    json_decref(text);
    return parsed;
}

static int read_single(struct proto *proto, const struct model_member *member, const char *value,
                       json_t *result)
{
    struct model_shape_info shape;
    model_member_shape(proto->model, member, &shape);
    json_t *read = member->jsonvalue ? read_json_value(proto, value)
                   : shape.type == MODEL_LIST
                       ? read_list(proto, &shape, value)
                       : proto_scalar_read(proto, &shape, value, strlen(value));
    /* S3 returns any text that was stored as Expires (botocore: handle_expires_header). */
    if (read == NULL && strcasecmp(member->location_name, "Expires") == 0)
        return 0;
    return read != NULL ? json_object_set_new_nocheck(result, member->name, read) : -1;
}

static json_t *read_prefix(const struct model_member *member, const struct http_response *response)
{
    const char *prefix = member->has_location_name ? member->location_name : "";
    size_t length = strlen(prefix);
    json_t *map = json_object();
    for (size_t i = 0; i < response->header_count; i++) {
        const struct http_header *header = &response->headers[i];
        if (strncasecmp(header->name, prefix, length) == 0)
            json_object_set_new_nocheck(map, header->name + length,
                                        json_string_nocheck(header->value));
    }
    return map;
}

static const char *header_of(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcasecmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    }
    return NULL;
}

static int read_member(struct proto *proto, const struct model_member *member,
                       const struct http_response *response, json_t *result)
{
    const char *value;
    switch (member->location) {
    case MODEL_HEADER:
        value = header_of(response, member->location_name);
        return value != NULL ? read_single(proto, member, value, result) : 0;
    case MODEL_HEADERS:
        return json_object_set_new(result, member->name, read_prefix(member, response));
    case MODEL_STATUS_CODE:
        return json_object_set_new(result, member->name, json_integer(response->status));
    default: return 0;
    }
}

int proto_header_members(struct proto *proto, const struct http_response *response, json_t *result)
{
    struct model_shape_info output;
    struct model_member member;
    model_shape_info(proto->model, proto->operation->output, &output);
    for (size_t i = 0; i < output.member_count; i++) {
        model_member_at(proto->model, proto->operation->output, i, &member);
        if (read_member(proto, &member, response, result) != 0)
            return -1;
    }
    return 0;
}
