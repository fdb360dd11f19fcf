/* run_job.c - runs a Job message through motcl.h: run_job MODEL JOB EVENTS RESULT. EVENTS becomes
 * the Event messages, each behind its length as a varint; RESULT the Result message. */
#include <stdio.h>
#include <stdlib.h>

#include "motcl.h"

enum { MOST = 1 << 20 };

static void put_event(void *user, const uint8_t *bytes, size_t n) {
  FILE *f = user;
  size_t left = n;
  for (; left > 127; left >>= 7)
    fputc((int)(left & 127) | 128, f);
  fputc((int)left, f);
  fwrite(bytes, 1, n, f);
}

static int run(const char *model, const uint8_t *job, size_t n, FILE *events, FILE *result,
               motcl_err *err) {
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_worker_options o = {.model = model, .device = "ref"};
  uint8_t *bytes = NULL;
  size_t size = 0;
  int rc = motcl_open(&m, NULL, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&w, m, &o, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_run(w, job, n, put_event, events, &bytes, &size, err);
  if (rc == MOTCL_OK && fwrite(bytes, 1, size, result) != size)
    rc = motcl_fail(err, MOTCL_EIO, "the result cannot be written");
  motcl_free(bytes);
  motcl_worker_close(w);
  motcl_close(m);
  return rc;
}

int main(int argc, char **argv) {
  static uint8_t job[MOST];
  motcl_err err = {0};
  FILE *in = argc == 5 ? fopen(argv[2], "rb") : NULL;
  FILE *events = argc == 5 ? fopen(argv[3], "wb") : NULL;
  FILE *result = argc == 5 ? fopen(argv[4], "wb") : NULL;
  if (!in || !events || !result) {
    fputs("usage: run_job MODEL JOB EVENTS RESULT\n", stderr);
    return 2;
  }
  size_t n = fread(job, 1, sizeof job, in);
  int rc = run(argv[1], job, n, events, result, &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "%s\n", err.text);
  fclose(in);
  return fclose(events) == 0 && fclose(result) == 0 && rc == MOTCL_OK ? 0 : 1;
}
