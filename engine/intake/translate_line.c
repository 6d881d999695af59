#include "intake/translate_line.h"

#include <string.h>

#include "value/json.h"

bool translate_wants(const struct context *context, const struct policy *policy)
{
    const struct evaluator *evaluator = context->evaluator;
    const struct text_list *types = &context->settings->types;
    for (size_t i = 0; i < types->count; i++) {
        if (evaluator->find(evaluator->self, types->items[i]) == policy)
            return true;
    }
    return types->count == 0;
}

int translate_check_id(const struct resource *resource, struct err *err)
{
    for (const char *text = resource->id; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return err_set(err, ERR_PARSE, "\"id\" must not contain control characters");
    }
    return 0;
}

bool translate_is_account(const char *text)
{
    return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

json_t *translate_listing(const struct context *context, const struct policy *policy,
                          const char *account, const char *region)
{
    if (!json_get_bool(policy->meta, "discover", false))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:s}", "type", "poll", "account", account, "region",
                     policy->global ? context->settings->master_region : region, "resource_type",
                     policy->type);
}
