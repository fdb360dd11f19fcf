/* api_guest.c - the library in a program that is not its own: what it may be asked for at most, how long
 * a task and a device may take, a process that forks, and an OpenCL device that is the program's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cl/opencl.h"
#include "motcl.h"
#include "tmpdir.h"

static const motcl_output picture = MOTCL_OUTPUT_PICTURE, text = MOTCL_OUTPUT_TEXT;
static motcl_part word = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};

static motcl_request request_for(const motcl_output *output) {
  motcl_request r = motcl_request_default(false);
  r.part = &word;
  r.parts = 1;
  r.output = output;
  r.outputs = 1;
  r.settings.timesteps = 3;
  r.settings.max_tokens = r.settings.max_think = 4;
  r.settings.width = r.settings.height = 32;
  return r;
}

static motcl *open_library(void) {
  motcl *m = NULL;
  assert_int_equal(motcl_open(&m, NULL, NULL), MOTCL_OK);
  return m;
}

static motcl_worker *open_worker(motcl *m, const char *device, const motcl_limits *limits) {
  motcl_worker *w = NULL;
  motcl_err err = {0};
  const motcl_worker_options o = {
      .model = tmp_name, .device = device, .limits = *limits, .size = sizeof o};
  if (motcl_worker_open(&w, m, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static void is_refused(motcl_worker *w, const motcl_request *r, const char *what) {
  motcl_err err = {0};
  motcl_task *t = NULL;
  assert_int_equal(motcl_worker_run(w, r, NULL, 1, &err), MOTCL_EFIT);
  if (!strstr(err.text, what))
    fail_msg("'%s' lacks '%s'", err.text, what);
  assert_int_equal(motcl_worker_submit(w, r, NULL, &t, NULL), MOTCL_EFIT);
  assert_null(t);
}

/* At each limit a request is done; beyond it, it is refused with both numbers. */
static void more_than_is_allowed_is_refused(void **state) {
  (void)state;
  const motcl_limits limits = {.pixels = 32 * 32, .tokens = 6, .steps = 3, .outputs = 1};
  motcl *m = open_library();
  motcl_worker *w = open_worker(m, "ref", &limits);
  motcl_request draw = request_for(&picture), ask = request_for(&text), r;
  assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, NULL), MOTCL_OK);
  r = ask;
  r.settings.think = true; /* whose system text is not what anybody said */
  assert_int_equal(motcl_worker_run(w, &r, NULL, 1, NULL), MOTCL_OK);
  r = draw;
  r.settings.width = 48;
  is_refused(w, &r, "1536 pixels");
  r = draw;
  r.settings.timesteps = 4;
  is_refused(w, &r, "at most 3");
  r = ask;
  r.settings.max_tokens = 7;
  is_refused(w, &r, "7 tokens");
  r = ask;
  r.settings.think = true;
  r.settings.max_think = 7;
  is_refused(w, &r, "7 tokens");
  const motcl_output two[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_TEXT};
  r = ask;
  r.output = two;
  r.outputs = 2;
  is_refused(w, &r, "2 results");
  static const char many[] = "a cat and a cat and a cat and a cat";
  const motcl_part said = {.kind = MOTCL_PART_TEXT, .data = many, .size = sizeof many - 1};
  r = ask;
  r.part = &said;
  is_refused(w, &r, "tokens of a text");
  uint8_t rgb[33 * 32 * 3] = {0}, *png;
  const motcl_picture shown = {.width = 33, .height = 32, .rgb = rgb};
  size_t n;
  assert_int_equal(motcl_picture_encode(&png, &n, &shown, MOTCL_PNG, NULL), MOTCL_OK);
  const motcl_part parts[] = {{.kind = MOTCL_PART_PICTURE, .data = png, .size = n}, word};
  r = ask;
  r.part = parts;
  r.parts = 2;
  is_refused(w, &r, "33x32");
  motcl_free(png);
  assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, NULL), MOTCL_OK);
  motcl_worker_close(w);
  motcl_close(m);
}

