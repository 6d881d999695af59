/* Lists: words divided by commas and blanks. "@FILE" stands for the words of that file, which may
 * be more than a variable holds: Lambda takes 4 KB of all variables of a function (AWS Lambda
 * Developer Guide, "Quotas"). Serves settings_value. */
#ifndef SETTINGS_SETTINGS_LIST_H
#define SETTINGS_SETTINGS_LIST_H

#include "base/err.h"
#include "base/text_list.h"

/* The words of a list, those of its files ("@FILE") included, are added to `list`. */
int settings_read_list(const char *label, const char *text, struct text_list *list,
                       struct err *err);

#endif
