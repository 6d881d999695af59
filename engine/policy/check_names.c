#include "policy/check_names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "policy/finding.h"
#include "value/json.h"

#define MAX_LIST 800

/* Finds the policy by the text before the dot. */
static const struct policy *policy_of(struct evaluator *evaluator, const char *name)
{
    char *type = mem_strndup(name, strcspn(name, "."));
    const struct policy *policy = evaluator->find(evaluator->self, type);
    mem_free(type);
    return policy;
}

const struct policy *check_names_find(struct evaluator *evaluator, const char *name,
                                      char **canonical)
{
    const struct policy *policy = policy_of(evaluator, name);
    const char *dot = strchr(name, '.');
    if (policy == NULL)
        return NULL;
    char *right = mem_printf("%s%s", policy->type, dot != NULL ? dot : "");
    bool known = dot == NULL || finding_check_meta(policy, right) != NULL;
    if (known && canonical != NULL)
        *canonical = right;
    else
        mem_free(right);
    return known ? policy : NULL;
}

bool check_names_is_foreign(struct evaluator *evaluator, const char *name)
{
    return policy_of(evaluator, name) == NULL;
}

static void offer(struct suggest *suggest, const struct policy *policy)
{
    size_t i;
    json_t *item;
    suggest_offer(suggest, policy->type);
    json_array_foreach (json_object_get(policy->meta, "aliases"), i, item)
        suggest_offer(suggest, json_string_value(item));
    json_array_foreach (json_object_get(policy->meta, "checks"), i, item)
        suggest_offer(suggest, json_get_string(item, "id", ""));
}

/* Passes over `prefix`, in either letter case. */
static const char *without(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncasecmp(text, prefix, len) == 0 ? text + len : text;
}

/* How long an id is without the mark of a similar control (" ~"). */
static size_t plain_length(const char *id)
{
    size_t len = strlen(id);
    return len > 2 && strcmp(id + len - 2, " ~") == 0 ? len - 2 : len;
}

/* Is `name` the id of a control? "1.12", "CIS 1.12" and "CIS 3.0 1.12 ~" all are "1.12 ~". */
static bool names_control(const char *framework, const char *id, const char *name)
{
    if (strcmp(framework, "cis") == 0)
        name = without(without(name, CHECK_NAMES_CIS), "CIS ");
    size_t len = plain_length(id);
    return plain_length(name) == len && strncasecmp(id, name, len) == 0;
}

static bool has_control(const json_t *check, const char *name)
{
    size_t i;
    const char *framework;
    json_t *ids, *id;
    json_object_foreach (json_object_get(check, "controls"), framework, ids) {
        json_array_foreach (ids, i, id) {
            if (names_control(framework, json_string_value(id), name))
                return true;
        }
    }
    return false;
}

/* The checks of a control, such as S3.5 of Security Hub or 2.1.1 of CIS: "a, b". */
static void add_checks_of(const struct policy *policy, const char *control, struct buf *out)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        if (has_control(check, control))
            buf_addf(out, "%s%s", out->len > 0 ? ", " : "", json_get_string(check, "id", ""));
    }
}

void check_names_offer(struct evaluator *evaluator, struct suggest *suggest)
{
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++)
        offer(suggest, all[i]);
}

static int refuse_control(const char *label, const char *name, struct buf *checks, struct err *err)
{
    err_set(err, ERR_USAGE, "%s: \"%.100s\" is a control, not a check; the checks for it: %s",
            label, name, buf_text(checks));
    buf_clear(checks);
    return -1;
}

int check_names_refuse(struct evaluator *evaluator, const char *label, const char *name,
                       const char *also, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    struct buf checks;
    buf_init(&checks, MAX_LIST);
    for (size_t i = 0; i < count; i++)
        add_checks_of(all[i], name, &checks);
    if (checks.len > 0)
        return refuse_control(label, name, &checks, err);
    suggest_init(&suggest, name);
    if (also != NULL)
        suggest_offer(&suggest, also);
    check_names_offer(evaluator, &suggest);
    suggest_text(&suggest, hint);
    if (hint[0] == '\0')
        snprintf(hint, sizeof hint,
                 " (engine generate checks lists them, with their controls; --policies names "
                 "folders of your own)");
    return err_set(err, ERR_USAGE, "%s: there is no check or type \"%.100s\"%s", label, name, hint);
}
