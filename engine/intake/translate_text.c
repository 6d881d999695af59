#include "intake/translate_text.h"

#include <string.h>

#include "policy/words.h"
#include "value/json.h"

/* AWS CloudTrail User Guide, "CloudTrail record contents": members that every record has. */
static bool is_record(const json_t *document)
{
    return json_object_get(document, "eventVersion") != NULL ||
           json_object_get(document, "eventName") != NULL;
}

static bool is_neither(const json_t *document)
{
    return json_is_object(document) && json_object_get(document, "detail") == NULL &&
           json_object_get(document, "detail-type") == NULL && !is_record(document);
}

static void refuse(const struct translate_target *target, const struct err *err)
{
    target->problem(target->arg, TRANSLATE_FAILED, err);
}

/* The parser counts lines from the beginning of the text. */
static void refuse_text(const char *text, size_t length, const struct translate_target *target,
                        struct err *err)
{
    bool lines = memchr(text, '\n', length) != NULL;
    err_prefix(err, lines ? "this is not JSON, counted from here" : "this is not JSON");
    refuse(target, err);
}

void translate_text(const struct context *context, const char *text, size_t length,
                    const struct translate_target *target)
{
    struct err err = {0};
    json_t *event = json_parse_line(text, length, &err);
    if (event == NULL) {
        refuse_text(text, length, target, &err);
    } else if (is_neither(event)) {
        err_set(
            &err, ERR_PARSE,
            "this is neither an event of EventBridge (\"detail\"), nor a record (\"eventName\") "
            "or a log file (\"Records\") of CloudTrail");
        refuse(target, &err);
    } else if (json_object_get(event, "detail") == NULL && is_record(event)) {
        translate_record(context, event, target);
    } else {
        translate_event(context, event, target);
    }
    json_decref(event);
}

int translate_check_types(const struct context *context, struct err *err)
{
    struct evaluator *evaluator = context->evaluator;
    const struct text_list *types = &context->settings->types;
    for (size_t i = 0; i < types->count; i++) {
        if (evaluator->find(evaluator->self, types->items[i]) == NULL)
            return words_type(evaluator, &(struct word){"--types", types->items[i], false}, err);
    }
    return 0;
}
