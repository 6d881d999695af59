#include "audit/run_plans.h"

#include <string.h>

#include "audit/run_internal.h"
#include "base/digest.h"
#include "base/mem.h"
#include "notify/message_object.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"
#include "value/s3_url.h"

#define PLAN_MAX (64u << 20) /* what `apply` can fetch */
#define NAME_HEX 32          /* hexadecimal digits of the digest in the name */

/* The command in a notification must be safe to copy into a shell. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._=+-";

int run_plans_check(const struct settings *settings, struct err *err)
{
    struct s3_url url;
    const char *plans = settings->plans;
    if (plans == NULL)
        return 0;
    if (s3_url_parse_prefix(plans, &url, err) != 0)
        return err_prefix(err, "PLANS");
    if (strspn(plans, plain) != strlen(plans))
        return err_set(err, ERR_USAGE,
                       "PLANS: '%s' contains characters other than letters, digits and /._=+-",
                       plans);
    if (settings->remediate)
        return err_set(err, ERR_USAGE,
                       "PLANS writes plans instead of making changes: set REMEDIATE to false, or "
                       "leave PLANS out");
    return 0;
}

static bool is_planned(const json_t *finding)
{
    return verdict_remediation(finding) == REMEDIATION_PLANNED;
}

/* What the plan would do, and nothing that changes from one audit to the next. */
static json_t *essence(const json_t *findings)
{
    static const char *const keys[] = {"account", "region",     "type",    "id",
                                       "check",   "covered_by", "trusted", "steps"};
    json_t *list = json_array();
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        json_t *part = json_object();
        for (size_t k = 0; is_planned(finding) && k < sizeof keys / sizeof *keys; k++)
            json_object_set(part, keys[k], json_object_get(finding, keys[k]));
        json_array_append_new(list, part);
    }
    return list;
}

static void digest_of(const json_t *findings, char hex[SHA256_HEX])
{
    unsigned char digest[SHA256_BYTES];
    json_t *parts = essence(findings);
    char *text = json_text_canonical(parts);
    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof digest, hex);
    mem_free(text);
    json_decref(parts);
}

static bool has_calls(const json_t *findings)
{
    size_t i;
    json_t *finding;
    bool any = false;
    json_array_foreach (findings, i, finding)
        any |= is_planned(finding) && json_object_get(finding, "steps") != NULL;
    return any;
}

static char *name_of(const struct run *run, const json_t *findings)
{
    char hex[SHA256_HEX];
    const char *plans = run->options.context->settings->plans;
    const json_t *first = json_array_get(findings, 0);
    bool slash = plans[strlen(plans) - 1] == '/';
    digest_of(findings, hex);
    return mem_printf("%s%s%s/%s/%s/%.*s.jsonl", plans, slash ? "" : "/",
                      finding_get(first, "account"), finding_get(first, "region"),
                      finding_get(first, "type"), NAME_HEX, hex);
}

bool run_plans_name(const struct run *run, json_t *findings)
{
    size_t i;
    json_t *finding;
    if (!run->options.plans || !has_calls(findings))
        return false;
    char *name = name_of(run, findings);
    json_array_foreach (findings, i, finding) {
        if (is_planned(finding))
            finding_set(finding, "plan", name);
    }
    mem_free(name);
    return true;
}

/* ---- writing ---- */

struct writing {
    struct buf text;
    message_done done;
    void *arg;
};

static void on_written(void *arg, const struct err *err)
{
    struct writing writing = *(struct writing *)arg;
    mem_free(arg);
    buf_clear(&writing.text);
    writing.done(writing.arg, message_object_exists(err) ? NULL : err);
}

/* The object's name is in each planned finding. */
static const char *write_lines(const json_t *findings, struct buf *text)
{
    size_t i;
    json_t *finding;
    const char *name = "";
    json_array_foreach (findings, i, finding) {
        if (!is_planned(finding))
            continue;
        name = finding_get(finding, "plan");
        json_write(finding, text);
        buf_addc(text, '\n');
    }
    return name;
}

void run_plans_write(struct run *run, const json_t *findings, message_done done, void *arg)
{
    struct err err = {0};
    struct writing *writing = mem_alloc(sizeof *writing);
    struct message_object object = {.type = "application/x-ndjson", .own = true, .only_new = true};
    *writing = (struct writing){.done = done, .arg = arg};
    buf_init(&writing->text, PLAN_MAX);
    const char *name = write_lines(findings, &writing->text);
    int result = s3_url_parse(name, &object.url, &err);
    if (result == 0 && writing->text.failed)
        result = err_set(&err, ERR_LIMIT, "the plan %s would exceed %u bytes", name, PLAN_MAX);
    if (result != 0) {
        on_written(writing, &err);
        return;
    }
    object.bytes = buf_text(&writing->text);
    object.length = writing->text.len;
    message_object_put(run->options.context->message, &object, on_written, writing);
}
