#include "policy/finding_entry.h"

#include <string.h>

#include "base/mem.h"
#include "policy/finding.h"
#include "value/json.h"

#define TITLE "The account can be entered"
#define RISK "Nothing in the account is audited or repaired."
#define ADVICE                                                                                     \
    "Set up the account as a member (terraform/member.sh ACCOUNT, or the StackSet), with the "     \
    "role "                                                                                        \
    "name and external id that this run uses; \"engine doctor --accounts ACCOUNT\" says what is "  \
    "missing there. To leave an account out, add \"!ACCOUNT\" to --accounts."

/* Where the error of creds_sts begins; the client puts the call before it, which differs by type.
 * NULL: it is not about a role of this account. */
static const char *role_in(const char *message, const char *account)
{
    char *arn = mem_printf(":iam::%s:role/", account);
    const char *start = strstr(message, "role arn:");
    bool found = start != NULL && strstr(start, arn) != NULL;
    mem_free(arn);
    return found ? start : NULL;
}

/* STS answers AccessDenied if the role does not exist, does not trust the caller or expects another
 * external id, and if the caller may not assume it. Source: IAM User Guide, "Troubleshoot IAM
 * roles". The message names the role: a role of a profile may be refused too, in another
 * account. */
bool finding_entry_refused(const json_t *error, const char *account)
{
    const char *code = json_get_string(error, "code", "");
    if (strcmp(json_get_string(error, "kind", ""), err_kind_name(ERR_CREDS)) != 0)
        return false;
    return strcmp(code, FINDING_NO_ROLE) == 0 ||
           (strncmp(code, "AccessDenied", strlen("AccessDenied")) == 0 &&
            role_in(json_get_string(error, "message", ""), account) != NULL);
}

struct resource *finding_entry_place(const char *account, const char *region)
{
    return resource_new(account, region, FINDING_ENTRY_TYPE, "*");
}

/* Without what depends on the type that was asked for first: operation and request id. */
static json_t *error_of(const json_t *error, const char *account)
{
    const char *message = json_get_string(error, "message", "no reason given");
    const char *role = role_in(message, account);
    json_t *copy = json_deep_copy(error);
    json_object_del(copy, "request_id");
    json_object_del(copy, "operation");
    finding_set(copy, "message", role != NULL ? role : message);
    return copy;
}

static json_t *new_finding(const struct resource *place, const char *summary, json_t *error)
{
    json_t *finding = finding_plain(place, FINDING_ENTERED, TITLE, summary, error);
    json_object_set_new(finding, "global", json_true());
    return finding;
}

json_t *finding_not_entered(const struct resource *place, const json_t *error)
{
    const char *account = place->account;
    json_t *why = error_of(error, account);
    char *summary = mem_printf("account %s cannot be entered, so nothing in it is audited: %s",
                               account, json_get_string(why, "message", ""));
    json_t *finding = new_finding(place, summary, why);
    finding_set(finding, "risk", RISK);
    finding_set(finding, "advice", ADVICE);
    mem_free(summary);
    return finding;
}

json_t *finding_entered(const struct resource *place)
{
    json_t *finding = new_finding(place, "the account can be entered", json_null());
    finding_clear(finding);
    return finding;
}

/* ---- the counts ---- */

static size_t sum_of(const json_t *resources)
{
    const char *type;
    json_t *count;
    size_t sum = 0;
    json_object_foreach ((json_t *)(uintptr_t)resources, type, count)
        sum += (size_t)json_integer_value(count);
    return sum;
}

static char *counted(size_t count, const char *what)
{
    return mem_printf("%zu %s%s", count, what, count == 1 ? "" : "s");
}

static char *missed(size_t resources, size_t places)
{
    char *audits = counted(resources, "resource");
    char *lists = counted(places, "place");
    char *text = resources == 0 ? mem_printf("%s not listed", lists)
                 : places == 0  ? mem_printf("%s not audited", audits)
                                : mem_printf("%s not audited, %s not listed", audits, lists);
    mem_free(audits);
    mem_free(lists);
    return text;
}

/* By name: the order in which the lines were audited is not the same each time. */
static json_t *sorted(const json_t *resources)
{
    char *text = json_text_canonical(resources);
    json_t *copy = json_loads(text, 0, NULL);
    mem_free(text);
    return copy;
}

static json_t *evidence_of(const json_t *resources, size_t sum, size_t places)
{
    json_t *evidence = json_object();
    if (sum > 0) {
        json_object_set_new(evidence, "resources", json_integer((json_int_t)sum));
        json_object_set_new(evidence, "types", sorted(resources));
    }
    if (places > 0)
        json_object_set_new(evidence, "places", json_integer((json_int_t)places));
    return evidence;
}

void finding_entry_count(json_t *finding, const json_t *resources, size_t places)
{
    size_t sum = sum_of(resources);
    char *what = missed(sum, places);
    char *summary =
        mem_printf("account %s cannot be entered (%s): %s", finding_get(finding, "account"), what,
                   json_get_string(json_object_get(finding, "error"), "message", ""));
    finding_set(finding, "summary", summary);
    json_object_set_new(finding, "evidence", evidence_of(resources, sum, places));
    mem_free(summary);
    mem_free(what);
}
