/* Lists: words separated by commas and white space. "@FILE" stands for the words in that file,
 * which may be longer than a variable: Lambda allows 4 KB for all variables of a function (AWS
 * Lambda Developer Guide, "Quotas"). Serves settings_value. */
#ifndef SETTINGS_SETTINGS_LIST_H
#define SETTINGS_SETTINGS_LIST_H

#include "base/err.h"
#include "base/text_list.h"

/* Adds the words of a list to `list`, including those of its files ("@FILE"). */
int settings_read_list(const char *label, const char *text, struct text_list *list,
                       struct err *err);

#endif
