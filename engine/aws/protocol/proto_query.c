#include "aws/protocol/proto_query.h"

#include <string.h>

#include "aws/protocol/proto_headers.h"
#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/proto_xml_decode.h"
#include "aws/protocol/shape.h"

#define MAX_PREFIX 4096u

struct query {
    struct proto *proto;
    const struct query_dialect *dialect;
    struct buf prefix; /* name of the value being written: "Tags.member.2.Key" */
    bool named;        /* the current member has a wire name of its own */
};

static int write_value(struct query *query, const struct model_shape_info *shape,
                       model_shape handle, const json_t *value);

static void cut(struct query *query, size_t length)
{
    query->prefix.len = length;
    if (query->prefix.data != NULL)
        query->prefix.data[length] = '\0';
}

static void dot(struct query *query)
{
    if (query->prefix.len > 0)
        buf_addc(&query->prefix, '.');
}

static int write_structure(struct query *query, const struct model_shape_info *shape,
                           model_shape handle, const json_t *value)
{
    struct model_member member;
    struct model_shape_info inner;
    size_t length = query->prefix.len;
    for (size_t i = 0; i < shape->member_count; i++) {
        model_member_at(query->proto->model, handle, i, &member);
        const json_t *given = proto_value(value, &member);
        if (given == NULL)
            continue;
        model_member_shape(query->proto->model, &member, &inner);
        dot(query);
        query->dialect->member_name(&member, &query->prefix);
        query->named = member.has_location_name;
        if (write_value(query, &inner, member.shape, given) != 0)
            return -1;
        cut(query, length);
    }
    return 0;
}

static int write_list(struct query *query, const struct model_shape_info *shape,
                      const json_t *value)
{
    size_t count = json_array_size(value), length = query->prefix.len;
    if (count == 0 && query->dialect->writes_empty_lists)
        return proto_pair(&query->proto->request->body, query->prefix.data, length, "", 0);
    struct model_shape_info element;
    model_shape_info(query->proto->model, shape->element, &element);
    query->dialect->list_name(shape, query->named, &query->prefix);
    size_t stem = query->prefix.len;
    for (size_t i = 0; i < count; i++) {
        buf_addf(&query->prefix, ".%zu", i + 1);
        if (write_value(query, &element, shape->element, json_array_get(value, i)) != 0)
            return -1;
        cut(query, stem);
    }
    return 0;
}

static int write_key(struct query *query, const struct model_shape_info *shape, const char *key)
{
    size_t length = query->prefix.len;
    buf_addf(&query->prefix, ".%s", shape->key_name[0] != '\0' ? shape->key_name : "key");
    int result = proto_pair(&query->proto->request->body, buf_text(&query->prefix),
                            query->prefix.len, key, strlen(key));
    cut(query, length);
    return result;
}

static int write_map(struct query *query, const struct model_shape_info *shape, const json_t *value)
{
    struct model_shape_info element;
    size_t number = 0;
    const char *key;
    json_t *item;
    model_shape_info(query->proto->model, shape->element, &element);
    if (!shape->flattened)
        buf_adds(&query->prefix, ".entry");
    size_t stem = query->prefix.len;
    json_object_foreach ((json_t *)value, key, item) {
        buf_addf(&query->prefix, ".%zu", ++number);
        write_key(query, shape, key);
        buf_addf(&query->prefix, ".%s",
                 shape->element_name[0] != '\0' ? shape->element_name : "value");
        if (write_value(query, &element, shape->element, item) != 0)
            return -1;
        cut(query, stem);
    }
    return 0;
}

static int write_container(struct query *query, const struct model_shape_info *shape,
                           model_shape handle, const json_t *value)
{
    if (proto_enter(query->proto) != 0)
        return -1;
    int result = shape->type == MODEL_STRUCTURE ? write_structure(query, shape, handle, value)
                 : shape->type == MODEL_LIST    ? write_list(query, shape, value)
                                                : write_map(query, shape, value);
    proto_leave(query->proto);
    return result;
}

