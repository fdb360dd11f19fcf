/* made.c - outputs being made, and as parts of what is made after them. */
#include "job/made.h"

#include <string.h>

#include "base/mem.h"

int mcl_scroll_write(mcl_scroll *s, const char *text, size_t n, const char **at, motcl_err *err) {
  size_t most;
  char *p = NULL;
  if (mcl_mul_ok(n, 3, &most) && mcl_add_ok(most, s->n + 1, &most))
    p = mcl_realloc(s->text, most, 1);
  if (!p)
    return mcl_fail_nomem(err, n);
  s->text = p;
  *at = p + s->n;
  for (size_t i = 0; i < n; i++) {
    if (text[i]) {
      p[s->n++] = text[i];
    } else {
      memcpy(p + s->n, "\xef\xbf\xbd", 3);
      s->n += 3;
    }
  }
  p[s->n] = 0;
  return MOTCL_OK;
}

void mcl_made_finish(mcl_made *m) {
  mcl_free(m->text.text);
  mcl_free(m->thought.text);
  mcl_free(m->file);
  memset(m, 0, sizeof *m);
}

/* An answer of a thought and a text, laid down at `words`, where a NUL ends it; up to a marker. */
static char *add_answer(mcl_asked *a, char *words, const mcl_scroll *thought,
                        const mcl_scroll *text) {
  static const char *const marker[] = {"<|im_end|>", "<|im_start|>"};
  char *end = words;
  for (const mcl_scroll *s = thought; s; s = s == thought ? text : NULL) {
    if (s->n)
      memcpy(end, s->text, s->n);
    end += s->n;
  }
  *end = 0;
  for (size_t i = 0; i < sizeof marker / sizeof *marker; i++) {
    char *found = strstr(words, marker[i]);
    if (found)
      *found = 0;
  }
  a->part[a->request.parts++] =
      (motcl_part){.kind = MOTCL_PART_ANSWER, .data = words, .size = strlen(words)};
  return end + 1;
}

int mcl_asked_init(mcl_asked *out, const motcl_request *whole, const mcl_made *made, size_t k,
                   motcl_err *err) {
  size_t room = 1;
  for (size_t i = 0; i < k; i++)
    room += made[i].thought.n + made[i].text.n + 1;
  *out = (mcl_asked){.request = *whole,
                     .part = mcl_zalloc(whole->parts + 2 * k, sizeof *out->part),
                     .words = mcl_alloc(room, 1)};
  if (!out->part || !out->words)
    return mcl_fail_nomem(err, room);
  memcpy(out->part, whole->part, whole->parts * sizeof *out->part);
  out->request.part = out->part;
  out->request.output = &whole->output[k];
  out->request.outputs = 1;
  out->request.seed += k;
  char *words = out->words;
  for (size_t i = 0; i < k; i++) {
    bool picture = whole->output[i] == MOTCL_OUTPUT_PICTURE;
    if (!picture || whole->settings.think)
      words = add_answer(out, words, &made[i].thought, &made[i].text);
    if (picture)
      out->part[out->request.parts++] =
          (motcl_part){.kind = MOTCL_PART_PICTURE, .data = made[i].file, .size = made[i].bytes};
  }
  return MOTCL_OK;
}

void mcl_asked_finish(mcl_asked *a) {
  mcl_free(a->part);
  mcl_free(a->words);
  memset(a, 0, sizeof *a);
}
