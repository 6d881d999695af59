/* Places that nobody could list: a line each among those of resources, which the remediator makes a
 * finding of, so that whoever reads findings knows what was not looked at. */
#include "app/lambda/lambda_unlisted.h"

#include "policy/finding.h"

/* error: taken over. */
static void put(struct lines *lines, const char *account, const char *region, const char *type,
                json_t *error)
{
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o}", "account", account, "region", region,
                             "type", type, "id", "*", "error", error);
    lines_put_message(lines, line, 0);
    json_decref(line);
}

void lambda_put_unlisted(const struct poll *poll, struct lines *lines)
{
    for (size_t i = 0; i < poll_places(poll); i++) {
        const json_t *error = poll_error(poll, i);
        const struct poll_place *place = poll_place(poll, i);
        if (error != NULL)
            put(lines, place->account, place->region, place->policy->type, json_deep_copy(error));
    }
}

void lambda_put_unbegun(const struct resource *place, const struct err *why, struct lines *lines)
{
    put(lines, place->account, place->region, place->type, finding_error_json(why));
}
