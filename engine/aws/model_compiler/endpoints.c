#include "aws/model_compiler/endpoints.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"
#include "aws/model_compiler/ruleset.h"
#include "base/mem.h"
#include "value/json.h"

#define PLACEHOLDER "{region}"
#define MAX_URL 4096

/* Evaluates one rule set region by region, for one of the routes to the service. */
struct survey {
    struct builder *builder;
    const json_t *ruleset;
    const json_t *partition;
    const json_t *fixed;   /* parameters that the operations of this route fix, or NULL */
    const json_t *instead; /* the same, used if `fixed` gives no result */
    unsigned route;
    unsigned variant; /* bits: 1 FIPS, 2 dual stack */
};

#define VARIANTS 4u

static json_t *parameters_of(const json_t *fixed, const char *region, unsigned variant)
{
    json_t *parameters = json_pack("{s:s, s:b, s:b}", "Region", region, "UseFIPS", variant & 1,
                                   "UseDualStack", (variant & 2) != 0);
    const char *name;
    json_t *parameter;
    json_object_foreach ((json_t *)(uintptr_t)fixed, name, parameter) {
        json_object_set(parameters, name, json_object_get(parameter, "value"));
    }
    return parameters;
}

static bool resolve_with(const struct survey *survey, const json_t *fixed, const char *region,
                         struct ruleset_answer *answer)
{
    json_t *parameters = parameters_of(fixed, region, survey->variant);
    bool found = ruleset_resolve(survey->ruleset, parameters, survey->partition, answer);
    json_decref(parameters);
    return found;
}

static bool resolve(const struct survey *survey, const char *region, struct ruleset_answer *answer)
{
    if (resolve_with(survey, survey->fixed, region, answer))
        return true;
    return survey->instead != NULL && resolve_with(survey, survey->instead, region, answer);
}

/* The text with the region's name replaced by a placeholder. New string. */
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

static bool survey_region(const struct survey *survey, const char *name, const char *region,
                          struct model_file_endpoint *record)
{
    struct ruleset_answer answer;
    char scope[MODEL_MAX_SCOPE];
    if (!model_scope(survey->route, survey->variant, name, scope) ||
        !resolve(survey, region, &answer))
        return false;
    *record = record_of(survey->builder, scope, region, &answer);
    ruleset_answer_clear(&answer);
    return true;
}

static bool is_same_endpoint(const struct model_file_endpoint *a,
                             const struct model_file_endpoint *b)
{
    return a->url == b->url && a->signing_region == b->signing_region &&
           a->signing_name == b->signing_name;
}

/* A region of the partition's form that does not exist: "eu-west-99" after "eu-west-1". */
static char *hypothetical_region(const json_t *regions)
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
    char *imagined = hypothetical_region(regions);
    struct buf *records = &survey->builder->endpoints;
    if (survey_region(survey, text_of(survey->partition, "id"), imagined, &usual))
        buf_add(records, &usual, sizeof usual);
    const char *region;
    json_t *unused;
    json_object_foreach (regions, region, unused) {
        if (survey_region(survey, region, region, &own) && !is_same_endpoint(&usual, &own))
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

static void survey_partitions(struct survey *survey, const json_t *partitions)
{
    size_t index;
    json_t *partition;
    json_array_foreach (json_object_get(partitions, "partitions"), index, partition) {
        survey->partition = partition;
        for (survey->variant = 0; survey->variant < VARIANTS; survey->variant++)
            survey_partition(survey);
    }
    survey->variant = 0;
}

/* The parameters of the rule set that operations fix: each text once, with its count and its
 * values. */
static json_t *fixed_parameters(const json_t *model)
{
    json_t *found = json_object();
    const char *name;
    json_t *operation;
    json_object_foreach (json_object_get(model, "operations"), name, operation) {
        json_t *fixed = json_object_get(operation, "staticContextParams");
        if (fixed == NULL)
            continue;
        char *text = json_text_canonical(fixed);
        json_t *known = json_object_get(found, text);
        json_int_t count = 1 + json_integer_value(json_object_get(known, "count"));
        json_object_set_new(found, text, json_pack("{s:I, s:O}", "count", count, "fixed", fixed));
        mem_free(text);
    }
    return found;
}

static const json_t *most_common(const json_t *found)
{
    const json_t *best = NULL;
    json_int_t most = 0;
    const char *text;
    json_t *entry;
    json_object_foreach ((json_t *)(uintptr_t)found, text, entry) {
        json_int_t count = json_integer_value(json_object_get(entry, "count"));
        if (count > most) {
            most = count;
            best = json_object_get(entry, "fixed");
        }
    }
    return best;
}

/* Does a route lead to an endpoint that differs from the usual one? Checked for one region per
 * partition. */
static bool leads_elsewhere(const struct survey *usual, const struct survey *survey)
{
    json_t *regions = json_object_get(survey->partition, "regions");
    const char *region = json_object_iter_key(json_object_iter(regions));
    struct ruleset_answer here, there;
    if (region == NULL || !resolve(survey, region, &there))
        return false;
    bool differs = true;
    if (resolve(usual, region, &here)) {
        differs = strcmp(here.url, there.url) != 0;
        ruleset_answer_clear(&here);
    }
    ruleset_answer_clear(&there);
    return differs;
}

static bool is_of_use(const struct survey *usual, const struct survey *survey,
                      const json_t *partitions)
{
    struct survey a = *usual, b = *survey;
    size_t index;
    json_t *partition;
    json_array_foreach (json_object_get(partitions, "partitions"), index, partition) {
        a.partition = b.partition = partition;
        if (leads_elsewhere(&a, &b))
            return true;
    }
    return false;
}

static void add_route(const struct survey *usual, const char *text, const json_t *fixed,
                      const json_t *partitions)
{
    json_t *routes = usual->builder->routes;
    struct survey survey = *usual;
    survey.fixed = fixed;
    survey.instead = NULL;
    survey.route = (unsigned)json_object_size(routes) + 1;
    if (survey.route > MODEL_MAX_ROUTES || !is_of_use(usual, &survey, partitions))
        return;
    json_object_set_new(routes, text, json_integer((json_int_t)survey.route));
    survey_partitions(&survey, partitions);
}

/* A rule set with buckets combines the fixed parameters with the bucket; endpoint.c handles
 * that. */
static bool knows_buckets(const json_t *ruleset)
{
    return json_object_get(json_object_get(ruleset, "parameters"), "Bucket") != NULL;
}

void endpoints_add(struct builder *builder, const json_t *ruleset, const json_t *partitions)
{
    json_t *found = fixed_parameters(builder->model);
    struct survey usual = {.builder = builder, .ruleset = ruleset, .instead = most_common(found)};
    const char *text;
    json_t *entry;
    survey_partitions(&usual, partitions);
    if (!knows_buckets(ruleset)) {
        json_object_foreach (found, text, entry) {
            add_route(&usual, text, json_object_get(entry, "fixed"), partitions);
        }
    }
    json_decref(found);
    if (builder->endpoints.len > 0)
        qsort_r(builder->endpoints.data,
                BUILDER_COUNT(builder, endpoints, struct model_file_endpoint),
                sizeof(struct model_file_endpoint), compare_scopes, builder->pool.bytes.data);
}

unsigned endpoints_route(const struct builder *builder, const json_t *operation)
{
    const json_t *fixed = json_object_get(operation, "staticContextParams");
    if (fixed == NULL)
        return 0;
    char *text = json_text_canonical(fixed);
    json_int_t route = json_integer_value(json_object_get(builder->routes, text));
    mem_free(text);
    return (unsigned)route;
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
