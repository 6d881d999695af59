#include "base/region.h"

#include <string.h>

/* Letters, then words of letters, then a number. */
bool region_is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t words = 0;
    size_t length = strspn(text, letters);
    if (length < 2 || length > 4)
        return false;
    for (text += length; *text == '-' && (length = strspn(text + 1, letters)) > 0; words++)
        text += length + 1;
    if (words == 0 || *text != '-')
        return false;
    length = strspn(text + 1, "0123456789");
    return length > 0 && text[length + 1] == '\0';
}
