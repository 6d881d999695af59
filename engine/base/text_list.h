/* A list of texts that grows at its end. It owns copies of its items; a struct of zeros is an empty
 * list. */
#ifndef BASE_TEXT_LIST_H
#define BASE_TEXT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct text_list {
    char **items;
    size_t count;
};

void text_list_add(struct text_list *list, const char *item);
void text_list_split(struct text_list *list, const char *text); /* at commas and white space */
bool text_list_has(const struct text_list *list, const char *item);
void text_list_clear(struct text_list *list);

#endif