static void a_task_has_its_time(void **state) {
  (void)state;
  const motcl_limits limits = {.seconds = 1e-9};
  motcl_err err = {0};
  motcl *m = open_library();
  motcl_worker *w = open_worker(m, "ref", &limits);
  motcl_request draw = request_for(&picture);
  assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, &err), MOTCL_ECANCELLED);
  assert_non_null(strstr(err.text, "more than 1e-09 s"));
  motcl_session *s = NULL;
  assert_int_equal(motcl_session_open(&s, w, NULL, 1, NULL, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_text(s, "a cat", 5, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_write(s, &err), MOTCL_ECANCELLED);
  assert_non_null(strstr(err.text, "more than 1e-09 s"));
  motcl_session_close(s);
  motcl_worker_close(w);
  motcl_close(m);
}

/* A program of before the limits says a smaller size, and has none. */
static void limits_are_read_where_they_are(void **state) {
  (void)state;
  motcl_worker_options o = {
      .model = tmp_name, .device = "ref", .limits = {.steps = 1}, .size = sizeof o};
  motcl *m = open_library();
  motcl_worker *w = NULL;
  motcl_request draw = request_for(&picture);
  for (size_t size = 0; size <= sizeof o; size += sizeof o / 2) {
    o.size = size < sizeof o ? size : sizeof o;
    assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
    assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, NULL),
                     o.size == sizeof o ? MOTCL_EFIT : MOTCL_OK);
    motcl_worker_close(w);
  }
  o.size = sizeof o;
  o.limits.reserved[3] = 1;
  w = NULL;
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_EINVAL);
  assert_null(w);
  motcl_close(m);
}

/* ---- a process that forks ---- */

static int in_child(int (*what)(void *with), void *with) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(what(with));
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static bool says(int rc, int expected, const motcl_err *err, const char *what) {
  return rc == expected && strstr(err->text, what);
}

/* The number of the check that failed, or 0. */
static int use_what_the_parent_opened(void *with) {
  motcl_worker *w = with;
  motcl_err err = {0};
  motcl_task *t = NULL;
  bool busy;
  motcl_request ask = request_for(&text);
  if (!says(motcl_worker_run(w, &ask, NULL, 1, &err), MOTCL_EINVAL, &err, "fork"))
    return 1;
  if (!says(motcl_worker_submit(w, &ask, NULL, &t, &err), MOTCL_EINVAL, &err, "fork"))
    return 2;
  if (!says(motcl_worker_step(w, &busy, &err), MOTCL_EINVAL, &err, "fork"))
    return 3;
  motcl_estimate estimate;
  if (!says(motcl_worker_estimate(w, &ask, 1, &estimate, &err), MOTCL_EINVAL, &err, "fork"))
    return 4;
  motcl_session *s = NULL;
  if (motcl_session_open(&s, w, NULL, 1, NULL, NULL) != MOTCL_OK ||
      motcl_session_text(s, "a cat", 5, NULL) != MOTCL_OK ||
      !says(motcl_session_write(s, &err), MOTCL_EINVAL, &err, "fork"))
    return 5;
  motcl_session_close(s);
  motcl_job_task *job = NULL;
  if (!says(motcl_job_submit(w, NULL, 0, NULL, NULL, &job, &err), MOTCL_EINVAL, &err, "fork"))
    return 6;
  motcl_worker_close(w);
  return 0;
}

static int open_anew(void *with) {
  (void)with;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_err err = {0};
  motcl_request ask = request_for(&text);
  motcl_worker_options o = {.model = tmp_name};
  if (motcl_open(&m, NULL, NULL) != MOTCL_OK)
    return 1;
  if (!says(motcl_worker_open(&w, m, &o, &err), MOTCL_ENODEVICE, &err, "forked"))
    return 2;
  o.device = "ref";
  if (motcl_worker_open(&w, m, &o, NULL) != MOTCL_OK ||
      motcl_worker_run(w, &ask, NULL, 1, NULL) != MOTCL_OK)
    return 3;
  motcl_worker_close(w);
  motcl_close(m);
  return 0;
}

/* The child is told, whatever it calls, and nothing there waits for threads that it does not have. What
 * needs no device works, and the parent does not notice. */
