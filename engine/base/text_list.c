#include "base/text_list.h"

#include <string.h>

#include "base/mem.h"

void text_list_add(struct text_list *list, const char *item)
{
    list->items = mem_resize(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = mem_strdup(item);
}

void text_list_split(struct text_list *list, const char *text)
{
    static const char marks[] = ", \t\r\n";
    text += strspn(text, marks);
    while (*text != '\0') {
        size_t length = strcspn(text, marks);
        char *item = mem_strndup(text, length);
        text_list_add(list, item);
        mem_free(item);
        text += length;
        text += strspn(text, marks);
    }
}

bool text_list_has(const struct text_list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], item) == 0)
            return true;
    }
    return false;
}

void text_list_clear(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->items[i]);
    mem_free(list->items);
    *list = (struct text_list){0};
}
