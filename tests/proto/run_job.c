/* run_job.c - plans and runs a Job message through motcl.h: run_job MODEL JOB PLAN EVENTS RESULT.
 * PLAN becomes the Plan message, empty if there can be none; EVENTS the Event messages, each behind
 * its length as a varint; RESULT the Result message. */
#include <stdio.h>
#include <stdlib.h>

#include "motcl.h"

enum { MOST = 1 << 20, JOB = 0, PLAN, EVENTS, RESULT, FILES };

static void put_event(void *user, const uint8_t *bytes, size_t n) {
  FILE *f = user;
  size_t left = n;
  for (; left > 127; left >>= 7)
    fputc((int)(left & 127) | 128, f);
  fputc((int)left, f);
  fwrite(bytes, 1, n, f);
}

static int plan(motcl_worker *w, const uint8_t *bytes, size_t n, FILE *out, motcl_err *err) {
  motcl_job job = {.unseeded = true};
  uint8_t *message = NULL;
  size_t size = 0;
  int rc = motcl_job_unpack(&job, bytes, n, err);
  if (rc == MOTCL_OK && motcl_worker_plan(w, &job.request, 1, &message, &size, NULL) == MOTCL_OK)
    fwrite(message, 1, size, out);
  motcl_free(message);
  motcl_job_finish(&job);
  return rc;
}

static int run(const char *model, const uint8_t *job, size_t n, FILE **file, motcl_err *err) {
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_worker_options o = {.model = model, .device = "ref"};
  uint8_t *result = NULL;
  size_t size = 0;
  int rc = motcl_open(&m, NULL, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&w, m, &o, err);
  if (rc == MOTCL_OK)
    rc = plan(w, job, n, file[PLAN], err);
  if (rc == MOTCL_OK)
    rc = motcl_job_run(w, job, n, put_event, file[EVENTS], &result, &size, err);
  if (rc == MOTCL_OK)
    fwrite(result, 1, size, file[RESULT]);
  motcl_free(result);
  motcl_worker_close(w);
  motcl_close(m);
  return rc;
}

int main(int argc, char **argv) {
  static uint8_t job[MOST];
  motcl_err err = {0};
  FILE *file[FILES];
  for (int i = 0; i < FILES; i++) {
    file[i] = argc == FILES + 2 ? fopen(argv[i + 2], i == JOB ? "rb" : "wb") : NULL;
    if (!file[i]) {
      fputs("usage: run_job MODEL JOB PLAN EVENTS RESULT\n", stderr);
      return 2;
    }
  }
  size_t n = fread(job, 1, sizeof job, file[JOB]);
  int rc = run(argv[1], job, n, file, &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "%s\n", err.text);
  for (int i = 0; i < FILES; i++)
    if (ferror(file[i]) || fclose(file[i]) != 0)
      rc = 1;
  return rc == MOTCL_OK ? 0 : 1;
}
