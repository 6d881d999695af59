#include "settings/organization.h"

#include <string.h>

static size_t letters(const char *text)
{
    return strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz");
}

static bool is_word(const char *text, size_t least)
{
    size_t length = letters(text);
    return length >= least && length <= 32 && text[length] == '\0';
}

bool organization_is_account(const char *text)
{
    return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

bool organization_is_id(const char *text)
{
    return strncmp(text, "o-", 2) == 0 && is_word(text + 2, 2);
}

bool organization_is_ou(const char *text)
{
    if (strncmp(text, "ou-", 3) != 0)
        return false;
    size_t root = letters(text + 3);
    return root >= 4 && root <= 32 && text[3 + root] == '-' && is_word(text + 3 + root + 1, 8);
}

bool organization_is_unit(const char *text)
{
    return organization_is_ou(text) || (strncmp(text, "r-", 2) == 0 && is_word(text + 2, 4));
}

const char *organization_asked(const char *word)
{
    if (strcmp(word, "org") == 0)
        return "";
    return strncmp(word, "org:", 4) == 0 && organization_is_unit(word + 4) ? word + 4 : NULL;
}