static int write_value(struct query *query, const struct model_shape_info *shape,
                       model_shape handle, const json_t *value)
{
    if (query->prefix.failed)
        return err_set(query->proto->err, ERR_LIMIT, "a parameter's name is too long");
    if (shape->type == MODEL_STRUCTURE || shape->type == MODEL_LIST || shape->type == MODEL_MAP)
        return write_container(query, shape, handle, value);
    if (json_is_null(value))
        return 0;
    return proto_scalar_pair(query->proto, &query->proto->request->body, buf_text(&query->prefix),
                             shape, value, MODEL_TIME_ISO8601);
}

/* A space is '+' in a form (HTML 4.01, 17.13.4). In percent-encoded text, "%20" can only be a
 * space. */
static void spaces_as_plus(struct buf *body)
{
    char *to = body->data;
    for (const char *from = body->data; *from != '\0';) {
        bool blank = strncmp(from, "%20", 3) == 0;
        *to++ = blank ? '+' : *from;
        from += blank ? 3 : 1;
    }
    *to = '\0';
    body->len = (size_t)(to - body->data);
}

int proto_query_encode(struct proto *proto, const json_t *params,
                       const struct query_dialect *dialect)
{
    struct buf *body = &proto->request->body;
    struct query query = {.proto = proto, .dialect = dialect};
    struct model_shape_info input;
    static const char type[] = "application/x-www-form-urlencoded; charset=utf-8";
    buf_adds(&proto->request->path, "/");
    proto_header(proto, "Content-Type", type, sizeof type - 1);
    buf_addf(body, "Action=%s&Version=%s", proto->operation->name, proto->service->api_version);
    if (proto->operation->input == MODEL_NO_SHAPE)
        return 0;
    buf_init(&query.prefix, MAX_PREFIX);
    model_shape_info(proto->model, proto->operation->input, &input);
    int result = write_value(&query, &input, proto->operation->input, params);
    buf_clear(&query.prefix);
    if (result == 0)
        spaces_as_plus(body);
    return result;
}

static void member_name(const struct model_member *member, struct buf *prefix)
{
    buf_adds(prefix, member->location_name);
}

/* A flattened list without a wire name of its own uses that of its element. */
static void list_name(const struct model_shape_info *list, bool own_name, struct buf *prefix)
{
    bool named = list->element_name[0] != '\0';
    if (!list->flattened) {
        buf_addf(prefix, ".%s", named ? list->element_name : "member");
    } else if (named && !own_name) {
        const char *last = strrchr(buf_text(prefix), '.');
        prefix->len = last != NULL ? (size_t)(last - prefix->data) + 1 : 0;
        buf_adds(prefix, list->element_name);
    }
}

int query_encode(struct proto *proto, const json_t *params)
{
    static const struct query_dialect dialect = {member_name, list_name, true};
    return proto_query_encode(proto, params, &dialect);
}

/* A result that should be wrapped and is not would be read as empty. */
static const struct xml_node *result_of(struct proto *proto, const struct xml_node *root)
{
    const char *wrapper = proto->operation->result_wrapper;
    if (wrapper[0] == '\0')
        return root;
    const struct xml_node *result = xml_child(root, wrapper);
    if (result == NULL)
        err_set(proto->err, ERR_PARSE, "the response has no %s in its %s", wrapper, root->name);
    return result;
}

static bool says_nothing(const struct proto *proto)
{
    struct model_shape_info output;
    if (proto->operation->output == MODEL_NO_SHAPE)
        return true;
    model_shape_info(proto->model, proto->operation->output, &output);
    return output.member_count == 0;
}

int query_decode(struct proto *proto, const struct http_response *response, json_t **result)
{
    struct model_shape_info output;
    if (response->body_length == 0 && says_nothing(proto)) {
        *result = json_object();
        return 0;
    }
    struct xml_document *document = proto_xml_parse(proto, response);
    if (document == NULL)
        return -1;
    const struct xml_node *start = xml_root(document);
    if (says_nothing(proto)) {
        *result = json_object();
    } else if ((start = result_of(proto, start)) != NULL) {
        model_shape_info(proto->model, proto->operation->output, &output);
        *result = proto_xml_read(proto, &output, proto->operation->output, start);
    }
    xml_free(document);
    return *result != NULL ? 0 : -1;
}
