#include "net/recording/redaction_xml.h"

#include <string.h>

#include "net/recording/redaction_names.h"

static bool begins_tag(const char *text, const char *end)
{
    return text + 1 < end && text[0] == '<' &&
           (text[1] == '/' || (text[1] >= 'A' && text[1] <= 'Z') ||
            (text[1] >= 'a' && text[1] <= 'z'));
}

bool redaction_is_space(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) != NULL && *text != '\0')
        text++;
    return text == end;
}

/* The end of a CDATA section: `<` in it starts no tag. */
static const char *section_end(const char *text, const char *end)
{
    const char *close = memmem(text, (size_t)(end - text), "]]>", 3);
    return close != NULL ? close + 3 : end;
}

static const char *text_end(const char *text, const char *end)
{
    while (text < end && !begins_tag(text, end)) {
        bool is_section = end - text > 8 && memcmp(text, "<![CDATA[", 9) == 0;
        text = is_section ? section_end(text, end) : text + 1;
    }
    return text;
}

static const char *tag_end(const char *tag, const char *end)
{
    const char *close = memchr(tag, '>', (size_t)(end - tag));
    return close != NULL ? close + 1 : end;
}

static size_t name_length(const char *name, const char *end)
{
    size_t length = 0;
    while (name + length < end && strchr(" \t\r\n/>", name[length]) == NULL)
        length++;
    return length;
}

/* Copies an element from after its start tag to its end tag: tags are kept, texts replaced. Returns
 * where to continue. */
static const char *redaction_element(struct buf *out, const char *text, const char *end,
                                     const char *name, size_t length, const char *replacement)
{
    while (text < end) {
        const char *stop = text_end(text, end);
        if (redaction_is_space(text, stop))
            buf_add(out, text, (size_t)(stop - text));
        else
            buf_adds(out, replacement);
        bool last = end - stop > (ptrdiff_t)length + 2 && stop[1] == '/' &&
                    name_length(stop + 2, end) == length && memcmp(stop + 2, name, length) == 0;
        text = stop < end ? tag_end(stop, end) : end;
        buf_add(out, stop, (size_t)(text - stop));
        if (last)
            break;
    }
    return text;
}

void redaction_xml(const struct redaction *redaction, struct buf *out, const char *text,
                   size_t size)
{
    const char *end = text + size;
    bool with_ids = redaction_find(text, size, "<SecretAccessKey>") != NULL;
    while (text < end) {
        const char *tag = text_end(text, end);
        const char *next = tag < end ? tag_end(tag, end) : end;
        buf_add(out, text, (size_t)(next - text));
        text = next;
        if (tag == end)
            break;
        const char *name = tag + 1;
        size_t length = name_length(name, end);
        const char *secret = redaction_replacement(redaction, name, length, with_ids);
        if (secret != NULL && next[-2] != '/')
            text = redaction_element(out, text, end, name, length, secret);
    }
}
