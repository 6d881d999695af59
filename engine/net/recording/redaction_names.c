#include "net/recording/redaction_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "value/json.h"

#define MAX_NAME 256

/* Names in lower case: members of AWS's APIs that hold credentials or other secrets. Source:
 * botocore's service models (members of sensitive shapes that are credentials), and members where
 * users keep secrets although AWS does not mark them (environment variables, user data): the
 * entries marked secret in engine/aws/operations/reads, if the name alone identifies them. */
static const char *const secret_names[] = {
    "secretaccesskey", "sessiontoken", "securitytoken", "x-amz-security-token", "x-amz-signature",
    "x-amz-credential", "webidentitytoken", "samlassertion", "tokencode", "password", "newpassword",
    "oldpassword", "masteruserpassword", "adminuserpassword", "servicepassword", "userpassword",
    "tdecredentialpassword", "passworddata", "secretstring", "secretbinary", "secrethash",
    "clientsecret", "secret", "apikey", "accesstoken", "refreshtoken", "idtoken", "bearertoken",
    "authtoken", "authorizationtoken", "oauthtoken", "workloadaccesstoken", "workloadidentitytoken",
    "jointoken", "privatekey", "privatekeyplaintext", "keymaterial", "plaintext",
    "base32stringseed", "qrcodepng", "encryptedpinblock", "basicauthcredentials", "environment",
    "environmentvariables", "userdata", "presharedkey", "customergatewayconfiguration",
    "vpnconnectiondevicesampleconfiguration", "precopassword", "fsxadminpassword",
    "kdcadminpassword", "crossrealmtrustprincipalpassword", "addomainjoinpassword",
    "sslclientkeypassword", "saslpassword", "authpassword", "asmpassword",
    "securitydbencryptionkey", "domainjoinserviceaccountpassword", "certificatewallet",
    "extraconnectionattributes", "badgerequesturl", "presignedurl", "snapshotdownloadurl",
    "stagevariables", "notebookinstancelifecycleconfigcontent", "studiolifecycleconfigcontent",
    /* A signature error quotes the signed text, which includes the session token. */
    "canonicalrequest", "canonicalrequestbytes", "stringtosign", "stringtosignbytes"};

bool redaction_is(const char *name, size_t length, const char *known)
{
    return strlen(known) == length && strncasecmp(name, known, length) == 0;
}

bool redaction_is_secret(const char *name, size_t length, bool with_ids)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (redaction_is(name, length, secret_names[i]))
            return true;
    }
    return with_ids && redaction_is(name, length, "accesskeyid");
}

void redaction_begin(struct redaction *redaction, const struct redaction_marks *marks, bool answer,
                     const char *token)
{
    *redaction = (struct redaction){.answer = answer, .token = token};
    if (marks == NULL || marks->model == NULL)
        return;
    redaction->marks = marks;
    redaction->names = marks->names(marks, answer);
}

void redaction_end(struct redaction *redaction)
{
    json_decref(redaction->names);
}

const char *redaction_marked(const struct redaction *redaction, const char *name, size_t length)
{
    char lower[MAX_NAME];
    if (redaction->names == NULL || length >= sizeof lower)
        return NULL;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    lower[length] = '\0';
    return json_get_string(redaction->names, lower, NULL);
}

const char *redaction_replacement(const struct redaction *redaction, const char *name,
                                  size_t length, bool with_ids)
{
    const char *marked = redaction_marked(redaction, name, length);
    return marked == NULL && redaction_is_secret(name, length, with_ids) ? RECORDED_SECRET : marked;
}

const char *redaction_find(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= length; i++) {
        if (strncasecmp(text + i, word, size) == 0)
            return text + i;
    }
    return NULL;
}

bool redaction_names_a_secret(const struct redaction *redaction, const char *text, size_t length)
{
    const char *name;
    json_t *replacement;
    json_object_foreach (redaction->names, name, replacement) {
        if (redaction_find(text, length, name) != NULL)
            return true;
    }
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (redaction_find(text, length, secret_names[i]) != NULL)
            return true;
    }
    return false;
}
