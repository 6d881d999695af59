#include "net/http/http_ca.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The list of Go's crypto/x509 (root_linux.go); the first file that can be read is used. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Amazon Linux, Fedora */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Amazon Linux 2023, RHEL */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine */
};

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *system_bundle(void)
{
    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
        if (access(bundles[i], R_OK) == 0)
            return bundles[i];
    }
    return NULL;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* If AWS_CA_BUNDLE is set, nothing else is trusted, as in AWS's own tools. It may be a directory
 * with OpenSSL's hashed names. */
static void take_configured(const char *path, struct http_ca *ca)
{
    ca->only = true;
    if (is_directory(path))
        ca->directory = path;
    else
        ca->file = path;
}

void http_ca_find(const char *configured, struct http_ca *ca)
{
    *ca = (struct http_ca){0};
    if (configured != NULL && configured[0] != '\0') {
        take_configured(configured, ca);
        return;
    }
    ca->file = variable("SSL_CERT_FILE");
    ca->directory = variable("SSL_CERT_DIR");
    if (ca->file == NULL)
        ca->file = system_bundle();
    const curl_version_info_data *built_in = curl_version_info(CURLVERSION_NOW);
    ca->none = ca->file == NULL && ca->directory == NULL && built_in->cainfo == NULL &&
               built_in->capath == NULL;
}

void http_ca_set(const struct http_ca *ca, CURL *easy)
{
    if (ca->file != NULL || ca->only)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca->file);
    if (ca->directory != NULL || ca->only)
        curl_easy_setopt(easy, CURLOPT_CAPATH, ca->directory);
}
