/* Which accounts are in the units of REPAIR: of several units that contain an account, the nearest
 * counts. */
#include "change/admission_units.h"

#include <string.h>

#include "change/admission_internal.h"

static bool is_unit(const char *key)
{
    return strncmp(key, "ou-", 3) == 0;
}

static bool names_units(const struct admission *admission)
{
    const char *key;
    json_t *list;
    json_object_foreach (admission->lists, key, list) {
        if (is_unit(key))
            return true;
    }
    return false;
}

static void on_list(void *arg, const struct err *err)
{
    struct admission *admission = arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    const struct organization_known *known = organization_list_known(admission->list);
    admission->unreadable = err != NULL;
    json_decref(admission->units);
    admission->units = err == NULL ? json_incref(known->accounts) : json_object();
    if (err != NULL)
        err_prefix(&failure, "the organizational units of REPAIR cannot be listed");
    admission->done(admission->arg, err != NULL ? &failure : NULL);
}

static void finish_without(void *arg)
{
    const struct admission *admission = arg;
    admission->done(admission->arg, NULL);
}

static void open_list(struct admission *admission, const struct settings *settings)
{
    const char *key;
    json_t *list;
    admission->list = organization_list_new(settings);
    json_object_foreach (admission->lists, key, list) {
        if (is_unit(key))
            organization_list_add(admission->list, key);
    }
}

void admission_load(struct admission *admission, const struct context *context,
                    admission_loaded done, void *arg)
{
    admission->done = done;
    admission->arg = arg;
    if (!names_units(admission)) {
        loop_defer(context->loop, finish_without, admission);
        return;
    }
    if (admission->list == NULL)
        open_list(admission, context->settings);
    admission->unreadable = true;
    organization_list_load(admission->list, context, on_list, admission);
}

void admission_stop(struct admission *admission)
{
    if (admission->list != NULL)
        organization_list_stop(admission->list);
}
