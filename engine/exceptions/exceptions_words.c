#include "exceptions/exceptions_words.h"

#include <string.h>

#include "base/mem.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rules.h"
#include "policy/words.h"
#include "value/json.h"

static int check_word(const struct exceptions_words *words, const char *field,
                      const struct word *word, struct err *err)
{
    if (strcmp(field, "account") == 0)
        return words_account(word->label, word->text, err);
    if (strcmp(field, "region") == 0)
        return strcmp(word->text, EXCEPTIONS_GLOBAL) == 0
                   ? 0
                   : words_region(words->endpoints, word, err);
    if (words->some_types)
        return 0;
    if (strcmp(field, "type") == 0)
        return words_type(words->evaluator, word, err);
    return words_check(words->evaluator, word, err);
}

static int check_field(const struct exceptions_words *words, const struct rule *rule,
                       const char *field, struct err *err)
{
    size_t i;
    json_t *word;
    json_array_foreach (json_object_get(rule->fields, field), i, word) {
        char *label = mem_printf("%s: %s", json_get_string(rule->shown, "rule", ""), field);
        const struct word asked = {
            .label = label, .text = json_string_value(word), .pattern = true};
        int result = check_word(words, field, &asked, err);
        mem_free(label);
        if (result != 0)
            return -1;
    }
    return 0;
}

int exceptions_check(struct exceptions *exceptions, const struct exceptions_words *words,
                     struct err *err)
{
    static const char *const fields[] = {"account", "region", "type", "check"};
    for (size_t i = 0; i < exceptions->count; i++) {
        for (size_t j = 0; j < sizeof fields / sizeof fields[0]; j++) {
            if (check_field(words, &exceptions->rules[i], fields[j], err) != 0) {
                exceptions->audit_only = true;
                return -1;
            }
        }
    }
    return 0;
}
