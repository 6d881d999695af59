#include "aws/model/model_field.h"

#include <string.h>

#include "aws/model/model_internal.h"
#include "base/mem.h"

/* Names of one structure often differ only in length, or at the beginning, or at the end. */
static struct model_found **place_of(const struct model *model, model_shape structure,
                                     const char *name, bool by_wire)
{
    size_t length = strlen(name);
    const unsigned char *bytes = (const unsigned char *)name;
    uint32_t hash = structure * 2u + by_wire;
    if (length > 0)
        hash = ((hash * 31u + bytes[0]) * 31u + bytes[length / 2]) * 31u + bytes[length - 1];
    hash = hash * 31u + (uint32_t)length;
    return &model->found[(hash ^ hash >> 8) % MODEL_PLACES];
}

static bool is_same(const struct model_found *found, model_shape structure, const char *name,
                    bool by_wire)
{
    const struct model_member *member = &found->field.member;
    return found->structure == structure && found->by_wire == by_wire &&
           strcmp(by_wire ? member->location_name : member->name, name) == 0;
}

static struct model_found *find(const struct model *model, model_shape structure, const char *name,
                                bool by_wire)
{
    struct model_member member;
    bool there = by_wire ? model_member_by_wire(model, structure, name, &member)
                         : model_member_find(model, structure, name, &member);
    if (!there)
        return NULL;
    struct model_found *found = mem_alloc(sizeof *found);
    found->structure = structure;
    found->by_wire = by_wire;
    found->field.member = member;
    model_member_shape(model, &member, &found->field.shape);
    return found;
}

static const struct model_field *look_up(const struct model *model, model_shape structure,
                                         const char *name, bool by_wire)
{
    struct model_found **place = place_of(model, structure, name, by_wire), *found = *place;
    while (found != NULL && !is_same(found, structure, name, by_wire))
        found = found->next;
    if (found != NULL)
        return &found->field;
    found = find(model, structure, name, by_wire);
    if (found == NULL)
        return NULL;
    found->next = *place;
    *place = found;
    return &found->field;
}

const struct model_field *model_field_find(const struct model *model, model_shape structure,
                                           const char *name)
{
    return look_up(model, structure, name, false);
}

const struct model_field *model_field_by_wire(const struct model *model, model_shape structure,
                                              const char *wire)
{
    return look_up(model, structure, wire, true);
}
