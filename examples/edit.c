/* edit.c - a picture changed by a sentence.
 *
 *     edit MODEL PICTURE INSTRUCTION FILE.png [DEVICE]
 *
 * Shows a request of several parts and the settings for editing, messages of the library, kernels
 * that are kept for the next time, and memory that is counted. */
#include <motcl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory of ours for the library: malloc, and a count of what is out. */
typedef struct counter {
  size_t blocks, most;
} counter;

static void *count_alloc(void *user, size_t bytes) {
  counter *c = user;
  void *p = malloc(bytes);
  c->blocks += p != NULL;
  c->most = c->blocks > c->most ? c->blocks : c->most;
  return p;
}

static void *count_resize(void *user, void *p, size_t bytes) {
  (void)user;
  return realloc(p, bytes);
}

static void count_release(void *user, void *p) {
  counter *c = user;
  c->blocks--;
  free(p);
}

static void log_line(void *user, motcl_log_level level, const char *text) {
  (void)user;
  fprintf(stderr, "%s%s\n", level == MOTCL_LOG_WARNING ? "warning: " : "", text);
}

/* A picture that was drawn outlives its event only as a copy. */
typedef struct copy {
  uint8_t *rgb;
  uint32_t width, height;
} copy;

static void hear(void *user, const motcl_event *event) {
  copy *c = user;
  if (event->kind != MOTCL_EVENT_PICTURE)
    return;
  size_t bytes = (size_t)3 * event->width * event->height;
  c->rgb = malloc(bytes);
  c->width = event->width;
  c->height = event->height;
  if (c->rgb)
    memcpy(c->rgb, event->rgb, bytes);
}

static int edit(motcl_worker *worker, char **word, motcl_err *err) {
  uint8_t *file = NULL;
  size_t size = 0;
  copy made = {NULL, 0, 0};
  int rc = motcl_file_read(&file, &size, word[0], (size_t)1 << 28, err);
  if (rc == MOTCL_OK) {
    motcl_part part[] = {
        {.kind = MOTCL_PART_PICTURE, .data = file, .size = size, .name = word[0]},
        {.kind = MOTCL_PART_TEXT, .data = word[1], .size = strlen(word[1])},
    };
    motcl_output output = MOTCL_OUTPUT_PICTURE;
    motcl_request request = motcl_request_default(true); /* the settings for editing */
    request.part = part;
    request.parts = 2;
    request.output = &output;
    request.outputs = 1;
    request.settings.timesteps = 20;
    motcl_sink sink = {.user = &made, .event = hear};
    rc = motcl_worker_run(worker, &request, &sink, 1, err);
  }
  if (rc == MOTCL_OK) {
    motcl_picture picture = {.rgb = made.rgb, .width = made.width, .height = made.height};
    rc = made.rgb ? motcl_picture_write(word[2], &picture, true, err)
                  : motcl_fail(err, MOTCL_ENOMEM, "there is no memory for the picture");
  }
  free(made.rgb);
  motcl_free(file);
  return rc;
}

int main(int argc, char **argv) {
  counter count = {0, 0};
  motcl_allocator allocator = {&count, count_alloc, count_resize, count_release};
  motcl_options options = {.allocator = &allocator, .log = log_line, .cache_dir = "kernels"};
  motcl *library = NULL;
  motcl_worker *worker = NULL;
  motcl_err err;
  if (argc < 5) {
    fprintf(stderr, "usage: edit MODEL PICTURE INSTRUCTION FILE.png [DEVICE]\n");
    return 2;
  }
  motcl_worker_options how = {.model = argv[1], .device = argc > 5 ? argv[5] : NULL};
  int rc = motcl_open(&library, &options, &err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(&worker, library, &how, &err);
  if (rc == MOTCL_OK)
    rc = edit(worker, argv + 2, &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "edit: %s\n", err.text);
  motcl_worker_close(worker);
  motcl_close(library);
  printf("%zu blocks of memory at most, %zu now\n", count.most, count.blocks);
  return rc == MOTCL_OK ? 0 : 1;
}
