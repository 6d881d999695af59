#include "doctor/doctor_principal.h"

#include <string.h>

#include "base/mem.h"
#include "doctor/doctor_ask.h"
#include "notify/message_arn.h"
#include "value/json.h"

#define FIELD 128

struct doctor_principal {
    struct doctor_account *account;
    char *guess; /* the role's ARN if it has no path */
    doctor_principal_done done;
    void *arg;
};

/* A session's ARN does not have the path of its role (IAM User Guide, "IAM identifiers"). */
static void on_role(void *arg, json_t *result, const struct err *err)
{
    struct doctor_principal *principal = arg;
    const char *arn = json_get_string(json_object_get(result, "Role"), "Arn", NULL);
    principal->done(principal->arg, err == NULL && arn != NULL ? arn : principal->guess, NULL);
}

/* "assumed-role/name/session" */
static void ask_role(struct doctor_principal *principal, const char *resource)
{
    const char *arn = principal->account->principal;
    const char *name = strchr(resource, '/') + 1;
    char *role = mem_strndup(name, strcspn(name, "/"));
    char partition[FIELD], id[FIELD];
    message_arn_field(arn, 1, partition, sizeof partition);
    message_arn_field(arn, 4, id, sizeof id);
    principal->guess = mem_printf("arn:%s:iam::%s:role/%s", partition, id, role);
    json_t *params = json_pack("{s:s}", "RoleName", role);
    doctor_ask(principal->account, "iam", "GetRole", params, on_role, principal);
    json_decref(params);
    mem_free(role);
}

static void start(void *arg)
{
    struct doctor_principal *principal = arg;
    const char *arn = principal->account->principal;
    const char *resource = strrchr(arn, ':');
    resource = resource != NULL ? resource + 1 : arn;
    if (strncmp(resource, "role/", 5) == 0 || strncmp(resource, "user/", 5) == 0)
        principal->done(principal->arg, arn, NULL);
    else if (strncmp(resource, "assumed-role/", 13) == 0)
        ask_role(principal, resource);
    else
        principal->done(principal->arg, NULL,
                        "IAM simulates roles and users, not the root user or a federated user");
}

struct doctor_principal *doctor_principal_start(struct doctor_account *account,
                                                doctor_principal_done done, void *arg)
{
    struct doctor_principal *principal = mem_alloc(sizeof *principal);
    *principal = (struct doctor_principal){.account = account, .done = done, .arg = arg};
    loop_defer(account->doctor->context->loop, start, principal);
    return principal;
}

void doctor_principal_free(struct doctor_principal *principal)
{
    if (principal == NULL)
        return;
    mem_free(principal->guess);
    mem_free(principal);
}
