#include "doctor/doctor_groups.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "doctor/doctor_status.h"
#include "value/json.h"

#define MAX_ITEMS ((size_t)1 << 24)
#define ANY_ACCOUNT "\xe2\x80\xa6"

/* The items as text, without the account's id in them: "…:role/member_remediator can be …". */
static char *text_of_any(const char *account, const json_t *items)
{
    char *text = json_text(items);
    struct buf any;
    buf_init(&any, MAX_ITEMS);
    for (const char *at = text, *found; at != NULL; at = found) {
        found = strstr(at, account);
        buf_add(&any, at, found != NULL ? (size_t)(found - at) : strlen(at));
        if (found != NULL) {
            buf_adds(&any, ANY_ACCOUNT);
            found += strlen(account);
        }
    }
    mem_free(text);
    text = mem_strdup(buf_text(&any));
    buf_clear(&any);
    return text;
}

/* A group is {"accounts": […], "items": […]}; its key is the text of the items in any account. */
void doctor_groups_add(json_t *groups, const char *account, json_t *items)
{
    char *key = text_of_any(account, items);
    json_t *group = json_object_get(groups, key);
    if (group == NULL) {
        group = json_pack("{s:[], s:O}", "accounts", "items", items);
        json_object_set_new_nocheck(groups, key, group);
    }
    json_array_append_new(json_object_get(group, "accounts"), json_string(account));
    mem_free(key);
}

static bool is_sound(const json_t *items)
{
    const char *const bad[] = {doctor_status_name(DOCTOR_FAILED),
                               doctor_status_name(DOCTOR_MISSING)};
    size_t i;
    json_t *item;
    json_array_foreach (items, i, item) {
        const char *status = json_get_string(item, "status", "");
        if (strcmp(status, bad[0]) == 0 || strcmp(status, bad[1]) == 0)
            return false;
    }
    return true;
}

static void print(const char *key, const json_t *group, bool sound, const struct doctor_text *text)
{
    const json_t *accounts = json_object_get(group, "accounts");
    bool alone = json_array_size(accounts) == 1;
    struct err err;
    json_t *any = alone ? NULL : json_parse(key, strlen(key), &err);
    const json_t *items = any != NULL ? any : json_object_get(group, "items");
    size_t i;
    json_t *item;
    doctor_text_accounts(text, accounts, !sound);
    json_array_foreach (items, i, item)
        doctor_text_item(text, item, json_array_get(items, i + 1));
    json_decref(any);
}

void doctor_groups_print(json_t *groups, const struct doctor_text *text)
{
    const char *key;
    json_t *group;
    for (int bad = 0; bad < 2; bad++)
        json_object_foreach (groups, key, group) {
            bool sound = is_sound(json_object_get(group, "items"));
            if (sound == (bad == 0))
                print(key, group, sound, text);
        }
}