static void a_child_is_told(void **state) {
  (void)state;
  const motcl_limits none = {0};
  motcl *m = open_library();
  motcl_worker *w = open_worker(m, NULL, &none);
  motcl_request ask = request_for(&text);
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, NULL), MOTCL_OK);
  assert_int_equal(in_child(use_what_the_parent_opened, w), 0);
  assert_int_equal(in_child(open_anew, NULL), 0);
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, NULL), MOTCL_OK);
  motcl_worker_close(w);
  motcl_close(m);
}

/* ---- a device of the program's own ---- */

static cl_uint owners_of(cl_context context) {
  cl_uint n = 0;
  assert_int_equal(clGetContextInfo(context, CL_CONTEXT_REFERENCE_COUNT, sizeof n, &n, NULL), 0);
  return n;
}

/* Pixels of the one picture. */
static void see(void *user, const motcl_event *e) {
  if (e->kind == MOTCL_EVENT_PICTURE)
    memcpy(user, e->rgb, (size_t)e->width * e->height * 3);
}

static void draw_with(motcl *m, motcl_worker_options o, uint8_t pixels[32 * 32 * 3],
                      uint32_t units) {
  motcl_worker *w = NULL;
  motcl_err err = {0};
  const motcl_sink sink = {.user = pixels, .event = see};
  motcl_request draw = request_for(&picture);
  o.model = tmp_name;
  o.size = sizeof o;
  if (motcl_worker_open(&w, m, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  if (units)
    assert_int_equal(motcl_worker_device(w)->units, units);
  assert_int_equal(motcl_worker_run(w, &draw, &sink, 1, NULL), MOTCL_OK);
  motcl_worker_close(w);
}

/* Its context and device, some of its units, or a part that it has divided itself: the same picture. */
static void a_device_is_the_programs_own(void **state) {
  (void)state;
  cl_platform_id platform;
  cl_device_id device, part;
  static uint8_t usual[32 * 32 * 3], got[32 * 32 * 3];
  motcl *m = open_library();
  draw_with(m, (motcl_worker_options){.device = "cpu"}, usual, 0);
  assert_int_equal(clGetPlatformIDs(1, &platform, NULL), CL_SUCCESS);
  assert_int_equal(clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device, NULL), CL_SUCCESS);
  cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, NULL);
  assert_non_null(context);
  draw_with(m, (motcl_worker_options){.cl_context = context, .cl_device = device}, got, 0);
  assert_memory_equal(got, usual, sizeof got);
  assert_int_equal(owners_of(context), 1);
  clReleaseContext(context);
  const cl_device_partition_property one[] = {CL_DEVICE_PARTITION_BY_COUNTS, 1,
                                              CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0};
  if (clCreateSubDevices(device, one, 1, &part, NULL) == CL_SUCCESS) {
    memset(got, 0, sizeof got);
    draw_with(m, (motcl_worker_options){.device = "cpu", .threads = 1}, got, 1);
    assert_memory_equal(got, usual, sizeof got);
    context = clCreateContext(NULL, 1, &part, NULL, NULL, NULL);
    memset(got, 0, sizeof got);
    draw_with(m, (motcl_worker_options){.cl_context = context, .cl_device = part}, got, 1);
    assert_memory_equal(got, usual, sizeof got);
    clReleaseContext(context);
    clReleaseDevice(part);
  }
  motcl_worker *w = NULL;
  motcl_worker_options o = {.model = tmp_name, .cl_device = device, .size = sizeof o};
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_EINVAL);
  assert_null(w);
  o.cl_context = context = clCreateContext(NULL, 1, &device, NULL, NULL, NULL);
  o.device = "ref"; /* a driver that does not use it */
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_ENODEVICE);
  assert_null(w);
  clReleaseContext(context);
  motcl_close(m);
}

/* ---- a device that hangs ---- */

