/* Shapes and their members. Serves the protocols and code that checks values; calls model_map. */
#ifndef AWS_MODEL_MODEL_SHAPE_H
#define AWS_MODEL_MODEL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/model/model.h"

struct model_shape_info {
    const char *name;
    enum model_type type;
    enum model_time time;          /* timestampFormat on the shape */
    model_shape element;           /* list: member; map: value */
    model_shape key;               /* map: key */
    const char *element_name;      /* locationName of list member / map value, or "" */
    const char *key_name;          /* locationName of map key, or "" */
    const char *element_namespace; /* xmlNamespace of list member, or "" */
    const char *payload;           /* structure: name of the payload member, or "" */
    const char *xml_name;          /* locationName on the shape itself, or "" */
    const char *xml_namespace;     /* xmlNamespace uri on the shape, or "" */
    const char *xml_prefix;        /* xmlNamespace prefix, or "" */
    bool flattened;
    bool sparse;
    bool streaming; /* blob */
    bool is_union;  /* exactly one member set */
    bool document;
    bool error;          /* an exception */
    bool sensitive;      /* trait "sensitive" */
    bool guarded;        /* the shape, or a part of it, is sensitive */
    size_t member_count; /* structure */
    size_t enum_count;   /* string: number of values that the model lists */
};
void model_shape_info(const struct model *model, model_shape shape, struct model_shape_info *info);

/* One of the values that the model lists for a string; "" beyond the last. */
const char *model_enum_at(const struct model *model, model_shape shape, size_t index);

struct model_member {
    const char *name;
    const char *location_name; /* wire name; equals name if the model gives none */
    bool has_location_name;
    const char *query_name; /* ec2: queryName, or "" */
    model_shape shape;
    enum model_location location;
    enum model_time time;      /* timestampFormat on the member */
    const char *xml_namespace; /* or "" */
    const char *xml_prefix;    /* or "" */
    bool required;
    bool flattened;
    bool xml_attribute;
    bool idempotency_token;
    bool jsonvalue;
    bool streaming;
    bool host_label;
    bool event_payload;
    bool sensitive; /* trait "sensitive", or reviewed as a secret */
    bool plain;     /* not secret, even inside a sensitive value */
};
/* The shape as seen by one of its members: the member's own traits take precedence. */
void model_member_shape(const struct model *model, const struct model_member *member,
                        struct model_shape_info *shape);
/* The members in the model's order. */
void model_member_at(const struct model *model, model_shape structure, size_t index,
                     struct model_member *member);
/* Finds a member by name; false if there is none. */
bool model_member_find(const struct model *model, model_shape structure, const char *name,
                       struct model_member *member);
/* Finds a member by wire name (location_name), for decoding; false if there is none. */
bool model_member_by_wire(const struct model *model, model_shape structure, const char *wire,
                          struct model_member *member);

#endif
