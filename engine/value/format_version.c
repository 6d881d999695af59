#include "value/format_version.h"

int format_version_check(const json_t *object, const char *key, int newest, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL)
        return 0;
    json_int_t version = json_integer_value(value);
    if (version < 1)
        return err_set(err, ERR_USAGE, "\"%s\" must be the number of a format version", key);
    if (version <= newest)
        return 0;
    return err_set(err, ERR_USAGE,
                   "a newer engine wrote this (\"%s\" is %lld): engine %s reads versions up to %d; "
                   "use an engine as new as the one that wrote it",
                   key, (long long)version, ENGINE_VERSION, newest);
}
