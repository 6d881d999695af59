#include "policy/identity.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"

#define ARN_MAX 8192
#define ACCOUNT_DIGITS 12

/* Field `number` of an ARN, counted from 0; its length in *length. NULL if the ARN has fewer
 * fields. */
static const char *arn_field(const char *arn, int number, size_t *length)
{
    for (; number > 0 && arn != NULL; number--) {
        arn = strchr(arn, ':');
        arn = arn != NULL ? arn + 1 : NULL;
    }
    *length = arn != NULL ? strcspn(arn, ":") : 0;
    return arn;
}

/* Is this field an account or a region other than the line's? An empty field (buckets, IAM), or one
 * that is neither account nor region, does not count. */
static bool is_foreign(const char *field, size_t length, const char *own)
{
    return length > 0 && (strlen(own) != length || strncmp(field, own, length) != 0);
}

static int check_owner(const struct policy *policy, const struct resource *resource,
                       struct err *err)
{
    size_t region_length, account_length;
    const char *id = resource->id;
    if (strncmp(id, "arn:", 4) != 0)
        return 0;
    const char *region = arn_field(id, 3, &region_length);
    const char *account = arn_field(id, 4, &account_length);
    if (account == NULL)
        return 0;
    bool elsewhere = !policy->global && is_foreign(region, region_length, resource->region);
    bool foreign =
        account_length == ACCOUNT_DIGITS && is_foreign(account, account_length, resource->account);
    if (!elsewhere && !foreign)
        return 0;
    err_set(err, ERR_POLICY,
            "the id is an ARN of account %.*s and region %.*s, but the line says %s and %s",
            (int)account_length, account, (int)region_length, region, resource->account,
            resource->region);
    snprintf(err->code, sizeof err->code, "ForeignId");
    return -1;
}

/* ---- parts of a template ---- */

/* botocore's partitions.json. */
const char *identity_partition(const char *region)
{
    static const char *const prefixes[][2] = {
        {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"},
        {"us-isof-", "aws-iso-f"}, {"us-iso-", "aws-iso"},    {"eu-isoe-", "aws-iso-e"},
        {"eusc-", "aws-eusc"},
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(region, prefixes[i][0], strlen(prefixes[i][0])) == 0)
            return prefixes[i][1];
    }
    return "aws";
}

static bool is_named(const char *name, size_t length, const char *part)
{
    return strlen(part) == length && strncmp(part, name, length) == 0;
}

