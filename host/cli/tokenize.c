/* tokenize.c - motcl tokenize: stdin's text to ids, and ids back to text. */
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/jobs/read.h"
#include "cli/jobs/run.h"
#include "cli/library.h"
#include "cli/memory.h"

static json_t *to_json(const uint32_t *ids, size_t n) {
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(all, json_integer(ids[i]));
  return all;
}

/* The text as it stands: who looks at ids wants to see what a stray byte comes to. */
static int encode(const motcl_tokenizer *t, const mcl_options *o, char *text, size_t n,
                  motcl_err *err) {
  uint32_t *ids = NULL;
  size_t count;
  int rc = motcl_tokenizer_encode(t, text, n, &ids, &count, err);
  if (rc == MOTCL_EFORMAT) /* which says what it is instead, and where */
    rc = motcl_text_plain(text, &n, "stdin", 1, err);
  if (rc == MOTCL_OK && o->outcome)
    mcl_outcome_put(o->outcome, "ids", to_json(ids, count));
  else if (rc == MOTCL_OK) {
    for (size_t i = 0; i < count; i++)
      printf("%s%" PRIu32, i ? " " : "", ids[i]);
    putchar('\n');
  }
  motcl_free(ids);
  return rc;
}

/* Whole numbers with blanks, commas or brackets between. */
static int read_list(uint32_t *ids, size_t *count, const char *s, size_t n, motcl_err *err) {
  size_t at = 0;
  while (at < n) {
    if (isspace((unsigned char)s[at]) || strchr(",[]", s[at])) {
      at++;
      continue;
    }
    char *end = NULL;
    unsigned long long v = isdigit((unsigned char)s[at]) ? strtoull(s + at, &end, 10) : 0;
    if (!end || v > UINT32_MAX)
      return motcl_fail(err, MOTCL_EINVAL, "'%.20s' (byte %zu) is no id; ids are whole numbers",
                        s + at, at + 1);
    ids[(*count)++] = (uint32_t)v;
    at = (size_t)(end - s);
  }
  return MOTCL_OK;
}

/* What encode prints with --json. */
static int read_object(uint32_t *ids, size_t *count, const char *s, size_t n, motcl_err *err) {
  json_error_t why;
  json_t *object = json_loadb(s, n, 0, &why), *list = json_object_get(object, "ids"), *id;
  bool ok = json_is_array(list);
  size_t i;
  json_array_foreach(list, i, id) {
    json_int_t v = json_integer_value(id);
    ok = ok && json_is_integer(id) && v >= 0 && v <= UINT32_MAX;
    ids[(*count)++] = (uint32_t)v;
  }
  json_decref(object);
  return ok ? MOTCL_OK
            : motcl_fail(err, MOTCL_EINVAL,
                         "this begins like JSON and has no list of ids; give what 'motcl tokenize "
                         "--json' prints, or whole numbers");
}

static int read_ids(uint32_t *ids, size_t *count, const char *s, size_t n, motcl_err *err) {
  size_t at = 0;
  while (at < n && isspace((unsigned char)s[at]))
    at++;
  return at < n && s[at] == '{' ? read_object(ids, count, s, n, err)
                                : read_list(ids, count, s, n, err);
}

static int decode(const motcl_tokenizer *t, const mcl_options *o, char *s, size_t n,
                  motcl_err *err) {
  uint32_t *ids = calloc(n / 2 + 1, sizeof *ids);
  char *text = NULL;
  size_t count = 0, length = 0;
  if (!ids)
    return mcl_no_memory(err);
  int rc = motcl_text_plain(s, &n, "stdin", 1, err);
  if (rc == MOTCL_OK)
    rc = read_ids(ids, &count, s, n, err);
  if (rc == MOTCL_OK)
    rc = motcl_tokenizer_decode(t, ids, count, &text, &length, err);
  if (rc == MOTCL_OK && o->outcome)
    mcl_outcome_put(o->outcome, "text", mcl_json_bytes(text, length));
  else if (rc == MOTCL_OK)
    fwrite(text, 1, length, stdout);
  free(ids);
  motcl_free(text);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_terminal terminal;
  motcl *m = NULL;
  motcl_tokenizer *t = NULL;
  char *in = NULL;
  size_t n = 0;
  const char *dir;
  mcl_terminal_init(&terminal, env, o);
  int rc = mcl_model_folder(&dir, env, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_library_open(&m, env, &terminal, err);
  if (rc == MOTCL_OK)
    rc = motcl_tokenizer_open(&t, m, dir, err);
  if (rc == MOTCL_OK) {
    mcl_model_tell(&terminal, env, o);
    rc = mcl_read(&in, &n, "-", MOTCL_MAX_TEXT, err);
  }
  if (rc == MOTCL_OK)
    rc = o->decode ? decode(t, o, in, n, err) : encode(t, o, in, n, err);
  free(in);
  motcl_tokenizer_close(t);
  motcl_close(m);
  return rc;
}

const mcl_command mcl_command_tokenize = {
    .name = "tokenize",
    .words = "",
    .about = "ids of the text on stdin, and back with --decode",
    .notes = "The model folder need hold no more than the tokenizer's files. No token is\n"
             "added. The text is taken as it stands, to the byte: other commands leave out a\n"
             "byte order mark, end lines with LF, and refuse control characters.",
    .bit = MCL_CMD_TOKENIZE,
    .takes = MCL_CMD_TOKENIZE,
    .run = run,
    .examples = {{"echo 'a red star' | motcl tokenize", "what the model will read, in ids", false},
                 {"echo 'a red star' | motcl tokenize | motcl tokenize --decode", "and back",
                  false}},
};
