#include "app/cli/models_show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/app.h"
#include "app/services/services.h"
#include "aws/model/model_open.h"
#include "base/log.h"
#include "base/mem.h"
#include "generate/show_model.h"

/* The longest operation of EC2 has 100 KB. */
#define MAX_TEXT ((size_t)4 << 20)

#define SERVICE_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"

bool models_show_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--show") == 0 || strncmp(argv[i], "--show=", 7) == 0 ||
            strcmp(argv[i], "--services") == 0)
            return true;
    }
    return false;
}

static int add_text(struct model_set *models, const char *what, struct buf *out, struct err *err)
{
    model_operation operation;
    const char *colon = strchr(what, ':');
    if (colon == NULL && what[strspn(what, SERVICE_LETTERS)] != '\0')
        return err_set(err, ERR_USAGE,
                       "--show: \"%s\" is not of the form SERVICE or SERVICE:OPERATION, such as "
                       "dynamodb:DescribeTable",
                       what);
    char *service = mem_strndup(what, strcspn(what, ":"));
    const struct model *model = model_open(models, service, err);
    mem_free(service);
    if (model == NULL)
        return -1;
    if (colon == NULL) {
        show_service(model, out);
        return 0;
    }
    if (model_find_operation(model, colon + 1, &operation, err) != 0)
        return -1;
    show_operation(model, operation, out);
    return 0;
}

/* Names alone do not say much: "elbv2" is Elastic Load Balancing v2. */
static int add_services(struct model_set *models, struct buf *out, struct err *err)
{
    size_t count;
    const char *const *names = model_services(models, &count);
    for (size_t i = 0; i < count; i++) {
        const struct model *model = model_open(models, names[i], err);
        if (model == NULL)
            return -1;
        buf_addf(out, "%-36s %s\n", names[i], model_info(model)->service_id);
    }
    return 0;
}

static int print(struct model_set *models, const json_t *extra, struct err *err)
{
    struct buf out;
    const char *what = json_string_value(json_object_get(extra, "show"));
    buf_init(&out, MAX_TEXT);
    int result = what != NULL ? add_text(models, what, &out, err) : add_services(models, &out, err);
    if (result == 0 && (fputs(buf_text(&out), stdout) == EOF || fflush(stdout) != 0))
        result = err_set(err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
    buf_clear(&out);
    return result;
}

static int run(struct services *services, int argc, char **argv, struct err *err)
{
    static const char *const options[] = {"show=",     "services", "models",
                                          "log-level", "config",   NULL};
    struct text_list rest = {0};
    int result = services_settings(services, argc, argv, 1, options, &rest, err);
    if (result == 0 && rest.count > 0)
        result = err_set(err, ERR_USAGE, "unexpected argument \"%s\"", rest.items[0]);
    text_list_clear(&rest);
    if (result != 0)
        return -1;
    services_offline(services);
    if (services->models == NULL)
        return err_set(err, ERR_USAGE,
                       "no API models found: compile them with `engine models SRC --out DIR`, and "
                       "set --models DIR or ENGINE_MODELS");
    return print(services->models, services->settings.extra, err);
}

int models_show_main(int argc, char **argv, const struct language *language)
{
    struct services services = {.language = language};
    struct err err = {0};
    int result = run(&services, argc, argv, &err);
    services_free(&services);
    if (result == 0)
        return 0;
    log_error("%s (see engine models --help)", err.message);
    return err.kind == ERR_USAGE || err.kind == ERR_PARAM ? EXIT_USAGE : 1;
}
