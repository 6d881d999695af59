/* Targets that could not be listed: each becomes a line among the resource lines. The remediator
 * makes a finding of it, so that readers of the findings know what was not audited. */
#include "app/lambda/lambda_unlisted.h"

#include <string.h>

#include "policy/finding.h"
#include "policy/finding_entry.h"

/* error: takes ownership. places: how many the line stands for. */
static void put(struct line_sink *lines, const char *account, const char *region, const char *type,
                json_t *error, size_t places)
{
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o}", "account", account, "region", region,
                             "type", type, "id", "*", "error", error);
    if (places > 1)
        json_object_set_new(line, "places", json_integer((json_int_t)places));
    line_sink_put_message(lines, line, 0);
    json_decref(line);
}

/* Why the account of this target cannot be entered; NULL: it can, or the target was listed. */
static const json_t *refusal_of(const struct poll *poll, size_t index)
{
    const json_t *error = poll_error(poll, index);
    bool refused = error != NULL && finding_entry_refused(error, poll_target(poll, index)->account);
    return refused ? error : NULL;
}

static bool is_of(const struct poll *poll, size_t index, const char *account)
{
    return index < poll_targets(poll) && strcmp(poll_target(poll, index)->account, account) == 0;
}

/* How many targets of the account cannot be listed because it cannot be entered. 0: an earlier one
 * counts them, so that the account has one line. Targets are sorted by account. */
static size_t places_of(const struct poll *poll, size_t index)
{
    size_t count = 0;
    const char *account = poll_target(poll, index)->account;
    for (size_t i = index; i-- > 0 && is_of(poll, i, account);) {
        if (refusal_of(poll, i) != NULL)
            return 0;
    }
    for (size_t i = index; is_of(poll, i, account); i++)
        count += refusal_of(poll, i) != NULL;
    return count;
}

void lambda_put_unlisted(const struct poll *poll, struct line_sink *lines)
{
    for (size_t i = 0; i < poll_targets(poll); i++) {
        const json_t *error = poll_error(poll, i);
        const struct poll_target *target = poll_target(poll, i);
        size_t places = error == NULL ? 0 : refusal_of(poll, i) != NULL ? places_of(poll, i) : 1;
        if (places > 0)
            put(lines, target->account, target->region, target->policy->type, json_deep_copy(error),
                places);
    }
}

void lambda_put_not_listed(const struct poll_target *target, const struct err *why, size_t places,
                           struct line_sink *lines)
{
    put(lines, target->account, target->region, target->policy->type, finding_error_json(why),
        places);
}
