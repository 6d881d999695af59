/* Shared by the compiler's own files: source.c finds and reads JSON, pool.c holds texts, shapes.c
 * enums.c and operations.c fill the sections, save.c writes them, endpoints.c asks rule sets
 * (ruleset.c) where services are reached. */
#ifndef AWS_MODEL_COMPILER_MODELS_INTERNAL_H
#define AWS_MODEL_COMPILER_MODELS_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/model/model_format.h"
#include "aws/model_compiler/compile.h"
#include "base/buf.h"
#include "base/err.h"

/* --- source.c --- */

/* A file's JSON, unpacked if it is compressed. New reference, or NULL. */
json_t *source_load(const char *path, struct err *err);
/* The same of DIR/STEM.json or DIR/STEM.json.gz. NULL without an error when there is neither. */
json_t *source_load_either(const char *directory, const char *stem, struct err *err);
/* The newest API version's directory of a service that has models (mem_free), or NULL. */
char *source_newest(const char *directory);
/* Sorted names of a directory's folders. */
struct source_names {
    char **names;
    size_t count;
};
int source_folders(const char *directory, struct source_names *names, struct err *err);
void source_names_clear(struct source_names *names);

/* --- pool.c --- */

/* Texts, each held once. */
struct pool {
    struct buf bytes;
    uint32_t *slots; /* open addressing: offsets, 0 is free */
    size_t slot_count;
    size_t used;
};
void pool_init(struct pool *pool);
void pool_clear(struct pool *pool);
/* Its offset; NULL is "". */
model_text pool_add(struct pool *pool, const char *text);

/* --- building one service --- */

struct builder {
    const json_t *model;      /* service-2.json */
    const json_t *shapes_in;  /* its shapes */
    const json_t *pagination; /* or NULL */
    json_t *handles;          /* shape name to handle */
    json_t *ways;             /* fixed endpoint parameters, as text, to the number of a way */
    struct pool pool;
    struct model_file_header header;
    /* records of each section */
    struct buf operations, errors, shapes, traits, enums, members, member_marks, by_name, by_wire,
        paginators, endpoints;
    size_t laid; /* shapes whose members have been laid down */
};

#define BUILDER_COUNT(builder, section, type) ((uint32_t)((builder)->section.len / sizeof(type)))

void builder_init(struct builder *builder, const json_t *model, const json_t *pagination);
void builder_clear(struct builder *builder);

/* --- shapes.c --- */

/* The handle of the shape that a reference names; MODEL_NOTHING for NULL. */
int shape_handle(struct builder *builder, const json_t *reference, uint32_t *handle,
                 struct err *err);
/* Lays down all that was given a handle, and what that reaches. */
int shapes_drain(struct builder *builder, struct err *err);
/* Marks, once all are laid, what holds something sensitive. */
void shapes_guard(struct builder *builder);
/* Does a structure have an event stream among its members? */
bool shape_streams_events(const struct builder *builder, const json_t *reference);

/* --- enums.c --- */

/* Lays down, once all shapes are laid, the values that texts of inputs may have. */
void enums_lay(struct builder *builder);

/* --- members.c --- */

int members_lay(struct builder *builder, const json_t *structure, struct model_file_shape *shape,
                struct err *err);
uint8_t time_format(const json_t *traits);
/* Sets the namespace's uri and, where it has one, its prefix. */
void namespace_texts(struct builder *builder, const json_t *traits, model_text *uri,
                     model_text *prefix);

/* --- metadata.c --- */

void metadata_lay(struct builder *builder, const char *name);

/* --- operations.c, paginators.c --- */

int operations_lay(struct builder *builder, struct err *err);
int paginator_lay(struct builder *builder, const char *operation, uint32_t *paginator,
                  struct err *err);

/* --- save.c --- */

/* Lays out the sections after the header and writes the file; *size is the file's. */
int builder_save(struct builder *builder, const char *path, uint64_t *size, struct err *err);
/* Writes a whole file beside its place, and moves it there. */
int save_file(const char *path, const void *bytes, size_t length, struct err *err);

/* --- ruleset.c --- */

/* Where a rule set (endpoint-rule-set-1.json) sends a call, by these parameters, in this partition.
 * False when it sends it nowhere. */
struct ruleset_answer {
    char *url;            /* these are the caller's: ruleset_answer_clear */
    char *signing_region; /* or NULL */
    char *signing_name;   /* or NULL */
};
bool ruleset_resolve(const json_t *ruleset, const json_t *parameters, const json_t *partition,
                     struct ruleset_answer *answer);
void ruleset_answer_clear(struct ruleset_answer *answer);

/* --- endpoints.c --- */

/* Asks the service's rule set for every region of every partition, and lays down what differs. */
void endpoints_lay(struct builder *builder, const json_t *ruleset, const json_t *partitions);
/* The number of the way by which an operation reaches its endpoint; mostly 0. */
unsigned endpoints_way(const struct builder *builder, const json_t *operation);
/* What the engine needs to know of partitions. New reference. */
json_t *endpoints_partitions(const json_t *partitions);

/* A member of an object as text; "" when it is absent. */
const char *text_of(const json_t *object, const char *key);

#endif
