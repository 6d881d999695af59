#include "aws/protocol/proto_scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aws/protocol/proto_time.h"
#include "aws/protocol/shape.h"
#include "base/digest.h"
#include "value/json.h"
#include "value/uri.h"

#define MAX_SCALAR (8u << 20)

static int wrong_type(const struct proto *proto, const struct model_shape_info *shape)
{
    return err_set(proto->err, ERR_PARAM, "a value of %s has the wrong type", shape->name);
}

static int write_integer(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                         const json_t *value)
{
    if (json_is_integer(value))
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value) && fabs(json_real_value(value)) < 9e15)
        return buf_addf(out, "%.0f", json_real_value(value));
    if (json_is_string(value))
        return buf_add(out, json_string_value(value), json_string_length(value));
    return wrong_type(proto, shape);
}

/* "NaN", "Infinity" and "-Infinity" are passed as strings. */
static int write_float(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                       const json_t *value)
{
    if (json_is_string(value))
        return buf_add(out, json_string_value(value), json_string_length(value));
    return json_is_number(value) ? json_write(value, out) : wrong_type(proto, shape);
}

static int write_time(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                      const json_t *value, enum model_time format)
{
    struct proto_time time;
    if (shape->time != MODEL_TIME_DEFAULT)
        format = shape->time;
    if (proto_time_of(value, &time) != 0)
        return err_set(proto->err, ERR_PARAM,
                       "a value of %s is not a time: use epoch seconds or RFC 3339 text",
                       shape->name);
    return proto_time_write(out, &time, format);
}

static int write_text(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                      const json_t *value)
{
    if (json_is_string(value))
        return buf_add(out, json_string_value(value), json_string_length(value));
    return json_is_number(value) ? json_write(value, out) : wrong_type(proto, shape);
}

int proto_scalar_write(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                       const json_t *value, enum model_time format)
{
    size_t length;
    switch (shape->type) {
    case MODEL_BOOLEAN:
        return json_is_boolean(value) ? buf_adds(out, json_is_true(value) ? "true" : "false")
                                      : wrong_type(proto, shape);
    case MODEL_INTEGER:
    case MODEL_LONG: return write_integer(proto, out, shape, value);
    case MODEL_FLOAT:
    case MODEL_DOUBLE: return write_float(proto, out, shape, value);
    case MODEL_TIMESTAMP: return write_time(proto, out, shape, value, format);
    case MODEL_BLOB: {
        const char *bytes = proto_bytes(value, &length);
        return base64_encode(bytes, length, out);
    }
    default: return write_text(proto, out, shape, value);
    }
}

static int separate(struct buf *out)
{
    return out->len > 0 ? buf_addc(out, '&') : 0;
}

int proto_pair(struct buf *out, const char *name, size_t name_length, const char *value,
               size_t length)
{
    separate(out);
    uri_encode(out, name, name_length, false);
    buf_addc(out, '=');
    return uri_encode(out, value, length, false);
}

int proto_scalar_pair(struct proto *proto, struct buf *out, const char *name,
                      const struct model_shape_info *shape, const json_t *value,
                      enum model_time format)
{
    if (json_is_string(value) && shape->type == MODEL_STRING)
        return proto_pair(out, name, strlen(name), json_string_value(value),
                          json_string_length(value));
    struct buf text;
    buf_init(&text, MAX_SCALAR);
    int result = proto_scalar_write(proto, &text, shape, value, format);
    if (result == 0)
        result = proto_pair(out, name, strlen(name), buf_text(&text), text.len);
    buf_clear(&text);
    return result;
}

static json_t *bad_text(const struct proto *proto, const struct model_shape_info *shape,
                        const char *what)
{
    err_set(proto->err, ERR_PARSE, "the response's value of %s is not of type %s", shape->name,
            what);
    return NULL;
}

static bool only_space(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static json_t *read_integer(struct proto *proto, const struct model_shape_info *shape,
                            const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || !only_space(end) || errno != 0)
        return bad_text(proto, shape, "integer");
    return json_integer(number);
}

static json_t *read_float(struct proto *proto, const struct model_shape_info *shape,
                          const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || !only_space(end) || strpbrk(text, "xX") != NULL)
        return bad_text(proto, shape, "number");
    if (isnan(number))
        return json_string("NaN");
    if (isinf(number))
        return json_string(number < 0 ? "-Infinity" : "Infinity");
    return json_real(number);
}

static json_t *read_time(struct proto *proto, const struct model_shape_info *shape,
                         const char *text)
{
    struct proto_time time;
    if (proto_time_parse(text, &time) != 0)
        return bad_text(proto, shape, "time");
    return proto_time_json(&time);
}

/* Removes line breaks from encoded text. */
static void add_without_breaks(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isspace((unsigned char)text[i]))
            buf_addc(out, text[i]);
    }
}

json_t *proto_blob_read(struct proto *proto, const char *text, size_t length)
{
    struct buf bytes, squeezed;
    buf_init(&bytes, length + 1);
    buf_init(&squeezed, length + 1);
    int result = base64_decode(text, length, &bytes);
    if (result != 0) {
        buf_reset(&bytes);
        add_without_breaks(&squeezed, text, length);
        result = base64_decode(buf_text(&squeezed), squeezed.len, &bytes);
    }
    json_t *blob = NULL;
    if (result == 0)
        blob = json_stringn_nocheck(buf_text(&bytes), bytes.len);
    else
        err_set(proto->err, ERR_PARSE, "the response contains a blob that is not base64");
    buf_clear(&squeezed);
    buf_clear(&bytes);
    return blob;
}

json_t *proto_scalar_read(struct proto *proto, const struct model_shape_info *shape,
                          const char *text, size_t length)
{
    switch (shape->type) {
    case MODEL_BOOLEAN: return json_boolean(strcmp(text, "true") == 0);
    case MODEL_INTEGER:
    case MODEL_LONG: return read_integer(proto, shape, text);
    case MODEL_FLOAT:
    case MODEL_DOUBLE: return read_float(proto, shape, text);
    case MODEL_TIMESTAMP: return read_time(proto, shape, text);
    case MODEL_BLOB: return proto_blob_read(proto, text, length);
    default: return json_stringn_nocheck(text, length);
    }
}
