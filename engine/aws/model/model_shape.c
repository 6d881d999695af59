#include "aws/model/model_shape.h"

#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "aws/model/model_map.h"

static const struct model_file_shape *shape_at(const struct model *model, model_shape shape)
{
    static const struct model_file_shape none = {.traits = MODEL_NOTHING};
    const struct model_file_shape *found =
        MODEL_RECORD(model, shapes, struct model_file_shape, shape);
    return found != NULL ? found : &none;
}

static enum model_type type_of(const struct model_file_shape *shape)
{
    return shape->type <= MODEL_DOCUMENT ? (enum model_type)shape->type : MODEL_DOCUMENT;
}

static enum model_time time_of(uint8_t time)
{
    return time <= MODEL_TIME_RFC822 ? (enum model_time)time : MODEL_TIME_DEFAULT;
}

static void fill_traits(const struct model *model, uint32_t index, struct model_shape_info *info)
{
    static const struct model_file_traits none;
    const struct model_file_traits *traits =
        MODEL_RECORD(model, traits, struct model_file_traits, index);
    if (traits == NULL)
        traits = &none;
    info->element_name = model_text_at(model, traits->element_name);
    info->key_name = model_text_at(model, traits->key_name);
    info->element_namespace = model_text_at(model, traits->element_namespace);
    info->payload = model_text_at(model, traits->payload);
    info->xml_name = model_text_at(model, traits->xml_name);
    info->xml_namespace = model_text_at(model, traits->xml_namespace);
    info->xml_prefix = model_text_at(model, traits->xml_prefix);
}

void model_shape_info(const struct model *model, model_shape shape, struct model_shape_info *info)
{
    const struct model_file_shape *record = shape_at(model, shape);
    info->name = model_text_at(model, record->name);
    info->type = type_of(record);
    info->time = time_of(record->time);
    bool list = info->type == MODEL_LIST, map = info->type == MODEL_MAP;
    info->element = list || map ? record->first : MODEL_NO_SHAPE;
    info->key = map ? record->second : MODEL_NO_SHAPE;
    info->member_count = info->type == MODEL_STRUCTURE ? record->second : 0;
    info->enum_count = info->type == MODEL_STRING ? record->second : 0;
    fill_traits(model, record->traits, info);
    info->flattened = (record->flags & MODEL_SHAPE_FLATTENED) != 0;
    info->sparse = (record->flags & MODEL_SHAPE_SPARSE) != 0;
    info->streaming = (record->flags & MODEL_SHAPE_STREAMING) != 0;
    info->is_union = (record->flags & MODEL_SHAPE_UNION) != 0;
    info->document = (record->flags & MODEL_SHAPE_DOCUMENT) != 0;
    info->error = (record->flags & MODEL_SHAPE_ERROR) != 0;
    info->sensitive = (record->flags & MODEL_SHAPE_SENSITIVE) != 0;
    info->guarded = (record->flags & MODEL_SHAPE_GUARDED) != 0;
}

const char *model_enum_at(const struct model *model, model_shape shape, size_t index)
{
    const struct model_file_shape *record = shape_at(model, shape);
    bool there = type_of(record) == MODEL_STRING && index < record->second;
    const model_text *text =
        there ? MODEL_RECORD(model, enums, model_text, record->first + index) : NULL;
    return text != NULL ? model_text_at(model, *text) : "";
}

