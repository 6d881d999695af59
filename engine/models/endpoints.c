#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/models_internal.h"

#define PLACEHOLDER "{region}"
#define MAX_URL 4096

/* One rule set, asked region by region. */
struct survey {
    struct builder *builder;
    const json_t *ruleset;
    const json_t *partition;
    json_t *context; /* fixed parameters of the service's operations, or NULL */
};

/* Operations may fix parameters of the rule set; what most of them fix stands for the service. The
 * few others (a data plane, a second API under the same name) are reached by an endpoint override.
 */
static json_t *common_context(const json_t *model)
{
    json_t *best = NULL, *counts = json_object();
    json_int_t most = 0;
    const char *name;
    json_t *operation;
    json_object_foreach (json_object_get(model, "operations"), name, operation) {
        json_t *fixed = json_object_get(operation, "staticContextParams");
        char *key = json_dumps(fixed, JSON_SORT_KEYS | JSON_ENCODE_ANY);
        json_int_t count = 1 + json_integer_value(json_object_get(counts, key ? key : ""));
        json_object_set_new_nocheck(counts, key ? key : "", json_integer(count));
        mem_free(key);
        if (count > most) {
            most = count;
            best = fixed;
        }
    }
    json_decref(counts);
    return best;
}

static json_t *parameters_of(const json_t *context, const char *region)
{
    json_t *parameters = json_pack("{s:s}", "Region", region);
    const char *name;
    json_t *fixed;
    json_object_foreach ((json_t *)(uintptr_t)context, name, fixed) {
        json_object_set(parameters, name, json_object_get(fixed, "value"));
    }
    return parameters;
}

static bool resolve_in(const struct survey *survey, const json_t *context, const char *region,
                       struct ruleset_answer *answer)
{
    json_t *parameters = parameters_of(context, region);
    bool found = ruleset_resolve(survey->ruleset, parameters, survey->partition, answer);
    json_decref(parameters);
    return found;
}

/* Without what is fixed first: that is the service's own endpoint, where there is one. */
static bool resolve(const struct survey *survey, const char *region, struct ruleset_answer *answer)
{
    return resolve_in(survey, NULL, region, answer) ||
           resolve_in(survey, survey->context, region, answer);
}

/* Text with the region's name replaced; new. */
static char *generalize(const char *text, const char *region)
{
    struct buf out;
    buf_init(&out, MAX_URL);
    size_t length = strlen(region);
    for (const char *at; (at = strstr(text, region)) != NULL; text = at + length) {
        buf_add(&out, text, (size_t)(at - text));
        buf_adds(&out, PLACEHOLDER);
    }
    buf_adds(&out, text);
    return buf_take(&out);
}

static struct model_file_endpoint record_of(struct builder *builder, const char *scope,
                                            const char *region, const struct ruleset_answer *answer)
{
    char *url = generalize(answer->url, region);
    const char *signing = answer->signing_region;
    struct model_file_endpoint record = {
        .scope = pool_add(&builder->pool, scope),
        .url = pool_add(&builder->pool, url),
        .signing_region = pool_add(
            &builder->pool, signing != NULL && strcmp(signing, region) != 0 ? signing : NULL),
        .signing_name = pool_add(&builder->pool, answer->signing_name),
    };
    mem_free(url);
    return record;
}

static bool survey_region(const struct survey *survey, const char *scope, const char *region,
                          struct model_file_endpoint *record)
{
    struct ruleset_answer answer;
    if (!resolve(survey, region, &answer))
        return false;
    *record = record_of(survey->builder, scope, region, &answer);
    ruleset_answer_clear(&answer);
    return true;
}

static bool says_the_same(const struct model_file_endpoint *a, const struct model_file_endpoint *b)
{
    return a->url == b->url && a->signing_region == b->signing_region &&
           a->signing_name == b->signing_name;
}

/* A region of that partition's form that does not exist: "eu-west-99" after "eu-west-1". */
static char *imagined_region(const json_t *regions)
{
    const char *known = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)regions));
    size_t length = known != NULL ? strlen(known) : 0;
    while (length > 0 && isdigit((unsigned char)known[length - 1]))
        length--;
    return mem_printf("%.*s99", (int)length, known != NULL ? known : "");
}

static void survey_partition(const struct survey *survey)
{
    json_t *regions = json_object_get(survey->partition, "regions");
    struct model_file_endpoint usual = {0}, own;
    char *imagined = imagined_region(regions);
    struct buf *records = &survey->builder->endpoints;
    if (survey_region(survey, text_of(survey->partition, "id"), imagined, &usual))
        buf_add(records, &usual, sizeof usual);
    const char *region;
    json_t *unused;
    json_object_foreach (regions, region, unused) {
        if (survey_region(survey, region, region, &own) && !says_the_same(&usual, &own))
            buf_add(records, &own, sizeof own);
    }
    mem_free(imagined);
}

static int compare_scopes(const void *a, const void *b, void *pool)
{
    const struct model_file_endpoint *left = a, *right = b;
    const char *texts = pool;
    return strcmp(texts + left->scope, texts + right->scope);
}

void endpoints_lay(struct builder *builder, const json_t *ruleset, const json_t *partitions)
{
    struct survey survey = {builder, ruleset, NULL, common_context(builder->model)};
    size_t index;
    json_t *partition;
    json_array_foreach (json_object_get(partitions, "partitions"), index, partition) {
        survey.partition = partition;
        survey_partition(&survey);
    }
    if (builder->endpoints.len > 0)
        qsort_r(builder->endpoints.data,
                BUILDER_COUNT(builder, endpoints, struct model_file_endpoint),
                sizeof(struct model_file_endpoint), compare_scopes, builder->pool.bytes.data);
}

static json_t *partition_summary(const json_t *partition)
{
    json_t *names = json_array();
    const char *region;
    json_t *unused;
    json_object_foreach (json_object_get(partition, "regions"), region, unused) {
        json_array_append_new(names, json_string(region));
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "id", text_of(partition, "id"), "dnsSuffix",
                     text_of(json_object_get(partition, "outputs"), "dnsSuffix"), "regionRegex",
                     text_of(partition, "regionRegex"), "regions", names);
}

json_t *endpoints_partitions(const json_t *partitions)
{
    json_t *list = json_array();
    size_t index;
    json_t *partition;
    json_array_foreach (json_object_get(partitions, "partitions"), index, partition) {
        json_array_append_new(list, partition_summary(partition));
    }
    return json_pack("{s:o}", "partitions", list);
}
