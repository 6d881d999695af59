/* One pattern for each event source, so that no source is combined with event names of another: the
 * key of a watched event is source and name together. */
#include "generate/generate_events.h"

#include <string.h>

#include "base/mem.h"
#include "generate/generate_keys.h"

/* EventBridge quotas: maximum length of an event pattern. Measured as JSON with spaces between its
 * parts, as most tools write it. */
#define MAX_PATTERN 2048

/* {"ec2": {"RunInstances": true…}…} */
static json_t *names_by_source(const struct generate_input *input)
{
    json_t *sources = json_object();
    const char *event;
    json_t *rule;
    for (size_t i = 0; i < input->count; i++) {
        json_object_foreach (json_object_get(input->policies[i]->meta, "events"), event, rule) {
            const char *colon = strchr(event, ':');
            char *source = mem_strndup(event, (size_t)(colon - event));
            json_object_set_new(generate_member(sources, source), colon + 1, json_true());
            mem_free(source);
        }
    }
    return sources;
}

/* Source: EventBridge user guide, "AWS service events delivered via AWS CloudTrail". A call that
 * failed has an errorCode (CloudTrail user guide, "CloudTrail record contents"). */
static json_t *pattern_of(const char *source, json_t *names)
{
    char *bus_source = mem_printf("aws.%s", source);
    char *event_source = mem_printf("%s.amazonaws.com", source);
    json_t *pattern =
        json_pack("{s:[s], s:[s], s:{s:[s], s:O, s:[{s:b}]}}", "source", bus_source, "detail-type",
                  "AWS API Call via CloudTrail", "detail", "eventSource", event_source, "eventName",
                  names, "errorCode", "exists", 0);
    mem_free(bus_source);
    mem_free(event_source);
    return pattern;
}

bool generate_pattern_fits(const json_t *pattern)
{
    char *text = json_dumps(pattern, 0);
    bool result = strlen(text) < MAX_PATTERN;
    mem_free(text);
    return result;
}

/* Each pattern contains as many names as fit. A single name always fits: CloudTrail names are
 * short. */
static void add_source(json_t *patterns, const char *source, json_t *events)
{
    const char **keys = generate_sorted_keys(events);
    json_t *names = json_array();
    json_t *pattern = pattern_of(source, names);
    for (const char **key = keys; *key != NULL; key++) {
        json_array_append_new(names, json_string(*key));
        if (json_array_size(names) == 1 || generate_pattern_fits(pattern))
            continue;
        json_array_remove(names, json_array_size(names) - 1);
        json_array_append_new(patterns, pattern);
        json_decref(names);
        names = json_pack("[s]", *key);
        pattern = pattern_of(source, names);
    }
    json_array_append_new(patterns, pattern);
    json_decref(names);
    mem_free(keys);
}

json_t *generate_events(const struct generate_input *input)
{
    json_t *sources = names_by_source(input);
    json_t *patterns = json_array();
    const char **keys = generate_sorted_keys(sources);
    for (const char **key = keys; *key != NULL; key++)
        add_source(patterns, *key, json_object_get(sources, *key));
    mem_free(keys);
    json_decref(sources);
    return patterns;
}