static const struct model_file_member_mark *mark_of(const struct model *model, uint32_t member)
{
    uint32_t low = 0, high = model->header->member_marks.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct model_file_member_mark *mark =
            MODEL_RECORD(model, member_marks, struct model_file_member_mark, middle);
        if (mark->member == member)
            return mark;
        if (mark->member < member)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void fill_marks(const struct model *model, uint32_t index, uint16_t flags,
                       struct model_member *member)
{
    static const struct model_file_member_mark none;
    const struct model_file_member_mark *mark =
        (flags & MODEL_MEMBER_MARKED) != 0 ? mark_of(model, index) : NULL;
    if (mark == NULL)
        mark = &none;
    member->query_name = model_text_at(model, mark->query_name);
    member->xml_namespace = model_text_at(model, mark->xml_namespace);
    member->xml_prefix = model_text_at(model, mark->xml_prefix);
}

static void fill_member(const struct model *model, uint32_t index, struct model_member *member)
{
    static const struct model_file_member none = {.shape = MODEL_NOTHING};
    const struct model_file_member *record =
        MODEL_RECORD(model, members, struct model_file_member, index);
    if (record == NULL)
        record = &none;
    member->name = model_text_at(model, record->name);
    member->location_name = model_text_at(model, record->wire);
    member->shape = record->shape;
    member->location =
        record->location <= MODEL_STATUS_CODE ? (enum model_location)record->location : MODEL_BODY;
    member->time = time_of(record->time);
    fill_marks(model, index, record->flags, member);
    member->has_location_name = (record->flags & MODEL_MEMBER_LOCATION_NAME) != 0;
    member->required = (record->flags & MODEL_MEMBER_REQUIRED) != 0;
    member->flattened = (record->flags & MODEL_MEMBER_FLATTENED) != 0;
    member->xml_attribute = (record->flags & MODEL_MEMBER_XML_ATTRIBUTE) != 0;
    member->idempotency_token = (record->flags & MODEL_MEMBER_TOKEN) != 0;
    member->jsonvalue = (record->flags & MODEL_MEMBER_JSONVALUE) != 0;
    member->streaming = (record->flags & MODEL_MEMBER_STREAMING) != 0;
    member->host_label = (record->flags & MODEL_MEMBER_HOST_LABEL) != 0;
    member->event_payload = (record->flags & MODEL_MEMBER_EVENT_PAYLOAD) != 0;
    member->sensitive = (record->flags & MODEL_MEMBER_SENSITIVE) != 0;
    member->plain = (record->flags & MODEL_MEMBER_PLAIN) != 0;
}

void model_member_at(const struct model *model, model_shape structure, size_t index,
                     struct model_member *member)
{
    const struct model_file_shape *record = shape_at(model, structure);
    bool there = type_of(record) == MODEL_STRUCTURE && index < record->second;
    fill_member(model, there ? record->first + (uint32_t)index : MODEL_NOTHING, member);
}

void model_member_shape(const struct model *model, const struct model_member *member,
                        struct model_shape_info *shape)
{
    model_shape_info(model, member->shape, shape);
    if (member->time != MODEL_TIME_DEFAULT)
        shape->time = member->time;
    if (member->xml_namespace[0] != '\0') {
        shape->xml_namespace = member->xml_namespace;
        shape->xml_prefix = member->xml_prefix;
    }
    shape->flattened |= member->flattened;
}

/* A member's name or wire name, by its position in one of the sorted indexes. */
struct member_order {
    const struct model *model;
    const struct model_file_shape *shape;
    bool by_wire;
};

static uint32_t ordered_member(const struct member_order *order, uint32_t position)
{
    uint32_t at = order->shape->first + position;
    const uint16_t *index = order->by_wire ? MODEL_RECORD(order->model, by_wire, uint16_t, at)
                                           : MODEL_RECORD(order->model, by_name, uint16_t, at);
    return index != NULL ? order->shape->first + *index : MODEL_NOTHING;
}

static const char *ordered_name(const struct member_order *order, uint32_t position)
{
    const struct model_file_member *member = MODEL_RECORD(
        order->model, members, struct model_file_member, ordered_member(order, position));
    if (member == NULL)
        return "";
    return model_text_at(order->model, order->by_wire ? member->wire : member->name);
}

/* Finds the first of equal names: several members may share a wire name, and the one in the body is
 * first. */
static bool find_member(const struct member_order *order, const char *name,
                        struct model_member *member)
{
    if (type_of(order->shape) != MODEL_STRUCTURE)
        return false;
    uint32_t low = 0, high = order->shape->second;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(ordered_name(order, middle), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == order->shape->second || strcmp(ordered_name(order, low), name) != 0)
        return false;
    fill_member(order->model, ordered_member(order, low), member);
    return true;
}

bool model_member_find(const struct model *model, model_shape structure, const char *name,
                       struct model_member *member)
{
    struct member_order order = {model, shape_at(model, structure), false};
    return find_member(&order, name, member);
}

bool model_member_by_wire(const struct model *model, model_shape structure, const char *wire,
                          struct model_member *member)
{
    struct member_order order = {model, shape_at(model, structure), true};
    return find_member(&order, wire, member);
}
