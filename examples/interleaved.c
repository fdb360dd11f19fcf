/* interleaved.c - texts and pictures in turn: as one request, and as a session by hand.
 *
 *     interleaved MODEL FOLDER [DEVICE]
 *
 * Shows a request in which more is said after a picture, with a seed and settings of each output's
 * own; and a session: something is said, drawn, asked about, taken back, tried two ways by a fork,
 * and stored as a job that another program can run again or go on from. */
#include <motcl.h>
#include <stdio.h>
#include <string.h>

/* Where pictures go, and how many there are. */
typedef struct album {
  const char *folder;
  unsigned pictures;
} album;

static void hear(void *user, const motcl_event *event) {
  album *a = user;
  char name[4096];
  motcl_err err;
  if (event->kind == MOTCL_EVENT_TEXT)
    fwrite(event->text, 1, event->size, stdout);
  if (event->kind != MOTCL_EVENT_PICTURE)
    return;
  motcl_picture picture = {.rgb = event->rgb, .width = event->width, .height = event->height};
  snprintf(name, sizeof name, "%s/%u.png", a->folder, ++a->pictures);
  if (motcl_picture_write(name, &picture, true, &err) == MOTCL_OK)
    printf("[%s]\n", name);
  else
    fprintf(stderr, "interleaved: %s\n", err.text);
}

static motcl_item text(const char *words) {
  return (motcl_item){.kind = MOTCL_ITEM_INPUT,
                      .part = {.kind = MOTCL_PART_TEXT, .data = words, .size = strlen(words)}};
}

/* All at once: what stands behind an output is said after it. */
static int ask_in_order(motcl_worker *worker, const char *folder, motcl_err *err) {
  album a = {folder, 0};
  motcl_sink sink = {.user = &a, .event = hear};
  motcl_request request = motcl_request_default(false);
  motcl_settings small;
  request.seed = 1;
  request.settings.timesteps = 10;
  request.settings.max_tokens = 24;
  small = request.settings;
  small.width = small.height = 32;
  const motcl_item item[] = {
      text("A red fox in the snow."),
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE},
      text("What is it looking at?"),
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT},
      text("Let it sleep."),
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE, .settings = &small},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE, .seeded = true, .seed = 99}};
  request.item = item;
  request.items = sizeof item / sizeof *item;
  return motcl_worker_run(worker, &request, &sink, 1, err);
}

static int say(motcl_session *s, const char *text, motcl_err *err) {
  printf("> %s\n", text);
  return motcl_session_text(s, text, strlen(text), err);
}

/* A picture is drawn, asked about, and drawn again by what was said of it. */
static int talk(motcl_session *s, motcl_err *err) {
  int rc = say(s, "A red fox in the snow.", err);
  if (rc == MOTCL_OK)
    rc = motcl_session_draw(s, err);
  if (rc == MOTCL_OK)
    rc = say(s, "What is it looking at?", err);
  if (rc == MOTCL_OK)
    rc = motcl_session_write(s, err);
  if (rc == MOTCL_OK)
    rc = say(s, "\nLet it sleep.", err);
  return rc == MOTCL_OK ? motcl_session_draw(s, err) : rc;
}

/* The last picture once more, from another seed: taken back, and drawn on a branch. */
static int try_again(motcl_session *s, const motcl_sink *sink, motcl_err *err) {
  motcl_session *branch = NULL;
  int rc = motcl_session_undo(s, err);
  if (rc == MOTCL_OK)
    rc = motcl_session_fork(&branch, s, sink, err);
  if (rc == MOTCL_OK) {
    *motcl_session_seed(branch) = 99;
    rc = motcl_session_draw(branch, err);
  }
  motcl_session_close(branch);
  return rc;
}

/* All that was said, as a message: `motcl run --job` gives it all again, `motcl chat --job` goes on
 * from it. */
static int store(motcl_session *s, const char *folder, motcl_err *err) {
  char name[4096];
  motcl_job job;
  uint8_t *bytes = NULL;
  size_t n = 0;
  snprintf(name, sizeof name, "%s/talk.pb", folder);
  int rc = motcl_session_job(s, &job, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_pack(&job, &bytes, &n, err);
  if (rc == MOTCL_OK)
    rc = motcl_file_write(name, bytes, n, true, err);
  motcl_free(bytes);
  return rc;
}

static int hold(motcl_worker *worker, const char *folder, motcl_err *err) {
  album a = {folder, 3};
  motcl_sink sink = {.user = &a, .event = hear};
  motcl_settings settings = motcl_request_default(false).settings;
  motcl_session *session = NULL;
  settings.timesteps = 10;
  settings.max_tokens = 24;
  int rc = motcl_session_open(&session, worker, &settings, 1, &sink, err);
  if (rc == MOTCL_OK)
    rc = talk(session, err);
  if (rc == MOTCL_OK)
    rc = try_again(session, &sink, err);
  if (rc == MOTCL_OK)
    rc = store(session, folder, err);
  motcl_session_close(session);
  return rc;
}

int main(int argc, char **argv) {
  motcl *library = NULL;
  motcl_worker *worker = NULL;
  motcl_err err;
  if (argc < 3) {
    fprintf(stderr, "usage: interleaved MODEL FOLDER [DEVICE]\n");
    return 2;
  }
  motcl_worker_options options = {.model = argv[1], .device = argc > 3 ? argv[3] : NULL};
  int rc = motcl_open(&library, NULL, &err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&worker, library, &options, &err);
  if (rc == MOTCL_OK)
    rc = ask_in_order(worker, argv[2], &err);
  if (rc == MOTCL_OK)
    rc = hold(worker, argv[2], &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "interleaved: %s\n", err.text);
  motcl_worker_close(worker);
  motcl_close(library);
  return rc == MOTCL_OK ? 0 : 1;
}
