/* output.c - outputs being made, and then as parts. */
#include "job/output.h"

#include <string.h>

#include "base/mem.h"

/* Room for n bytes more, and a NUL. */
static int widen(mcl_strbuf *s, size_t n, motcl_err *err) {
  size_t most;
  char *p = mcl_add_ok(n, s->n + 1, &most) ? mcl_realloc(s->text, most, 1) : NULL;
  if (!p)
    return mcl_fail_nomem(err, n);
  s->text = p;
  return MOTCL_OK;
}

static int append(mcl_strbuf *s, const char *text, size_t n, motcl_err *err) {
  int rc = widen(s, n, err);
  if (rc != MOTCL_OK)
    return rc;
  memcpy(s->text + s->n, text, n);
  s->n += n;
  s->text[s->n] = 0;
  return MOTCL_OK;
}

static int append_said(mcl_strbuf *s, const char *text, size_t n, motcl_err *err) {
  size_t most;
  int rc = mcl_mul_ok(n, 3, &most) ? widen(s, most, err) : mcl_fail_nomem(err, n);
  for (size_t i = 0; rc == MOTCL_OK && i < n; i++) {
    if (text[i]) {
      s->text[s->n++] = text[i];
    } else {
      memcpy(s->text + s->n, "\xef\xbf\xbd", 3);
      s->n += 3;
    }
  }
  if (rc == MOTCL_OK)
    s->text[s->n] = 0;
  return rc;
}

int mcl_output_words(mcl_output *m, motcl_output kind, bool thought, const char *text, size_t n,
                     const char **at, motcl_err *err) {
  mcl_strbuf *said = thought ? &m->thought : &m->text;
  size_t before = said->n;
  int rc = append_said(said, text, n, err);
  if (rc == MOTCL_OK && thought == (kind != MOTCL_OUTPUT_TEXT))
    rc = append(&m->words, text, n, err);
  if (rc == MOTCL_OK)
    *at = said->text + before;
  return rc;
}

void mcl_output_settle(mcl_output *m, motcl_item *item) {
  bool picture = item->output != MOTCL_OUTPUT_TEXT;
  const mcl_strbuf *words = &m->words;
  size_t n = 0;
  if (!picture || item->settings->think)
    m->part[n++] = (motcl_part){
        .kind = MOTCL_PART_ANSWER, .data = words->n ? words->text : "", .size = words->n};
  if (picture)
    m->part[n++] = (motcl_part){.kind = MOTCL_PART_PICTURE, .data = m->file, .size = m->bytes};
  item->made = m->part;
  item->mades = n;
}

void mcl_output_finish(mcl_output *m) {
  mcl_free(m->text.text);
  mcl_free(m->thought.text);
  mcl_free(m->words.text);
  mcl_free(m->file);
  memset(m, 0, sizeof *m);
}
