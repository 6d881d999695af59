/* Places that nobody could list: a line each among those of resources, which the remediator makes a
 * finding of, so that whoever reads findings knows what was not looked at. */
#include "app/lambda/lambda_poll.h"

static json_t *line_of(const struct poll_place *place, const json_t *error)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "account", place->account, "region",
                     place->region, "type", place->policy->type, "id", "*", "error",
                     json_deep_copy(error));
}

void lambda_put_unlisted(const struct poll *poll, struct lines *lines)
{
    for (size_t i = 0; i < poll_places(poll); i++) {
        const json_t *error = poll_error(poll, i);
        if (error == NULL)
            continue;
        json_t *line = line_of(poll_place(poll, i), error);
        lines_put_message(lines, line, 0);
        json_decref(line);
    }
}
