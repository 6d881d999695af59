#include "policy/words.h"

#include <string.h>

#include "aws/endpoint/endpoint_partition.h"
#include "base/mem.h"

#define DIGITS 12
#define OWN "--policies names folders of your own"

/* AWS_REGION and the region of a profile are accepted without this check, as in every AWS tool. */
#define NEWER_REGION                                                                               \
    " (for a region that is newer than these API models, set AWS_REGION without --regions, or "    \
    "compile newer models: engine models)"

/* Length of the UTF-8 character at `text`, which may be truncated. */
static size_t character(const char *text)
{
    size_t length = 1;
    while (((unsigned char)text[length] & 0xc0) == 0x80 && ((unsigned char)text[0] & 0x80) != 0)
        length++;
    return length;
}

bool words_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?') {
            pattern++;
            text += character(text);
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* Looks for a word among names that are passed in one after another. */
struct search {
    const struct word *word;
    bool found;
    struct suggest suggest;
    const char *more; /* text after the hint, or without a hint */
};

static void offer(void *arg, const char *name)
{
    struct search *search = arg;
    const char *text = search->word->text;
    search->found |= search->word->pattern ? words_glob(text, name) : strcmp(text, name) == 0;
    suggest_offer(&search->suggest, name);
}

static struct search search_for(const struct word *word)
{
    struct search search = {.word = word, .more = ""};
    suggest_init(&search.suggest, word->text);
    return search;
}

static int result_of(const struct search *search, const char *kind, const char *where,
                     struct err *err)
{
    char hint[SUGGEST_TEXT];
    const struct word *word = search->word;
    if (search->found)
        return 0;
    suggest_text(&search->suggest, hint);
    return err_set(err, ERR_USAGE, "%s: no %s \"%s\"%s%s%s", word->label, kind, word->text, hint,
                   hint[0] == '\0' ? where : "", search->more);
}

static void offer_list(struct search *search, const json_t *list, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item)
        offer(search, json_string_value(key != NULL ? json_object_get(item, key) : item));
}

static struct search search_types(struct evaluator *evaluator, const struct word *word)
{
    size_t count;
    struct search search = search_for(word);
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        offer(&search, all[i]->type);
        offer_list(&search, json_object_get(all[i]->meta, "aliases"), NULL);
    }
    return search;
}

void words_type_hint(struct evaluator *evaluator, const char *text, char hint[SUGGEST_TEXT])
{
    const struct search search =
        search_types(evaluator, &(struct word){.label = "", .text = text, .pattern = false});
    suggest_text(&search.suggest, hint);
}

int words_type(struct evaluator *evaluator, const struct word *word, struct err *err)
{
    const struct search search = search_types(evaluator, word);
    return result_of(&search, "policy for the type", " (`engine check` lists them; " OWN ")", err);
}

int words_check(struct evaluator *evaluator, const struct word *word, struct err *err)
{
    size_t count;
    struct search search = search_for(word);
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++)
        offer_list(&search, json_object_get(all[i]->meta, "checks"), "id");
    return result_of(&search, "check", " (`engine generate checks` lists them; " OWN ")", err);
}

int words_region(const struct endpoints *endpoints, const struct word *word, struct err *err)
{
    struct search search = search_for(word);
    if (endpoints == NULL || endpoint_regions(endpoints, offer, &search) == 0)
        return 0;
    search.more = endpoint_may_be_region(endpoints, word->text) ? NEWER_REGION : "";
    return result_of(&search, "region", "", err);
}

bool words_has_region(const struct endpoints *endpoints, const char *text, char hint[SUGGEST_TEXT])
{
    const struct word word = {.label = "", .text = text};
    struct search search = search_for(&word);
    if (endpoints == NULL || endpoint_regions(endpoints, offer, &search) == 0 || search.found)
        return true;
    suggest_text(&search.suggest, hint);
    return false;
}

int words_partition(const struct endpoints *endpoints, const struct word *word, struct err *err)
{
    struct search search = search_for(word);
    if (endpoint_partitions(endpoints, offer, &search) == 0)
        return 0;
    return result_of(&search, "partition", ", such as aws, aws-cn or aws-us-gov", err);
}

int words_account(const char *label, const char *word, struct err *err)
{
    size_t length = strlen(word), stars = 0;
    for (const char *c = word; *c != '\0'; c++)
        stars += *c == '*';
    bool fits = stars > 0 ? length - stars <= DIGITS : length == DIGITS;
    if (fits && strspn(word, "0123456789*?") == length)
        return 0;
    return err_set(err, ERR_USAGE, "%s: '%s' is not an account id of 12 digits", label, word);
}
