#include "settings/settings_list.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

/* Larger than a million account ids. */
#define MAX_FILE ((size_t)16 << 20)
#define MARK "\xef\xbb\xbf" /* the byte order mark in UTF-8 */

char *settings_list_file(const char *path, size_t max, size_t *length)
{
    char *text = file_read(path, max, length);
    if (text != NULL && strncmp(text, MARK, strlen(MARK)) == 0) {
        *length -= strlen(MARK);
        memmove(text, text + strlen(MARK), *length + 1);
    }
    return text;
}

static int add_file(const char *label, const char *path, struct text_list *list, struct err *err)
{
    size_t length;
    char *text = settings_list_file(path, MAX_FILE, &length);
    if (text == NULL)
        return err_set(err, ERR_USAGE, "%s: the file '%s' cannot be read: %s", label, path,
                       strerror(errno));
    size_t before = list->count;
    text_list_split(list, text);
    bool nested = false;
    for (size_t i = before; i < list->count; i++)
        nested = nested || list->items[i][0] == '@';
    bool sound = strlen(text) == length && list->count > before && !nested;
    mem_free(text);
    return sound ? 0
                 : err_set(err, ERR_USAGE,
                           "%s: the file '%s' must contain values, and must not name another file",
                           label, path);
}

int settings_read_list(const char *label, const char *text, struct text_list *list, struct err *err)
{
    int result = 0;
    struct text_list words = {0};
    text_list_split(&words, text);
    for (size_t i = 0; i < words.count && result == 0; i++) {
        if (words.items[i][0] == '@')
            result = add_file(label, words.items[i] + 1, list, err);
        else
            text_list_add(list, words.items[i]);
    }
    if (words.count == 0 && text[0] != '\0')
        result = err_set(err, ERR_USAGE, "%s: '%s' contains no value", label, text);
    text_list_clear(&words);
    return result;
}
