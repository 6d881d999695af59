#include "compliance/controls.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "compliance/compliance.h"
#include "compliance/framework.h"
#include "value/json.h"

#define NEAR " ~"
#define WORD_MAX 64

/* ---- the frameworks ---- */

/* The titles of keys that policies use; other keys are their own title. */
static const struct {
    const char *key, *title;
} titles[] = {{"securityhub", "AWS Security Hub"}, {"cis", "CIS 3.0"}};

static const char *title_of(const char *key)
{
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (strcmp(titles[i].key, key) == 0)
            return titles[i].title;
    }
    return key;
}

static int add_files(json_t *all, const struct text_list *folders, struct evaluator *evaluator,
                     struct err *err)
{
    struct text_list names = {0};
    int result = 0;
    framework_names(folders, &names);
    for (size_t i = 0; i < names.count && result == 0; i++) {
        struct compliance *compliance = compliance_open(folders, names.items[i], evaluator, err);
        if (compliance != NULL)
            json_array_append_new(all, compliance_coverage(compliance));
        else
            result = -1;
        compliance_free(compliance);
    }
    text_list_clear(&names);
    return result;
}

static size_t id_length(const char *id)
{
    size_t length = strlen(id), tail = strlen(NEAR);
    bool near = length > tail && strcmp(id + length - tail, NEAR) == 0;
    return near ? length - tail : length;
}

static json_t *control_in(json_t *controls, const char *id)
{
    size_t i;
    json_t *control;
    json_array_foreach (controls, i, control) {
        if (strcmp(json_get_string(control, "id", ""), id) == 0)
            return control;
    }
    control = json_pack("{s:s, s:[], s:b}", "id", id, "checks", "near", 1);
    json_array_append_new(controls, control);
    return control;
}

static void add_declared(json_t *framework, const char *written, const json_t *check)
{
    size_t length = id_length(written);
    char *id = mem_strndup(written, length);
    json_t *control = control_in(json_object_get(framework, "controls"), id);
    json_array_append(json_object_get(control, "checks"), json_object_get(check, "id"));
    if (written[length] == '\0')
        json_object_del(control, "near");
    mem_free(id);
}

static json_t *declared_framework(json_t *declared, const char *key)
{
    json_t *framework = json_object_get(declared, key);
    if (framework != NULL)
        return framework;
    framework = json_pack("{s:s, s:s, s:[], s:[]}", "framework", key, "title", title_of(key),
                          "sources", "controls");
    json_object_set_new(declared, key, framework);
    return framework;
}

static void add_check(json_t *declared, const struct text_list *in_files, const json_t *check)
{
    size_t i;
    const char *key;
    json_t *ids, *id;
    json_object_foreach (json_object_get(check, "controls"), key, ids) {
        if (text_list_has(in_files, key))
            continue;
        json_array_foreach (ids, i, id)
            add_declared(declared_framework(declared, key), json_string_value(id), check);
    }
}

/* Keys that belong to a file's framework; their controls are in it already. */
static void list_keys(const json_t *frameworks, struct text_list *keys)
{
    size_t i;
    json_t *framework;
    json_array_foreach (frameworks, i, framework)
        text_list_add(keys, json_get_string(framework, "declared", ""));
}

static void add_of_policies(json_t *frameworks, struct evaluator *evaluator)
{
    size_t count, at;
    const char *key;
    json_t *check, *framework;
    json_t *declared = json_object();
    struct text_list in_files = {0};
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    list_keys(frameworks, &in_files);
    for (size_t i = 0; i < count; i++) {
        json_array_foreach (json_object_get(all[i]->meta, "checks"), at, check)
            add_check(declared, &in_files, check);
    }
    json_object_foreach (declared, key, framework)
        json_array_append(frameworks, framework);
    json_decref(declared);
    text_list_clear(&in_files);
}

json_t *controls_frameworks(const struct text_list *folders, struct evaluator *evaluator,
                            struct err *err)
{
    json_t *frameworks = json_array();
    if (add_files(frameworks, folders, evaluator, err) != 0) {
        json_decref(frameworks);
        return NULL;
    }
    add_of_policies(frameworks, evaluator);
    return frameworks;
}

/* ---- the words that name a framework ---- */

/* "v4.0.1" and "v/4.0.1", as Security Hub writes it in ARNs, are the same as "4.0.1". */
static bool is_version_mark(const char *text)
{
    return tolower((unsigned char)*text) == 'v' &&
           (isdigit((unsigned char)text[1]) || (text[1] == '/' && isdigit((unsigned char)text[2])));
}

static const char *skip_to_word(const char *text)
{
    while (*text != '\0' && !isalnum((unsigned char)*text))
        text++;
    return text;
}

/* The next word of letters or of digits, in lower case: "v4.0.1" is "4", "0", "1". Returns what
 * follows, or NULL if there is none. */
