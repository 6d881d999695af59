#include "net/recording/redaction_text.h"

#include <string.h>
#include <strings.h>

#include "net/recording/redaction_names.h"

static bool is_left_out(const char *name, size_t length)
{
    return redaction_is(name, length, "rolesessionname") ||
           redaction_is(name, length, "externalid");
}

/* "Password", "User.Password", and "UserData.Value" or "Environment.Variables.entry.1.value": a
 * form names members of structures by their path. */
static const char *path_replacement(const struct redaction *redaction, const char *name,
                                    size_t length)
{
    const char *end = name + length, *found = NULL;
    while (name < end && found == NULL) {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        const char *stop = dot != NULL ? dot : end;
        found = redaction_replacement(redaction, name, (size_t)(stop - name), false);
        name = stop + (dot != NULL);
    }
    return found;
}

void redaction_form(const struct redaction *redaction, struct buf *out, const char *text,
                    size_t length)
{
    const char *end = text + length;
    const char *separator = "";
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        size_t size = (size_t)((equals != NULL ? equals : stop) - text);
        if (!is_left_out(text, size)) {
            const char *secret = equals != NULL ? path_replacement(redaction, text, size) : NULL;
            buf_adds(out, separator);
            buf_add(out, text, (size_t)((secret != NULL ? equals + 1 : stop) - text));
            buf_adds(out, secret != NULL ? secret : "");
            separator = "&";
        }
        text = stop + 1;
    }
}

/* Signatures in signed URLs that responses hold ("X-Amz-Signature=…") and in signed text
 * ("name:…"). */
static const char *signed_value(const char *text, const char *end)
{
    static const char *const names[] = {"x-amz-security-token", "x-amz-signature",
                                        "x-amz-credential"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if ((size_t)(end - text) > length && strncasecmp(text, names[i], length) == 0 &&
            (text[length] == '=' || text[length] == ':'))
            return text + length + 1;
    }
    return NULL;
}

void redaction_signed(struct buf *out, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *start = memchr(text, 'x', (size_t)(end - text));
        const char *upper = memchr(text, 'X', (size_t)(end - text));
        if (start == NULL || (upper != NULL && upper < start))
            start = upper;
        if (start == NULL)
            break;
        const char *value = signed_value(start, end);
        const char *kept = value != NULL ? value : start + 1;
        buf_add(out, text, (size_t)(kept - text));
        text = kept;
        if (value == NULL)
            continue;
        buf_adds(out, RECORDED_SECRET);
        while (text < end && strchr("&\"'<>\\ \r\n\t", *text) == NULL)
            text++;
    }
    buf_add(out, text, (size_t)(end - text));
}

void redaction_token(struct buf *out, const char *text, size_t length, const char *token)
{
    const char *end = text + length;
    size_t size = token != NULL ? strlen(token) : 0;
    const char *found;
    while (size > 0 && (found = memmem(text, (size_t)(end - text), token, size)) != NULL) {
        buf_add(out, text, (size_t)(found - text));
        buf_adds(out, RECORDED_SECRET);
        text = found + size;
    }
    buf_add(out, text, (size_t)(end - text));
}
