/* job.c - a job as bytes, its events and its result as bytes: what a queue or a network would
 * carry.
 *
 *     job MODEL FILE.pb FILE.png [DEVICE]
 *
 * Shows messages: a job is packed and stored where `motcl run --job` and `protoc --decode` read it,
 * then run from its bytes alone. Any protobuf library could have made it, in any language. */
#include <motcl.h>
#include <stdio.h>
#include <string.h>

static int pack(uint8_t **bytes, size_t *n, motcl_err *err) {
  static const char text[] = "a lighthouse at night";
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = sizeof text - 1};
  motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_label label = {"from", "examples/job.c"};
  motcl_job job = {.request = motcl_request_default(false),
                   .id = "lighthouse-1",
                   .priority = 1,
                   .label = &label,
                   .labels = 1};
  job.request.part = &part;
  job.request.parts = 1;
  job.request.output = &output;
  job.request.outputs = 1;
  job.request.seed = 11;
  job.request.settings.timesteps = 10;
  return motcl_job_pack(&job, bytes, n, err);
}

static void hear(void *user, const uint8_t *bytes, size_t n) {
  motcl_job_event event;
  (void)user;
  if (motcl_job_event_unpack(&event, bytes, n, NULL) != MOTCL_OK)
    return;
  if (event.kind == MOTCL_JOB_STARTED)
    printf("%s: started on %s\n", event.job, event.device);
  else if (event.kind == MOTCL_JOB_STEP && event.step == event.of)
    printf("%s: %s is done\n", event.job, motcl_phase_name(event.phase));
  else if (event.kind == MOTCL_JOB_FAILED)
    printf("%s: failed: %s\n", event.job, event.text);
  motcl_job_event_finish(&event);
}

/* What came of it: the answer is the bytes of a PNG file. */
static int keep(const uint8_t *bytes, size_t n, const char *file, motcl_err *err) {
  motcl_result result;
  int rc = motcl_result_unpack(&result, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  if (result.code != MOTCL_OK)
    rc = motcl_fail(err, result.code, "%s", result.sentence ? result.sentence : "it failed");
  else if (result.answers != 1 || !result.answer[0].file)
    rc = motcl_fail(err, MOTCL_EFORMAT, "the result holds no picture");
  else
    rc = motcl_file_write(file, result.answer[0].file, result.answer[0].bytes, true, err);
  if (rc == MOTCL_OK)
    printf("%s: %ux%u in %.1f s, fingerprint %s\n", result.job, result.answer[0].width,
           result.answer[0].height, result.seconds, result.fingerprint);
  motcl_result_finish(&result);
  return rc;
}

static int run(motcl_worker *worker, const char *stored, const char *file, motcl_err *err) {
  uint8_t *job = NULL, *result = NULL;
  size_t job_n = 0, result_n = 0;
  int rc = pack(&job, &job_n, err);
  if (rc == MOTCL_OK)
    rc = motcl_file_write(stored, job, job_n, true, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_run(worker, job, job_n, hear, NULL, &result, &result_n, err);
  if (rc == MOTCL_OK)
    rc = keep(result, result_n, file, err);
  motcl_free(job);
  motcl_free(result);
  return rc;
}

int main(int argc, char **argv) {
  motcl *library = NULL;
  motcl_worker *worker = NULL;
  motcl_err err;
  if (argc < 4) {
    fprintf(stderr, "usage: job MODEL FILE.pb FILE.png [DEVICE]\n");
    return 2;
  }
  motcl_worker_options options = {.model = argv[1], .device = argc > 4 ? argv[4] : NULL};
  int rc = motcl_open(&library, NULL, &err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&worker, library, &options, &err);
  if (rc == MOTCL_OK)
    rc = run(worker, argv[2], argv[3], &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "job: %s\n", err.text);
  motcl_worker_close(worker);
  motcl_close(library);
  return rc == MOTCL_OK ? 0 : 1;
}