static const char *next_word(const char *text, char word[WORD_MAX])
{
    size_t length = 0;
    text = skip_to_word(text);
    if (is_version_mark(text))
        text = skip_to_word(text + 1);
    for (; isalnum((unsigned char)*text) && length + 1 < WORD_MAX; text++)
        word[length++] = (char)tolower((unsigned char)*text);
    word[length] = '\0';
    return length > 0 ? text : NULL;
}

/* Are these words words of `title`, in the same order? */
static bool in_order(const char *words, const char *title)
{
    char word[WORD_MAX], of_title[WORD_MAX];
    while ((words = next_word(words, word)) != NULL) {
        do {
            title = next_word(title, of_title);
        } while (title != NULL && strcmp(word, of_title) != 0);
        if (title == NULL)
            return false;
    }
    return true;
}

static bool names(const json_t *framework, const char *words)
{
    char word[WORD_MAX];
    return next_word(words, word) != NULL &&
           (in_order(words, json_get_string(framework, "framework", "")) ||
            in_order(words, json_get_string(framework, "title", "")));
}

/* Those whose own name it is count alone. */
json_t *controls_named(const json_t *frameworks, const char *words)
{
    size_t i;
    json_t *framework, *found = json_array();
    json_array_foreach (frameworks, i, framework) {
        if (strcasecmp(json_get_string(framework, "framework", ""), words) == 0) {
            json_array_clear(found);
            json_array_append(found, framework);
            break;
        }
        if (names(framework, words))
            json_array_append(found, framework);
    }
    return found;
}

/* ---- controls ---- */

static void add_found(json_t *found, const json_t *framework, const json_t *control)
{
    json_t *entry = json_pack("{s:O, s:O}", "framework", json_object_get(framework, "framework"),
                              "title", json_object_get(framework, "title"));
    json_object_update(entry, (json_t *)(uintptr_t)control);
    json_array_append_new(found, entry);
}

/* Do these words name that framework, or none at all? */
static bool admits(const json_t *frameworks, const char *words, const json_t *framework)
{
    size_t i;
    json_t *one, *named = controls_named(frameworks, words);
    bool found = words[0] == '\0';
    json_array_foreach (named, i, one)
        found = found || one == framework;
    json_decref(named);
    return found;
}

/* The text is the id, or ends in it behind a blank or a slash. Returns the words before it, for
 * mem_free, or NULL. Ids themselves may have blanks and slashes. */
static char *words_before(const char *text, size_t length, const char *id)
{
    size_t tail = strlen(id), before = length - tail;
    if (tail == 0 || tail > length || strncasecmp(text + before, id, tail) != 0)
        return NULL;
    if (before == 0)
        return mem_strdup("");
    return strchr(" /", text[before - 1]) != NULL ? mem_strndup(text, before - 1) : NULL;
}

static void find_in(const json_t *frameworks, const json_t *framework, const char *text,
                    json_t *found)
{
    size_t i, length = id_length(text);
    json_t *control;
    json_array_foreach (json_object_get(framework, "controls"), i, control) {
        char *words = words_before(text, length, json_get_string(control, "id", ""));
        if (words != NULL && admits(frameworks, words, framework))
            add_found(found, framework, control);
        mem_free(words);
    }
}

json_t *controls_find(json_t *frameworks, const char *text)
{
    size_t i;
    json_t *framework, *found = json_array();
    json_array_foreach (frameworks, i, framework)
        find_in(frameworks, framework, text, found);
    return found;
}

/* ---- near names ---- */

/* "CIS 3.0 2.1.44": the framework's words, and what is behind the last blank or slash. */
struct name {
    char *words; /* "" for all frameworks */
    char *id;
};

static struct name split(const char *text)
{
    size_t length = id_length(text), at = length;
    while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '/')
        at--;
    return (struct name){mem_strndup(text, at > 0 ? at - 1 : 0),
                         mem_strndup(text + at, length - at)};
}

static void clear(struct name *name)
{
    mem_free(name->words);
    mem_free(name->id);
}

static json_t *frameworks_of(const struct name *name, json_t *frameworks)
{
    return name->words[0] != '\0' ? controls_named(frameworks, name->words)
                                  : json_incref(frameworks);
}

static void offer_controls(const struct name *name, const json_t *framework,
                           struct text_list *offered)
{
    size_t i;
    json_t *control;
    json_array_foreach (json_object_get(framework, "controls"), i, control) {
        const char *id = json_get_string(control, "id", "");
        char *whole = mem_printf("%s%s%s", name->words, name->words[0] != '\0' ? " " : "", id);
        text_list_add(offered, whole);
        mem_free(whole);
    }
}

void controls_offer(json_t *frameworks, const char *text, struct suggest *suggest,
                    struct text_list *offered)
{
    size_t i;
    json_t *framework;
    struct name name = split(text);
    json_t *named = frameworks_of(&name, frameworks);
    json_array_foreach (frameworks, i, framework)
        text_list_add(offered, json_get_string(framework, "framework", ""));
    json_array_foreach (named, i, framework)
        offer_controls(&name, framework, offered);
    for (i = 0; i < offered->count; i++)
        suggest_offer(suggest, offered->items[i]);
    json_decref(named);
    clear(&name);
}