static const char *part_of(const char *name, size_t length, const struct resource *resource)
{
    const char *slash = strrchr(resource->id, '/');
    const struct {
        const char *name, *value;
    } parts[] = {
        {"partition", identity_partition(resource->region)},
        {"region", resource->region},
        {"account", resource->account},
        {"id", resource->id},
        {"name", slash != NULL ? slash + 1 : resource->id},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (is_named(name, length, parts[i].name))
            return parts[i].value;
    }
    return NULL;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789_.-"
#define WORD LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* How much of the text is this part of a form; 0: it is something else. */
static size_t length_of(const char *name, size_t length, const char *text,
                        const struct resource *resource)
{
    if (is_named(name, length, "word"))
        return strspn(text, WORD);
    if (is_named(name, length, "lower"))
        return strspn(text, LOWER);
    const char *part = part_of(name, length, resource);
    size_t wanted = part != NULL ? strlen(part) : 0;
    return part != NULL && strncmp(text, part, wanted) == 0 ? wanted : 0;
}

/* The length of the name in "${name}" at the start of the text; 0: there is none. */
static size_t name_length(const char *text)
{
    size_t length = strncmp(text, "${", 2) == 0 ? strcspn(text + 2, "}") : 0;
    return length > 0 && text[2 + length] == '}' ? length : 0;
}

/* A word is as long as possible, so none is followed by what could belong to it. */
static bool has_form(const struct resource *resource, const char *form)
{
    const char *id = resource->id;
    while (*form != '\0') {
        size_t length = name_length(form);
        size_t taken = length > 0 ? length_of(form + 2, length, id, resource) : *form == *id;
        if (taken == 0)
            return false;
        id += taken;
        form += length > 0 ? length + 3 : 1;
    }
    return *id == '\0';
}

/* Most ids are: then the policy is not asked. A form is that of the commercial partition, because
 * names of hosts differ in others. */
static bool is_canonical(const struct policy *policy, const struct resource *resource)
{
    const char *form = json_get_string(policy->meta, "form", NULL);
    return form != NULL && strcmp(identity_partition(resource->region), "aws") == 0 &&
           has_form(resource, form);
}

/* ---- canonical ids ---- */

/* The error that was raised, in the form that the outcome of an audit uses. */
static int take_error(const json_t *refused, struct err *err)
{
    const json_t *error = json_object_get(refused, "error");
    err_set(err, ERR_POLICY, "%s", json_get_string(error, "message", "id.canonical failed"));
    snprintf(err->code, sizeof err->code, "%s", json_get_string(error, "code", ""));
    return -1;
}

static int take_id(struct resource *resource, const json_t *spelled, struct err *err)
{
    const char *id = json_string_value(spelled);
    if (id == NULL)
        return take_error(spelled, err);
    char *copy = mem_strdup(id);
    mem_free(resource->id);
    resource->id = copy;
    return 0;
}

static int spell(struct evaluator *evaluator, const struct policy *policy,
                 struct resource *resource, struct err *err)
{
    json_t *line = resource_to_json(resource);
    json_t *ids = json_array();
    json_array_append_new(ids, json_string_nocheck(resource->id));
    json_t *spelled = evaluator->canonical_ids(evaluator->self, policy, line, ids, err);
    int result = spelled != NULL ? take_id(resource, json_array_get(spelled, 0), err) : -1;
    json_decref(spelled);
    json_decref(ids);
    json_decref(line);
    return result;
}

int identity_make_canonical(struct evaluator *evaluator, const struct policy *policy,
                            struct resource *resource, struct err *err)
{
    if (strcmp(resource->type, policy->type) != 0) {
        mem_free(resource->type);
        resource->type = mem_strdup(policy->type);
    }
    if (!json_get_bool(policy->meta, "canonical", false))
        return 0;
    if (check_owner(policy, resource, err) != 0)
        return -1;
    return is_canonical(policy, resource) ? 0 : spell(evaluator, policy, resource, err);
}

/* ---- ARNs ---- */

char *identity_expand(const char *template, const struct resource *resource)
{
    struct buf out;
    buf_init(&out, ARN_MAX);
    while (*template != '\0') {
        size_t length = name_length(template);
        const char *part = length > 0 ? part_of(template + 2, length, resource) : NULL;
        if (part != NULL)
            buf_adds(&out, part);
        else
            buf_addc(&out, *template);
        template += part != NULL ? length + 3 : 1;
    }
    char *text = mem_strdup(buf_text(&out));
    buf_clear(&out);
    return text;
}

static char *ask_arn(struct evaluator *evaluator, const struct policy *policy,
                     const struct resource *resource)
{
    struct err err = {0};
    json_t *line = resource_to_json(resource);
    char *template =
        evaluator->arn != NULL ? evaluator->arn(evaluator->self, policy, line, &err) : NULL;
    json_decref(line);
    return template;
}

char *identity_arn(struct evaluator *evaluator, const struct policy *policy,
                   const struct resource *resource, const char *given)
{
    const char *template = given != NULL ? given : json_get_string(policy->meta, "arn", NULL);
    char *asked = template == NULL ? ask_arn(evaluator, policy, resource) : NULL;
    if (template == NULL)
        template = asked != NULL ? asked : "${id}";
    char *arn = identity_expand(template, resource);
    mem_free(asked);
    return arn;
}

/* ---- from ARNs ---- */

bool identity_is_in_arn(const struct policy *policy)
{
    const char *template = json_get_string(policy->meta, "arn", NULL);
    return template == NULL || strstr(template, "${id}") != NULL ||
           strstr(template, "${name}") != NULL;
}

/* The id is what follows the filled-in text before "${id}". */
static int take_from_template(const char *template, struct resource *resource, struct err *err)
{
    const char *end = template != NULL ? strstr(template, "${id}") : NULL;
    if (end == NULL || end[strlen("${id}")] != '\0')
        return err_set(err, ERR_POLICY,
                       "%s cannot be read from an ARN: its policy has neither "
                       "id.canonical nor an arn that ends in ${id}",
                       resource->type);
    char *start = mem_strndup(template, (size_t)(end - template));
    char *prefix = identity_expand(start, resource);
    size_t length = strlen(prefix);
    bool fits = strncmp(resource->id, prefix, length) == 0 && resource->id[length] != '\0';
    if (fits) {
        char *id = mem_strdup(resource->id + length);
        mem_free(resource->id);
        resource->id = id;
    } else {
        err_set(err, ERR_POLICY, "%.300s does not begin with %s", resource->id, prefix);
    }
    mem_free(prefix);
    mem_free(start);
    return fits ? 0 : -1;
}

int identity_from_arn(struct evaluator *evaluator, const struct policy *policy,
                      struct resource *resource, struct err *err)
{
    if (json_get_bool(policy->meta, "canonical", false))
        return identity_make_canonical(evaluator, policy, resource, err);
    return take_from_template(json_get_string(policy->meta, "arn", NULL), resource, err);
}

/* ---- Security Hub ---- */

/* Of a run of capitals the first stays, and the last if a word begins with it: DBInstance becomes
 * DbInstance, SQS becomes Sqs. */
static void add_word(struct buf *out, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool within = i > 0 && isupper((unsigned char)word[i - 1]);
        bool begins = i + 1 < length && islower((unsigned char)word[i + 1]);
        buf_addc(out, within && !begins ? (char)tolower((unsigned char)word[i]) : word[i]);
    }
}

char *identity_asff(const struct policy *policy)
{
    struct buf out;
    const char *given = json_get_string(policy->meta, "asff", NULL);
    const char *type = json_get_string(policy->meta, "aws_type", NULL);
    if (given != NULL || type == NULL)
        return mem_strdup(given != NULL ? given : "Other");
    buf_init(&out, ARN_MAX);
    while (*type != '\0') {
        size_t length = strcspn(type, ":");
        add_word(&out, type, length);
        type += length;
        type += strspn(type, ":");
    }
    char *text = mem_strdup(buf_text(&out));
    buf_clear(&out);
    return text;
}

bool identity_has_region(const struct policy *policy)
{
    return json_get_bool(policy->meta, "located", false);
}
