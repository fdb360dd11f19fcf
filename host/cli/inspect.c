/* inspect.c - motcl inspect: what a model holds, expert by expert, and what is wrong with
 * it. The library tells it in JSON, and the table is printed from that. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/inspect_picture.h"
#include "cli/jobs/interrupt.h"
#include "cli/library.h"
#include "cli/print.h"

/* What is missing in an object is 0 or "". */
static long long number(const json_t *obj, const char *key) {
  return (long long)json_integer_value(json_object_get(obj, key));
}

static const char *text(const json_t *obj, const char *key) {
  const char *s = json_string_value(json_object_get(obj, key));
  return s ? s : "";
}

static bool truth(const json_t *obj, const char *key) {
  return json_is_true(json_object_get(obj, key));
}

static void print_decoder(const json_t *d) {
  printf("decoder       %s, %lld layers of %lld, %lld heads and %lld for keys of %lld, inner %lld, "
         "vocabulary %lld\n",
         text(d, "kind"), number(d, "layers"), number(d, "hidden"), number(d, "heads"),
         number(d, "kv_heads"), number(d, "head"), number(d, "intermediate"), number(d, "vocab"));
}

static void print_vision(const json_t *v) {
  printf("vision        %lld layers of %lld, %lld heads of %lld, inner %lld, patches of %lld, "
         "table %lldx%lld\n",
         number(v, "layers"), number(v, "hidden"), number(v, "heads"), number(v, "head"),
         number(v, "intermediate"), number(v, "patch"), number(v, "side"), number(v, "side"));
}

static void print_autoencoder(const json_t *a, const json_t *picture) {
  const json_t *channels = json_object_get(a, "channels");
  printf("autoencoder   channels");
  for (size_t i = 0; i < json_array_size(channels); i++)
    printf(" %lld", (long long)json_integer_value(json_array_get(channels, i)));
  printf(", latent of %lld\n", number(a, "latent"));
  printf("pictures      %lldx%lld unless asked otherwise, sides up to %lld\n",
         number(picture, "width"), number(picture, "height"), number(picture, "most"));
}

static void print_files(const json_t *files) {
  const char *decoder = text(files, "decoder"), *vae = text(files, "autoencoder");
  printf("files         ");
  mcl_print_clean(decoder, 0);
  if (*vae && strcmp(vae, decoder) != 0) {
    printf(", ");
    mcl_print_clean(vae, 0);
  }
  putchar('\n');
}

static void print_sizes(const json_t *model) {
  print_files(json_object_get(model, "files"));
  print_decoder(json_object_get(model, "decoder"));
  if (truth(model, "can_see"))
    print_vision(json_object_get(model, "vision"));
  else
    puts("vision        none: the model cannot look at pictures");
  if (truth(model, "can_draw"))
    print_autoencoder(json_object_get(model, "autoencoder"), json_object_get(model, "picture"));
  else
    puts("autoencoder   none: the model cannot draw");
  const json_t *protocol = json_object_get(model, "protocol");
  printf("protocol      %s: %s\n", text(protocol, "name"), text(protocol, "why"));
  if (number(model, "tokens"))
    printf("tokenizer     %lld ids\n", number(model, "tokens"));
  if (json_is_string(json_object_get(model, "digest")))
    printf("digest        %s\n", text(model, "digest"));
}

static void print_sum(const char *label, const json_t *sum) {
  char count[16], size[16];
  if (number(sum, "tensors"))
    printf("%-16s%8lld%12s%12s  %s\n", label, number(sum, "tensors"),
           mcl_count_text(count, (double)number(sum, "parameters")),
           mcl_bytes_text(size, (uint64_t)number(sum, "bytes")), text(sum, "types"));
}

static void print_weights(const json_t *model) {
  json_t *weights = json_object_get(model, "weights");
  printf("\n%-16s%8s%12s%12s  %s\n", "", "tensors", "parameters", "bytes", "types");
  for (void *at = json_object_iter(weights); at; at = json_object_iter_next(weights, at))
    print_sum(json_object_iter_key(at), json_object_iter_value(at));
  print_sum("all in the files", json_object_get(model, "total"));
  print_sum("computed beside", json_object_get(model, "computed"));
}

/* As sha256sum prints them. */
static void print_check(const json_t *check) {
  const json_t *files = json_object_get(check, "files");
  char size[16];
  for (size_t i = 0; i < json_array_size(files); i++) {
    const json_t *f = json_array_get(files, i);
    printf("%s  ", text(f, "sha256"));
    mcl_print_clean(text(f, "name"), 0);
    putchar('\n');
  }
  if (check)
    printf("%lld tensors, %s, were read whole.\n", number(check, "tensors"),
           mcl_bytes_text(size, (uint64_t)number(check, "bytes")));
}