/* While it is set, no command ever ends; one that is waited for without asking ends the test. */
static bool hangs;
cl_int CL_API_CALL clGetEventInfo(cl_event event, cl_event_info what, size_t size, void *out,
                                  size_t *out_size) {
  static cl_int(CL_API_CALL * next)(cl_event, cl_event_info, size_t, void *, size_t *);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clGetEventInfo");
  if (hangs && what == CL_EVENT_COMMAND_EXECUTION_STATUS) {
    *(cl_int *)out = CL_RUNNING;
    return CL_SUCCESS;
  }
  return next(event, what, size, out, out_size);
}

cl_int CL_API_CALL clFinish(cl_command_queue queue) {
  static cl_int(CL_API_CALL * next)(cl_command_queue);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clFinish");
  if (hangs)
    abort();
  return next(queue);
}

/* The kind of transfer at which it begins to hang; one that blocks would never return. */
typedef enum move { NO_MOVE, A_WRITE, A_READ } move;
static move hangs_at;

static void moves(move kind, cl_bool blocking) {
  if (hangs_at == kind)
    hangs = true;
  if (hangs && blocking)
    abort();
}

cl_int CL_API_CALL clEnqueueWriteBuffer(cl_command_queue queue, cl_mem mem, cl_bool blocking,
                                        size_t at, size_t bytes, const void *src, cl_uint count,
                                        const cl_event *after, cl_event *event) {
  static cl_int(CL_API_CALL * next)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *,
                                    cl_uint, const cl_event *, cl_event *);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueWriteBuffer");
  moves(A_WRITE, blocking);
  return next(queue, mem, blocking, at, bytes, src, count, after, event);
}

cl_int CL_API_CALL clEnqueueReadBuffer(cl_command_queue queue, cl_mem mem, cl_bool blocking,
                                       size_t at, size_t bytes, void *dst, cl_uint count,
                                       const cl_event *after, cl_event *event) {
  static cl_int(CL_API_CALL * next)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, void *,
                                    cl_uint, const cl_event *, cl_event *);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueReadBuffer");
  moves(A_READ, blocking);
  return next(queue, mem, blocking, at, bytes, dst, count, after, event);
}

static void a_move_that_hangs_is_named(move kind, const char *name) {
  const motcl_limits limits = {.stall = 0.3};
  motcl_err err = {0};
  motcl *m = open_library();
  motcl_worker *w = open_worker(m, "generic", &limits);
  motcl_request draw = request_for(&picture);
  assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, &err), MOTCL_OK);
  hangs_at = kind;
  assert_int_equal(motcl_worker_run(w, &draw, NULL, 1, &err), MOTCL_ELOST);
  if (!strstr(err.text, name) || !strstr(err.text, "hangs"))
    fail_msg("%s", err.text);
  motcl_worker_close(w);
  hangs_at = NO_MOVE;
  hangs = false;
  motcl_close(m);
}

static void transfers_that_hang_are_named(void **state) {
  (void)state;
  a_move_that_hangs_is_named(A_WRITE, "a write of ");
  a_move_that_hangs_is_named(A_READ, "a read of ");
}

static void what_hangs_is_named(void **state) {
  (void)state;
  const motcl_limits limits = {.stall = 0.3};
  motcl_err err = {0};
  motcl *m = open_library();
  motcl_worker *w = open_worker(m, "generic", &limits);
  motcl_request ask = request_for(&text);
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, &err), MOTCL_OK);
  hangs = true;
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, &err), MOTCL_ELOST);
  if (!strstr(err.text, " of ") || !strstr(err.text, "hangs"))
    fail_msg("%s", err.text);
  assert_int_equal(motcl_worker_run(w, &ask, NULL, 1, &err), MOTCL_ELOST);
  assert_non_null(strstr(err.text, "hangs"));
  motcl_worker_close(w); /* returns, and leaves what the device may still use */
  hangs = false;
  motcl_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(more_than_is_allowed_is_refused), cmocka_unit_test(a_task_has_its_time),
      cmocka_unit_test(limits_are_read_where_they_are),  cmocka_unit_test(a_child_is_told),
      cmocka_unit_test(a_device_is_the_programs_own),    cmocka_unit_test(what_hangs_is_named),
      cmocka_unit_test(transfers_that_hang_are_named),
  };
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
