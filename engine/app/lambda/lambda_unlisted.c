/* Targets that could not be listed: each becomes a line among the resource lines. The remediator
 * makes a finding of it, so that readers of the findings know what was not audited. */
#include "app/lambda/lambda_unlisted.h"

#include "policy/finding.h"

/* error: takes ownership. */
static void put(struct line_sink *lines, const char *account, const char *region, const char *type,
                json_t *error)
{
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o}", "account", account, "region", region,
                             "type", type, "id", "*", "error", error);
    line_sink_put_message(lines, line, 0);
    json_decref(line);
}

void lambda_put_unlisted(const struct poll *poll, struct line_sink *lines)
{
    for (size_t i = 0; i < poll_targets(poll); i++) {
        const json_t *error = poll_error(poll, i);
        const struct poll_target *target = poll_target(poll, i);
        if (error != NULL)
            put(lines, target->account, target->region, target->policy->type,
                json_deep_copy(error));
    }
}

void lambda_put_not_started(const struct resource *target, const struct err *why,
                            struct line_sink *lines)
{
    put(lines, target->account, target->region, target->type, finding_error_json(why));
}
