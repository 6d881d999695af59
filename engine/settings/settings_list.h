/* Lists: words separated by commas and white space. "@FILE" stands for the words in that file,
 * which may be longer than a variable: Lambda allows 4 KB for all variables of a function (AWS
 * Lambda Developer Guide, "Quotas"). Serves settings_value. */
#ifndef SETTINGS_SETTINGS_LIST_H
#define SETTINGS_SETTINGS_LIST_H

#include <stddef.h>

#include "base/err.h"
#include "base/text_list.h"

/* The text of a list's file without a byte order mark, which some editors write: it would be part
 * of the first word. NULL with errno on error; free with mem_free. */
char *settings_list_file(const char *path, size_t max, size_t *length);

/* Adds the words of a list to `list`, including those of its files ("@FILE"). */
int settings_read_list(const char *label, const char *text, struct text_list *list,
                       struct err *err);

#endif
