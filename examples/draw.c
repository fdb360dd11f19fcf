/* draw.c - a picture from a text.
 *
 *     draw MODEL TEXT FILE.png [DEVICE]
 *
 * Shows how a library and a worker are opened, how a request is put, and what is heard while it is
 * done: how far it is, and the picture, which is written with the words it was made by. */
#include <motcl.h>
#include <stdio.h>
#include <string.h>

/* What hearing the events needs, and what came of writing the picture. */
typedef struct easel {
  const char *file;
  const motcl_request *request;
  motcl_worker *worker;
  int rc;
  motcl_err err;
} easel;

static void hang(easel *e, const motcl_event *event) {
  motcl_picture picture = {.rgb = event->rgb, .width = event->width, .height = event->height};
  motcl_line *line = NULL;
  motcl_recipe_source source = {.size = sizeof source,
                                .request = e->request,
                                .width = picture.width,
                                .height = picture.height,
                                .fingerprint = motcl_worker_fingerprint(e->worker)};
  e->rc = motcl_worker_model(e->worker, &source.model, &source.digest, &e->err);
  if (e->rc == MOTCL_OK)
    e->rc = motcl_recipe_write(&line, &picture.lines, &source, &e->err);
  picture.line = line;
  if (e->rc == MOTCL_OK)
    e->rc = motcl_picture_write(e->file, &picture, true, &e->err);
  motcl_free(line);
}

static void hear(void *user, const motcl_event *event) {
  if (event->kind == MOTCL_EVENT_STEP)
    fprintf(stderr, "\r%-12s %u/%u ", motcl_phase_name(event->phase), event->step, event->of);
  else if (event->kind == MOTCL_EVENT_PICTURE)
    hang(user, event);
}

static int draw(motcl_worker *worker, const char *text, const char *file, motcl_err *err) {
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = strlen(text)};
  motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_request request = motcl_request_default(false);
  request.part = &part;
  request.parts = 1;
  request.output = &output;
  request.outputs = 1;
  request.seed = 7;
  request.settings.timesteps = 20; /* fewer steps than the published 50, for a quick look */

  easel e = {.file = file, .request = &request, .worker = worker};
  motcl_sink sink = {.user = &e, .event = hear};
  int rc = motcl_worker_run(worker, &request, &sink, 1, err);
  fputc('\n', stderr);
  if (rc == MOTCL_OK && e.rc != MOTCL_OK) {
    *err = e.err;
    rc = e.rc;
  }
  return rc;
}

int main(int argc, char **argv) {
  motcl *library = NULL;
  motcl_worker *worker = NULL;
  motcl_err err;
  if (argc < 4) {
    fprintf(stderr, "usage: draw MODEL TEXT FILE.png [DEVICE]\n");
    return 2;
  }
  motcl_worker_options options = {.model = argv[1], .device = argc > 4 ? argv[4] : NULL};
  int rc = motcl_open(&library, NULL, &err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&worker, library, &options, &err);
  if (rc == MOTCL_OK)
    rc = draw(worker, argv[2], argv[3], &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "draw: %s\n", err.text);
  motcl_worker_close(worker);
  motcl_close(library);
  return rc == MOTCL_OK ? 0 : 1;
}
