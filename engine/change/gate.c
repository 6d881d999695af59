#include "change/gate.h"

#include "accounts/sessions.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/gate_internal.h"
#include "change/gate_states.h"
#include "policy/finding.h"
#include "policy/verdict.h"

struct gate *gate_new(const struct context *context, struct journal *journal)
{
    struct gate *gate = mem_alloc(sizeof *gate);
    gate->context = context;
    gate->journal = journal;
    return gate;
}

void gate_free(struct gate *gate)
{
    mem_free(gate);
}

int gate_session(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 struct session *session, struct err *err)
{
    struct creds_provider *provider =
        sessions_writer(gate->context->sessions, policy, resource->account, resource->region, err);
    if (provider == NULL)
        return -1;
    *session = (struct session){.account = resource->account,
                                .provider = provider,
                                .permit = PERMIT_CHANGE,
                                .allowed = policy->writes};
    return 0;
}

void gate_exempt(json_t *finding, const json_t *rule)
{
    finding_exempt(finding, rule);
    verdict_set_remediation(finding, REMEDIATION_HELD);
    finding_set(finding, "held", "an exception applies to it");
}

int gate_begin(struct gate *gate, const struct resource *resource, const char *check,
               const json_t *before, const char *undoes, char fix_id[37], struct err *err)
{
    char now[CLOCK_TEXT];
    random_uuid(fix_id);
    clock_rfc3339(clock_wall_ms(), now);
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O?}", "fix", fix_id, "state", "begin",
                  "time", now, "account", resource->account, "region", resource->region, "type",
                  resource->type, "id", resource->id, "check", check, "before", before);
    if (line == NULL)
        return err_set(err, ERR_PARAM,
                       "the id is not UTF-8 text, so the journal cannot name the resource: nothing "
                       "was changed");
    if (undoes != NULL)
        json_object_set_new(line, "undoes", json_string(undoes));
    return journal_write(gate->journal, line, err);
}

void gate_end(struct gate *gate, const struct resource *resource, const char *fix_id,
              enum journal_result result, const json_t *outcome)
{
    struct err err = {0};
    const struct log_subject subject = resource_subject(resource);
    json_t *line = json_pack("{s:s, s:s, s:s}", "fix", fix_id, "state", "end", "result",
                             journal_result_name(result));
    if (gate_state_found(outcome) != NULL)
        json_object_set(line, "after", (json_t *)(uintptr_t)gate_state_found(outcome));
    if (journal_write(gate->journal, line, &err) != 0)
        log_about(LOG_ERROR, &subject, "%s", err.message);
}
