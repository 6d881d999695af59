#include "compliance/framework.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "base/text_list.h"
#include "value/json.h"

#define FOLDER "frameworks"
#define SUFFIX ".json"

static bool is_name(const char *name)
{
    return name[0] != '.' && strchr(name, '/') == NULL;
}

/* The name without the suffix; "" for other files. */
static char *framework_of(const char *file)
{
    size_t length = strlen(file), tail = strlen(SUFFIX);
    bool named = length > tail && strcmp(file + length - tail, SUFFIX) == 0;
    return mem_strndup(file, named ? length - tail : 0);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void list_names(const char *policies, struct text_list *names)
{
    const struct dirent *entry;
    char *folder = mem_printf("%s/" FOLDER, policies);
    DIR *directory = opendir(folder);
    mem_free(folder);
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        char *framework = framework_of(entry->d_name);
        if (framework[0] != '\0' && !text_list_has(names, framework))
            text_list_add(names, framework);
        mem_free(framework);
    }
    closedir(directory);
}

void framework_names(const struct text_list *folders, struct text_list *names)
{
    for (size_t i = 0; i < folders->count; i++)
        list_names(folders->items[i], names);
    if (names->count > 0)
        qsort(names->items, names->count, sizeof *names->items, by_text);
}

static void refuse_name(const struct text_list *folders, const char *name, struct err *err)
{
    struct text_list names = {0};
    framework_names(folders, &names);
    if (folders->count == 0)
        err_set(err, ERR_USAGE, "--compliance: there is no policies directory");
    else if (names.count == 0)
        err_set(err, ERR_USAGE, "--compliance: there are no frameworks in %s/" FOLDER,
                folders->items[folders->count - 1]);
    else
        suggest_refuse("--compliance", name, (const char *const *)names.items, names.count, err);
    text_list_clear(&names);
}

static bool is_list_of_texts(const json_t *list)
{
    size_t i;
    json_t *entry;
    if (!json_is_array(list))
        return false;
    json_array_foreach (list, i, entry) {
        if (!json_is_string(entry))
            return false;
    }
    return true;
}

static const char *fault_of(const json_t *framework)
{
    const char *control;
    json_t *list;
    json_t *controls = json_object_get(framework, "controls");
    const json_t *near = json_object_get(framework, "near");
    if (json_get_string(framework, "title", NULL) == NULL)
        return "it has no \"title\"";
    if (!is_list_of_texts(json_object_get(framework, "sources")))
        return "\"sources\" is not a list of strings";
    if (json_object_size(controls) == 0)
        return "it has no \"controls\"";
    if (near != NULL && !json_is_boolean(near))
        return "\"near\" is not true or false";
    json_object_foreach (controls, control, list) {
        if (!is_list_of_texts(list))
            return "a control is not a list of strings";
    }
    return NULL;
}

static json_t *load(const char *path, struct err *err)
{
    json_error_t error;
    json_t *framework = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    const char *fault = framework != NULL ? fault_of(framework) : error.text;
    if (fault == NULL)
        return framework;
    if (framework == NULL)
        err_set(err, ERR_USAGE, "%s line %d: %s", path, error.line, fault);
    else
        err_set(err, ERR_USAGE, "%s: %s", path, fault);
    json_decref(framework);
    return NULL;
}

json_t *framework_read(const struct text_list *folders, const char *name, struct err *err)
{
    for (size_t i = 0; i < folders->count && is_name(name); i++) {
        char *path = mem_printf("%s/" FOLDER "/%s" SUFFIX, folders->items[i], name);
        bool found = access(path, F_OK) == 0;
        json_t *framework = found ? load(path, err) : NULL;
        mem_free(path);
        if (found)
            return framework;
    }
    refuse_name(folders, name, err);
    return NULL;
}
