#include "aws/model_compiler/members.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"
#include "aws/operations/opclass_table.h"
#include "base/mem.h"

#define MAX_MEMBERS 65535

static uint8_t index_in(const char *const *names, uint8_t count, const char *name)
{
    for (uint8_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return 0;
}

/* In the order of enum model_time. */
uint8_t time_format(const json_t *traits)
{
    static const char *const names[] = {"", "iso8601", "unixTimestamp", "rfc822"};
    return index_in(names, 4, text_of(traits, "timestampFormat"));
}

/* In the order of enum model_location. */
static uint8_t location_of(const json_t *traits)
{
    static const char *const names[] = {"",    "header",      "headers",
                                        "uri", "querystring", "statusCode"};
    return index_in(names, 6, text_of(traits, "location"));
}

void namespace_texts(struct builder *builder, const json_t *traits, model_text *uri,
                     model_text *prefix)
{
    const json_t *space = json_object_get(traits, "xmlNamespace");
    if (json_is_string(space))
        *uri = pool_add(&builder->pool, json_string_value(space));
    else
        *uri = pool_add(&builder->pool, text_of(space, "uri"));
    if (prefix != NULL)
        *prefix = pool_add(&builder->pool, text_of(space, "prefix"));
}

static unsigned trait_flags(const json_t *traits)
{
    static const struct {
        const char *key;
        enum model_member_flag flag;
    } flags[] = {
        {"flattened", MODEL_MEMBER_FLATTENED},        {"xmlAttribute", MODEL_MEMBER_XML_ATTRIBUTE},
        {"idempotencyToken", MODEL_MEMBER_TOKEN},     {"jsonvalue", MODEL_MEMBER_JSONVALUE},
        {"streaming", MODEL_MEMBER_STREAMING},        {"hostLabel", MODEL_MEMBER_HOST_LABEL},
        {"eventpayload", MODEL_MEMBER_EVENT_PAYLOAD}, {"sensitive", MODEL_MEMBER_SENSITIVE},
    };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (json_is_true(json_object_get(traits, flags[i].key)))
            found |= flags[i].flag;
    }
    return found;
}

static bool listed(const json_t *names, const char *name)
{
    size_t index;
    json_t *entry;
    json_array_foreach (names, index, entry) {
        if (json_is_string(entry) && strcmp(json_string_value(entry), name) == 0)
            return true;
    }
    return false;
}

static unsigned add_mark(struct builder *builder, const json_t *traits, uint32_t member)
{
    struct model_file_member_mark mark = {
        .member = member,
        .query_name = pool_add(&builder->pool, text_of(traits, "queryName")),
    };
    namespace_texts(builder, traits, &mark.xml_namespace, &mark.xml_prefix);
    if (mark.query_name == 0 && mark.xml_namespace == 0 && mark.xml_prefix == 0)
        return 0;
    buf_add(&builder->member_marks, &mark, sizeof mark);
    return MODEL_MEMBER_MARKED;
}

/* Flags from the review, beyond the model. A token for the next page is not a secret. */
static unsigned review_flags(const struct builder *builder, const struct model_file_shape *shape,
                             const char *name)
{
    const char *texts = builder->pool.bytes.data;
    if (strcasecmp(name, "nextToken") == 0)
        return MODEL_MEMBER_PLAIN;
    switch (review_member(texts + builder->header.name, texts + shape->name, name)) {
    case REVIEW_SECRET: return MODEL_MEMBER_SENSITIVE;
    case REVIEW_PLAIN: return MODEL_MEMBER_PLAIN;
    default: return 0;
    }
}

static int add_member(struct builder *builder, const char *name, const json_t *traits,
                      unsigned flags, struct err *err)
{
    struct model_file_member member = {.location = location_of(traits),
                                       .time = time_format(traits)};
    if (shape_handle(builder, traits, &member.shape, err) != 0)
        return err_prefix(err, "member \"%s\"", name);
    member.name = member.wire = pool_add(&builder->pool, name);
    flags |= trait_flags(traits);
    if (json_is_string(json_object_get(traits, "locationName"))) {
        member.wire = pool_add(&builder->pool, text_of(traits, "locationName"));
        flags |= MODEL_MEMBER_LOCATION_NAME;
    }
    flags |= add_mark(builder, traits, BUILDER_COUNT(builder, members, struct model_file_member));
    member.flags = (uint16_t)flags;
    buf_add(&builder->members, &member, sizeof member);
    return 0;
}

/* A member to be sorted. */
struct entry {
    const char *text;
    uint16_t position;
    uint8_t location;
};

/* Among equal names the body's member is first: decoders look for that one. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = strcmp(left->text, right->text);
    if (order == 0)
        order = (int)left->location - (int)right->location;
    return order != 0 ? order : (int)left->position - (int)right->position;
}

static void add_index(struct builder *builder, const struct model_file_shape *shape, bool by_wire,
                      struct buf *index)
{
    struct entry *entries = mem_alloc((shape->second + 1) * sizeof *entries);
    for (uint32_t i = 0; i < shape->second; i++) {
        struct model_file_member member;
        memcpy(&member, builder->members.data + (shape->first + i) * sizeof member, sizeof member);
        model_text text = by_wire ? member.wire : member.name;
        entries[i] = (struct entry){builder->pool.bytes.data + text, (uint16_t)i, member.location};
    }
    qsort(entries, shape->second, sizeof *entries, compare_entries);
    for (uint32_t i = 0; i < shape->second; i++)
        buf_add(index, &entries[i].position, sizeof entries[i].position);
    mem_free(entries);
}

int members_add(struct builder *builder, const json_t *structure, struct model_file_shape *shape,
                struct err *err)
{
    const json_t *members = json_object_get(structure, "members");
    const json_t *required = json_object_get(structure, "required");
    const char *name;
    json_t *traits;
    if (json_object_size(members) > MAX_MEMBERS)
        return err_set(err, ERR_LIMIT, "more than %d members", MAX_MEMBERS);
    shape->first = BUILDER_COUNT(builder, members, struct model_file_member);
    shape->second = (uint32_t)json_object_size(members);
    json_object_foreach ((json_t *)(uintptr_t)members, name, traits) {
        unsigned flags = review_flags(builder, shape, name) |
                         (listed(required, name) ? MODEL_MEMBER_REQUIRED : 0u);
        if (add_member(builder, name, traits, flags, err) != 0)
            return -1;
    }
    add_index(builder, shape, false, &builder->by_name);
    add_index(builder, shape, true, &builder->by_wire);
    return 0;
}