static void print_model(const char *dir, const json_t *model) {
  const json_t *findings = json_object_get(model, "findings");
  const char *note = text(model, "note");
  char name[MCL_NAME_TEXT];
  motcl_name_text(name, sizeof name, dir, false);
  printf("%s\n", name);
  mcl_print_clean(note, 0);
  puts(*note ? "\n" : "");
  print_sizes(model);
  print_weights(model);
  puts("");
  for (size_t i = 0; i < json_array_size(findings); i++) {
    const json_t *f = json_array_get(findings, i);
    printf("%s: %s\n", truth(f, "error") ? "wrong" : "remark", text(f, "text"));
  }
  print_check(json_object_get(model, "check"));
  puts(truth(model, "usable") ? "The model can be used." : "The model cannot be used.");
}

static int show(const mcl_options *o, const char *dir, const char *json, motcl_err *err) {
  json_t *model = json_loads(json, 0, NULL);
  if (!model)
    return motcl_fail(err, MOTCL_ENOMEM, "there is no memory for what '%.300s' holds", dir);
  bool usable = truth(model, "usable");
  if (!o->outcome)
    print_model(dir, model);
  mcl_outcome_update(o->outcome, model);
  return usable ? MOTCL_OK
                : motcl_fail(err, MOTCL_EMODEL,
                             "'%.300s' cannot be used as it is; see what is listed", dir);
}

/* A check under way. */
typedef struct reading {
  mcl_terminal *terminal;
  double began;
} reading;

static uint32_t mebibytes(uint64_t bytes) {
  return (uint32_t)((bytes + (1u << 20) - 1) >> 20);
}

/* MiB are the steps; reading a file takes about as long for each. */
static bool on_progress(void *user, uint64_t done, uint64_t of) {
  reading *r = user;
  const double passed = mcl_seconds() - r->began;
  const mcl_left left = {passed > 1 ? MCL_LEFT_ABOUT : MCL_LEFT_UNKNOWN,
                         passed * ((double)of / (double)done - 1)};
  mcl_terminal_step(r->terminal, "checking", mebibytes(done), mebibytes(of), left);
  return !mcl_interrupted();
}

static int check(motcl *m, const char *dir, mcl_terminal *terminal, char **json, motcl_err *err) {
  reading r = {terminal, mcl_seconds()};
  mcl_interrupt_catch();
  int rc = motcl_inspect_check(m, dir, on_progress, &r, json, err);
  mcl_terminal_clear(terminal);
  return rc;
}

static int inspect_picture(const mcl_options *o, motcl_err *err) {
  if (o->check)
    return motcl_fail(err, MOTCL_EINVAL, "--check is for a model, and '%.300s' is a picture",
                      o->words[0]);
  return mcl_inspect_picture(o->words[0], o->outcome, err);
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_terminal terminal;
  motcl *m = NULL;
  char *json = NULL;
  if (mcl_is_picture(o->words[0]))
    return inspect_picture(o, err);
  mcl_terminal_init(&terminal, env, o);
  int rc = mcl_library_open(&m, env, &terminal, err);
  if (rc == MOTCL_OK)
    rc = o->check ? check(m, o->words[0], &terminal, &json, err)
                  : motcl_inspect(m, o->words[0], &json, err);
  if (rc == MOTCL_OK)
    rc = show(o, o->words[0], json, err);
  motcl_free(json);
  motcl_close(m);
  return rc;
}

const mcl_command mcl_command_inspect = {
    .name = "inspect",
    .words = "MODEL | PICTURE",
    .missing = "the model or the picture",
    .about = "what a model holds and lacks, or how a picture was made",
    .notes = "A model is a folder, or its weight file. Exit status 1 tells one that cannot be\n"
             "used. With --check every weight is read and looked at, which takes as long as\n"
             "reading the files does, and their SHA-256 are told, to be held against those of\n"
             "the release. Of a picture file, or of - on stdin, it shows what it says of its\n"
             "making; 'motcl run --like' makes it again.",
    .bit = MCL_CMD_INSPECT,
    .takes = MCL_CMD_INSPECT,
    .least = 1,
    .most = 1,
    .run = run,
    .examples = {{"motcl inspect star.png", "prompt, seed and settings of a picture", false},
                 {"motcl inspect BAGEL-7B-MoT",
                  "see whether a folder can be used, and what it lacks", true},
                 {"motcl inspect --check BAGEL-7B-MoT", "see whether its weights can be right",
                  true}},
};
