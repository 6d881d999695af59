/* A service during compilation: the sections of its file, and the handles of its shapes. Serves the
 * files that fill the sections (metadata, operations, shapes, members, enums, paginators,
 * endpoints) and save, which writes them; calls pool. The source JSON is borrowed. */
#ifndef AWS_MODEL_COMPILER_BUILDER_H
#define AWS_MODEL_COMPILER_BUILDER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/model/model_format.h"
#include "aws/model_compiler/pool.h"
#include "base/buf.h"
#include "base/err.h"

struct builder {
    const json_t *model;      /* service-2.json */
    const json_t *shapes_in;  /* the shapes in it */
    const json_t *pagination; /* or NULL */
    json_t *handles;          /* shape name to handle */
    json_t *routes;           /* fixed endpoint parameters, as text, to the number of their route */
    struct pool pool;
    struct model_file_header header;
    /* The records of each section. */
    struct buf operations, errors, shapes, traits, enums, members, member_marks, by_name, by_wire,
        paginators, endpoints;
    size_t shapes_added; /* number of shapes whose members were added */
};

/* All sections of records, with the types of their records. */
#define BUILDER_EACH_SECTION(_)                                                                    \
    _(operations, struct model_file_operation)                                                     \
    _(errors, uint32_t)                                                                            \
    _(shapes, struct model_file_shape)                                                             \
    _(traits, struct model_file_traits)                                                            \
    _(enums, model_text)                                                                           \
    _(members, struct model_file_member)                                                           \
    _(member_marks, struct model_file_member_mark)                                                 \
    _(by_name, uint16_t)                                                                           \
    _(by_wire, uint16_t)                                                                           \
    _(paginators, struct model_file_paginator)                                                     \
    _(endpoints, struct model_file_endpoint)

#define BUILDER_COUNT(builder, section, type) ((uint32_t)((builder)->section.len / sizeof(type)))

void builder_init(struct builder *builder, const json_t *model, const json_t *pagination);
void builder_clear(struct builder *builder);

/* The handle of the shape that a reference names; MODEL_NOTHING for NULL. */
int shape_handle(struct builder *builder, const json_t *reference, uint32_t *handle,
                 struct err *err);

/* The text in a member of an object; "" if it is absent. */
const char *text_of(const json_t *object, const char *key);

#endif
