/* ask.c - a question about pictures, or about nothing but itself.
 *
 *     ask MODEL DEVICE QUESTION [PICTURE...]
 *
 * DEVICE is a name as `motcl devices` lists them, or "" for the one that is taken by itself. Shows
 * what a request will take, an answer that is printed while it is written, and cancelling: Ctrl-C
 * ends the work within a layer, and the program as it should end. */
#include <motcl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 8 };

static motcl_worker *worker; /* for the signal handler, which can be given nothing */

static void on_interrupt(int number) {
  (void)number;
  motcl_worker_cancel(worker);
}

static void hear(void *user, const motcl_event *event) {
  (void)user;
  if (event->kind != MOTCL_EVENT_TEXT)
    return;
  fwrite(event->text, 1, event->size, stdout);
  fflush(stdout);
}

static int read_pictures(motcl_part *part, uint8_t **file, char **name, size_t n, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    part[i] = (motcl_part){.kind = MOTCL_PART_PICTURE, .name = name[i]};
    rc = motcl_file_read(&file[i], &part[i].size, name[i], (size_t)1 << 28, err);
    part[i].data = file[i];
  }
  return rc;
}

/* Before anything is done. How long is known once this device has done such work, where the library
 * may keep it in a folder. */
static int tell_need(const motcl_request *request, motcl_err *err) {
  motcl_estimate estimate;
  int rc = motcl_worker_estimate(worker, request, 1, &estimate, err);
  if (rc == MOTCL_OK)
    fprintf(stderr, "this takes %.1f MB of %s, and at most %.1f GFLOP\n",
            (double)estimate.memory / 1e6, motcl_worker_device(worker)->name,
            estimate.all.flops / 1e9);
  return rc;
}

static int ask(const char *question, char **picture, size_t n, motcl_err *err) {
  motcl_part part[MOST + 1];
  uint8_t *file[MOST] = {NULL};
  motcl_output output = MOTCL_OUTPUT_TEXT;
  motcl_request request = motcl_request_default(false);
  motcl_sink sink = {.event = hear};
  int rc = read_pictures(part, file, picture, n, err);
  part[n] = (motcl_part){.kind = MOTCL_PART_TEXT, .data = question, .size = strlen(question)};
  request.part = part;
  request.parts = n + 1;
  request.output = &output;
  request.outputs = 1;
  request.settings.max_tokens = 40;
  if (rc == MOTCL_OK)
    rc = tell_need(&request, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_run(worker, &request, &sink, 1, err);
  putchar('\n');
  for (size_t i = 0; i < n; i++)
    motcl_free(file[i]);
  return rc;
}

int main(int argc, char **argv) {
  motcl *library = NULL;
  motcl_err err;
  if (argc < 4 || argc > 4 + MOST) {
    fprintf(stderr, "usage: ask MODEL DEVICE QUESTION [PICTURE...]\n");
    return 2;
  }
  motcl_worker_options options = {.model = argv[1], .device = argv[2]};
  int rc = motcl_open(&library, NULL, &err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&worker, library, &options, &err);
  if (rc == MOTCL_OK) {
    signal(SIGINT, on_interrupt);
    rc = ask(argv[3], argv + 4, (size_t)argc - 4, &err);
    signal(SIGINT, SIG_DFL);
  }
  if (rc != MOTCL_OK)
    fprintf(stderr, "ask: %s\n", err.text);
  motcl_worker_close(worker);
  motcl_close(library);
  return rc == MOTCL_OK ? 0 : rc == MOTCL_ECANCELLED ? 4 : 1;
}
