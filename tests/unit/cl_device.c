/* cl_device.c - tests of buffers, programs and launching on the first device there is: ranges,
 * memory in place, kernel folders, what a failed build says, a program cache that is damaged,
 * cannot be written, or is shared by two processes, and who is asked for binaries when. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/mem.h"
#include "cl/buffer.h"
#include "cl/launch.h"
#include "cl/program.h"
#include "cl/ready.h"
#include "cl/source.h"
#include "cl/status.h"
#include "tmpdir.h"

#define MCL_GROUP_LINE                                                                             \
  {                                                                                                \
    {1, 1}, {                                                                                      \
      2, 0                                                                                         \
    }                                                                                              \
  }

typedef struct first {
  cl_device_id id;
  mcl_cl_caps caps;
  bool found;
} first;

static int take_first(void *ctx, cl_device_id id, const mcl_cl_caps *caps, motcl_err *err) {
  first *f = ctx;
  (void)err;
  if (!f->found && caps->compiler)
    *f = (first){id, *caps, true};
  return MOTCL_OK;
}

static mcl_cl *open_with(const mcl_cl_settings *settings) {
  first f = {.found = false};
  const char *why = NULL;
  mcl_cl *cl = NULL;
  assert_int_equal(mcl_cl_enumerate(take_first, &f, &why, NULL), MOTCL_OK);
  assert_true(f.found);
  mcl_cl_settings with = *settings;
  with.side = 8;
  with.options = "-cl-std=CL1.2";
  assert_int_equal(mcl_cl_open(&cl, f.id, &f.caps, &with, NULL), MOTCL_OK);
  assert_int_equal(cl->side, 8);
  return cl;
}

static mcl_cl *open_plain(void) {
  const mcl_cl_settings none = {.cache_dir = NULL};
  return open_with(&none);
}

static void bytes_go_both_ways(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  mcl_cl_buffer a, b;
  char got[8] = "";
  assert_int_equal(mcl_cl_buffer_init(cl, &a, 8, false, "abcdefg", NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_buffer_init(cl, &b, 8, false, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_write(cl, &a, 2, "XY", 2, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_copy(cl, &a, 0, &b, 0, 8, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_read(cl, &b, 1, got, 7, NULL), MOTCL_OK);
  assert_string_equal(got, "bXYefg");
  mcl_cl_buffer_finish(&a);
  mcl_cl_buffer_finish(&b);
  mcl_cl_buffer_finish(&b);
  mcl_cl_close(cl);
  mcl_cl_close(NULL);
}

static void ranges_are_checked(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  mcl_cl_buffer a;
  cl_mem view;
  char got[16];
  assert_int_equal(mcl_cl_buffer_init(cl, &a, 8, false, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_read(cl, &a, 1, got, 8, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_cl_write(cl, &a, SIZE_MAX, got, 2, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_cl_copy(cl, &a, 0, &a, 5, 4, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_cl_buffer_view(&a, &view, 0, 9, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_cl_read(cl, &a, 8, got, 0, NULL), MOTCL_OK);
  mcl_cl_buffer_finish(&a);
  mcl_cl_close(cl);
}

static void host_memory_in_place(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  mcl_cl_buffer in_place, copied, writable;
  char *host = mcl_alloc_aligned(4096, 4096), got[4];
  assert_non_null(host);
  memcpy(host, "data", 4);
  assert_int_equal(mcl_cl_buffer_init(cl, &in_place, 2048, true, host, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_buffer_init(cl, &copied, 2048, true, host + 1, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_buffer_init(cl, &writable, 2048, false, host, NULL), MOTCL_OK);
  assert_int_equal(in_place.in_place, cl->caps.kind == 'c' && cl->caps.unified);
  assert_int_equal(copied.in_place, cl->caps.align == 1 && in_place.in_place);
  assert_false(writable.in_place);
  assert_int_equal(mcl_cl_read(cl, &in_place, 0, got, 4, NULL), MOTCL_OK);
  assert_memory_equal(got, "data", 4);
  assert_int_equal(mcl_cl_read(cl, &copied, 0, got, 3, NULL), MOTCL_OK);
  assert_memory_equal(got, "ata", 3);
  assert_int_equal(mcl_cl_write(cl, &writable, 0, "gone", 4, NULL), MOTCL_OK);
  assert_memory_equal(host, "data", 4);
  mcl_cl_buffer_finish(&in_place);
  mcl_cl_buffer_finish(&copied);
  mcl_cl_buffer_finish(&writable);
  mcl_cl_close(cl);
  mcl_free(host);
}

/* x = silu(x) for two rows of three; the values are known. */
static int run_silu(mcl_cl *cl, motcl_err *err) {
  const float x[6] = {0, 1, -1, 200, -200, 0};
  float y[6];
  mcl_cl_buffer in, out;
  assert_int_equal(mcl_cl_buffer_init(cl, &in, sizeof x, true, x, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_buffer_init(cl, &out, sizeof y, false, NULL, NULL), MOTCL_OK);
  const mcl_arg args[] = {mcl_arg_buffer(in.mem, 0), mcl_arg_uint(3), mcl_arg_buffer(out.mem, 0),
                          mcl_arg_uint(3), mcl_arg_uint(3)};
  const mcl_launch launch = {"simple.cl", "", "mcl_silu_simple", MCL_GROUP_LINE, {2, 1}, args, 5};
  int rc = mcl_cl_launch(cl, &launch, err);
  if (rc == MOTCL_OK) {
    assert_int_equal(mcl_cl_flush(cl, NULL), MOTCL_OK);
    assert_int_equal(mcl_cl_finish(cl, NULL), MOTCL_OK);
    assert_int_equal(mcl_cl_read(cl, &out, 0, y, sizeof y, NULL), MOTCL_OK);
    const float want[6] = {0, 0.731058579f, -0.268941421f, 200, 0, 0};
    for (int i = 0; i < 6; i++)
      assert_true(y[i] >= want[i] - 1e-6f && y[i] <= want[i] + 1e-6f);
  }
  mcl_cl_buffer_finish(&in);
  mcl_cl_buffer_finish(&out);
  return rc;
}

static void kernels_run(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  assert_int_equal(run_silu(cl, NULL), MOTCL_OK);
  const mcl_arg one[] = {mcl_arg_uint(1)};
  motcl_err err;
  mcl_launch launch = {"simple.cl", "", "mcl_silu_simple", MCL_GROUP_LINE, {0, 1}, one, 1};
  assert_int_equal(mcl_cl_launch(cl, &launch, &err), MOTCL_OK); /* nothing to run */
  launch.groups[0] = 1;
  assert_int_equal(mcl_cl_launch(cl, &launch, &err), MOTCL_EINTERNAL);
  launch.arg_count = 0;
  assert_int_equal(mcl_cl_launch(cl, &launch, &err), MOTCL_EINTERNAL);
  launch.kernel = "no_such_kernel";
  assert_int_equal(mcl_cl_launch(cl, &launch, &err), MOTCL_EBUILD);
  launch.source = "no_such.cl";
  assert_int_equal(mcl_cl_launch(cl, &launch, &err), MOTCL_EINTERNAL);
  /* a shape that the built kernel does not take */
  const mcl_arg args[] = {mcl_arg_buffer(NULL, 0), mcl_arg_uint(3), mcl_arg_buffer(NULL, 0),
                          mcl_arg_uint(3), mcl_arg_uint(3)};
  const mcl_launch large = {"simple.cl", "", "mcl_silu_simple", {{1u << 24, 1}, {0, 0}}, {1, 1},
                            args,        5};
  assert_int_equal(mcl_cl_launch(cl, &large, &err), MOTCL_EUNSUPPORTED);
  assert_non_null(strstr(err.text, "groups of 16777216 by 1"));
  assert_int_equal(run_silu(cl, NULL), MOTCL_OK);
  mcl_cl_close(cl);
}

static void kernels_from_a_folder(void **state) {
  (void)state;
  const mcl_cl_settings settings = {.kernel_dir = tmp_name};
  mcl_cl *cl = open_with(&settings);
  motcl_err err;
  assert_int_equal(run_silu(cl, &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, tmp_name));
  mcl_cl_close(cl);
}

static char *text_of(const mcl_source *s) {
  size_t n = 0;
  for (size_t i = 0; i < s->count; i++)
    n += strlen(s->text[i]);
  char *all = mcl_zalloc(n + 1, 1);
  assert_non_null(all);
  for (size_t i = 0; i < s->count; i++)
    strcat(all, s->text[i]);
  return all;
}

/* Files that a file stands for come where its lines are, from either place. */
static void files_in_files(void **state) {
  (void)state;
  char dir[512];
  mcl_source built_in, in_folder;
  snprintf(dir, sizeof dir, "%s/kernels", getenv("srcdir") ? getenv("srcdir") : ".");
  assert_int_equal(mcl_source_init(&built_in, NULL, "cpu/all.cl", NULL), MOTCL_OK);
  assert_int_equal(mcl_source_init(&in_folder, dir, "cpu/all.cl", NULL), MOTCL_OK);
  char *a = text_of(&built_in), *b = text_of(&in_folder);
  assert_string_equal(a, b);
  assert_null(strstr(a, "#include"));
  unsigned count = 0;
  for (char *p = a; (p = strstr(p, "#line 1 \"cpu/dot.cl\"")); p++)
    count++;
  assert_int_equal(count, 3);
  mcl_free(a);
  mcl_free(b);
  mcl_source_finish(&built_in);
  mcl_source_finish(&in_folder);
}

/* Noting runs nothing and asks for no buffer; each piece is noted once. */
static void noted_then_made(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  const mcl_arg args[] = {mcl_arg_buffer(NULL, 0), mcl_arg_uint(3), mcl_arg_buffer(NULL, 0),
                          mcl_arg_uint(3), mcl_arg_uint(3)};
  mcl_launch l = {"simple.cl", "", "mcl_silu_simple", MCL_GROUP_LINE, {2, 1}, args, 5};
  const size_t kernels = cl->caps.wide ? 1 : 0;
  assert_int_equal(mcl_cl_unready(cl), 0);
  assert_int_equal(mcl_cl_make_ready(cl, 0, NULL), MOTCL_OK);
  mcl_cl_note(cl, true);
  assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_unready(cl), 1 + kernels);
  l.kernel = "mcl_gelu_simple";
  assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_unready(cl), 1 + 2 * kernels);
  l.kernel = "mcl_mul_simple"; /* a grid that gets a kernel of its own */
  l.groups[0] = 70000;
  assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_unready(cl), 1 + 2 * kernels);
  l.source = "no_such.cl";
  assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_null(cl->programs);
  mcl_cl_note(cl, false);
  assert_int_equal(mcl_cl_make_ready(cl, 0.9, NULL), MOTCL_OK); /* programs come first */
  assert_non_null(cl->programs);
  assert_int_equal(mcl_cl_make_ready(cl, 0.9, NULL), MOTCL_EINTERNAL);
  for (size_t left = 2 * kernels; left; left--) {
    assert_int_equal(mcl_cl_unready(cl), left);
    assert_int_equal(mcl_cl_make_ready(cl, 0.9, NULL), MOTCL_OK);
  }
  assert_int_equal(mcl_cl_unready(cl), 0);
  assert_int_equal(run_silu(cl, NULL), MOTCL_OK);
  mcl_cl_close(cl);
}

static void a_failed_build_says_why(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  const mcl_cl_kernel *k;
  motcl_err err;
  int rc = mcl_cl_kernel_get(cl, &k, "simple.cl", "-Dadd_of=0", "x", &err);
  assert_int_equal(rc, MOTCL_EBUILD);
  assert_non_null(strstr(err.text, "simple.cl did not build"));
  assert_non_null(strstr(err.text, "error"));
  assert_int_equal(err.cl, CL_BUILD_PROGRAM_FAILURE);
  mcl_cl_close(cl);
}

/* A status that building and waiting end with, without having done it, or 0. */
static cl_int build_fails, finish_fails;
cl_int CL_API_CALL clBuildProgram(cl_program program, cl_uint n, const cl_device_id *devices,
                                  const char *options, void(CL_CALLBACK *then)(cl_program, void *),
                                  void *user) {
  static cl_int(CL_API_CALL * next)(cl_program, cl_uint, const cl_device_id *, const char *,
                                    void(CL_CALLBACK *)(cl_program, void *), void *);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clBuildProgram");
  return build_fails ? build_fails : next(program, n, devices, options, then, user);
}

cl_int CL_API_CALL clFinish(cl_command_queue queue) {
  static cl_int(CL_API_CALL * next)(cl_command_queue);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clFinish");
  return finish_fails ? finish_fails : next(queue);
}

static void a_compiler_without_room_says_so(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  const mcl_cl_kernel *k;
  motcl_err err;
  build_fails = CL_OUT_OF_HOST_MEMORY;
  int rc = mcl_cl_kernel_get(cl, &k, "simple.cl", "", "mcl_silu_simple", &err);
  build_fails = 0;
  assert_int_equal(rc, MOTCL_ENOMEM);
  assert_non_null(strstr(err.text, "too little memory"));
  assert_null(strstr(err.text, "update"));
  rc = mcl_cl_kernel_get(cl, &k, "simple.cl", "", "mcl_silu_simple", &err);
  assert_int_equal(rc, MOTCL_OK);
  mcl_cl_close(cl);
}

/* A finish that fails at once must not leave kernels running: their memory is given back next. */
static void what_runs_is_waited_for_though_finish_fails(void **state) {
  enum { ROWS = 4096, COLS = 1024 };
  (void)state;
  mcl_cl *cl = open_plain();
  mcl_cl_buffer in, out;
  cl_event behind;
  cl_int ended = CL_QUEUED;
  assert_int_equal(mcl_cl_buffer_init(cl, &in, ROWS * COLS * 4, false, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_buffer_init(cl, &out, ROWS * COLS * 4, false, NULL, NULL), MOTCL_OK);
  const mcl_arg args[] = {mcl_arg_buffer(in.mem, 0), mcl_arg_uint(COLS), mcl_arg_buffer(out.mem, 0),
                          mcl_arg_uint(COLS), mcl_arg_uint(COLS)};
  const mcl_launch l = {"simple.cl", "", "mcl_silu_simple", MCL_GROUP_LINE, {ROWS, 4}, args, 5};
  for (int i = 0; i < 20; i++)
    assert_int_equal(mcl_cl_launch(cl, &l, NULL), MOTCL_OK);
  assert_int_equal(clEnqueueMarkerWithWaitList(cl->queue, 0, NULL, &behind), CL_SUCCESS);
  finish_fails = CL_OUT_OF_RESOURCES;
  assert_int_equal(mcl_cl_finish(cl, NULL), MOTCL_ELOST);
  finish_fails = 0;
  assert_int_equal(
      clGetEventInfo(behind, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof ended, &ended, NULL),
      CL_SUCCESS);
  assert_int_equal(ended, CL_COMPLETE);
  clReleaseEvent(behind);
  mcl_cl_buffer_finish(&in);
  mcl_cl_buffer_finish(&out);
  mcl_cl_close(cl);
}

/* How often a platform was asked for binaries: the library's calls come here first. */
static int asked;
cl_int CL_API_CALL clGetProgramInfo(cl_program program, cl_program_info what, size_t size,
                                    void *value, size_t *size_ret) {
  static cl_int(CL_API_CALL * next)(cl_program, cl_program_info, size_t, void *, size_t *);
  asked += what == CL_PROGRAM_BINARY_SIZES || what == CL_PROGRAM_BINARIES;
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clGetProgramInfo");
  return next ? next(program, what, size, value, size_ret) : CL_INVALID_OPERATION;
}

/* One run on a platform that keeps programs by itself, or does not. Nothing is asked of it, and
 * nothing stored, before the work is done. */
static void use_cache_of(const char *dir, bool keeps) {
  const mcl_cl_settings settings = {.cache_dir = dir};
  mcl_cl *cl = open_with(&settings);
  cl->caps.keeps = keeps;
  asked = 0;
  assert_int_equal(run_silu(cl, NULL), MOTCL_OK);
  assert_int_equal(asked, 0);
  mcl_cl_close(cl);
}

static void use_cache(const char *dir) {
  use_cache_of(dir, false);
}

/* An entry that is whole by its checksum but no program: the driver refuses it. */
static void store_rubbish_as_entry(void) {
  DIR *d = opendir(tmp_name);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.') {
      FILE *f = fopen(tmpdir_path(e->d_name), "r+b");
      assert_non_null(f);
      assert_int_equal(fseek(f, 100, SEEK_SET), 0);
      assert_true(fputs("rubbish", f) >= 0);
      assert_int_equal(fclose(f), 0);
    }
  closedir(d);
}

static void programs_are_kept(void **state) {
  (void)state;
  use_cache(tmp_name);
  assert_int_equal(tmpdir_files(false), 2); /* and the folder's secret */
  assert_int_equal(asked, 2);
  use_cache(tmp_name);
  assert_int_equal(tmpdir_files(false), 2); /* and the folder's secret */
  assert_int_equal(asked, 0);               /* it came from the cache */
  store_rubbish_as_entry();
  use_cache(tmp_name);
  assert_int_equal(tmpdir_files(false), 2); /* and the folder's secret */
  assert_int_equal(asked, 2);
  use_cache("/no/such/folder");
  use_cache(tmpdir_put("file", "", 0));
}

static void count_warnings(void *user, motcl_log_level level, const char *text) {
  *(int *)user += level == MOTCL_LOG_WARNING && strstr(text, "cannot be kept") != NULL;
}

/* Two programs, one warning. */
static void a_cache_that_takes_nothing_is_told_once(void **state) {
  (void)state;
  int warnings = 0;
  const mcl_logger logger = {count_warnings, &warnings};
  const mcl_cl_settings settings = {.cache_dir = "/no/such/folder"};
  const mcl_cl_kernel *k;
  mcl_cl *cl = open_with(&settings);
  cl->caps.keeps = false;
  assert_int_equal(mcl_cl_kernel_get(cl, &k, "simple.cl", "", "mcl_add_simple", NULL), MOTCL_OK);
  assert_int_equal(mcl_cl_kernel_get(cl, &k, "guide.cl", "", "mcl_euler", NULL), MOTCL_OK);
  const mcl_logger *before = mcl_log_enter(&logger);
  mcl_cl_close(cl);
  mcl_log_leave(before);
  assert_int_equal(warnings, 1);
}

/* PoCL keeps programs by itself; being asked for binaries it would compile all kernels once more.
 */
static void a_platform_that_keeps_programs_is_not_asked(void **state) {
  (void)state;
  mcl_cl *cl = open_plain();
  const bool pocl = strstr(cl->caps.platform, "Portable Computing Language") != NULL;
  assert_int_equal(cl->caps.keeps, pocl);
  mcl_cl_close(cl);
  use_cache_of(tmp_name, true);
  assert_int_equal(asked, 0);
  assert_int_equal(tmpdir_files(false), 0);
}

/* Two processes fill one empty cache at once; each must compute rightly. */
static void processes_share_a_cache(void **state) {
  (void)state;
  pid_t child[2];
  for (int i = 0; i < 2; i++) {
    child[i] = fork();
    assert_true(child[i] >= 0);
    if (child[i] == 0) {
      use_cache(tmp_name);
      _exit(0);
    }
  }
  for (int i = 0; i < 2; i++) {
    int status;
    assert_int_equal(waitpid(child[i], &status, 0), child[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  assert_int_equal(tmpdir_files(false), 2); /* and the folder's secret */
}

static void statuses_have_names(void **state) {
  (void)state;
  motcl_err err;
  assert_string_equal(mcl_cl_name(CL_OUT_OF_RESOURCES), "CL_OUT_OF_RESOURCES");
  assert_int_equal(mcl_cl_code(CL_SUCCESS, MCL_CL_ASKED), MOTCL_OK);
  assert_int_equal(mcl_cl_code(CL_MEM_OBJECT_ALLOCATION_FAILURE, MCL_CL_ASKED), MOTCL_EDEVMEM);
  assert_int_equal(mcl_cl_code(CL_OUT_OF_HOST_MEMORY, MCL_CL_ASKED), MOTCL_ENOMEM);
  assert_int_equal(mcl_cl_code(CL_DEVICE_NOT_AVAILABLE, MCL_CL_ASKED), MOTCL_ELOST);
  assert_int_equal(mcl_cl_code(CL_BUILD_PROGRAM_FAILURE, MCL_CL_ASKED), MOTCL_EBUILD);
  assert_int_equal(mcl_cl_code(-9999, MCL_CL_ASKED), MOTCL_ELOST);
  assert_int_equal(mcl_cl_code(CL_SUCCESS, MCL_CL_WAITED), MOTCL_OK);
  assert_int_equal(mcl_cl_code(CL_MEM_OBJECT_ALLOCATION_FAILURE, MCL_CL_WAITED), MOTCL_EDEVMEM);
  assert_int_equal(mcl_cl_fail(&err, CL_OUT_OF_RESOURCES, "do %d things", 3), MOTCL_EDEVMEM);
  assert_int_equal(err.cl, CL_OUT_OF_RESOURCES);
  assert_non_null(strstr(err.text, "could not do 3 things: CL_OUT_OF_RESOURCES"));
  assert_non_null(strstr(err.text, "memory is too small"));
  assert_string_equal(err.where, "statuses_have_names");
  /* out of a wait it is a kernel that failed */
  assert_int_equal(mcl_cl_fail_wait(&err, CL_OUT_OF_RESOURCES, "wait"), MOTCL_ELOST);
  assert_non_null(strstr(err.text, "could not wait: CL_OUT_OF_RESOURCES"));
  assert_non_null(strstr(err.text, "the device or its driver failed"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      /* first, before this process has touched a device: children of one that has may not */
      cmocka_unit_test_setup(processes_share_a_cache, tmpdir_clear),
      cmocka_unit_test(statuses_have_names),
      cmocka_unit_test(bytes_go_both_ways),
      cmocka_unit_test(ranges_are_checked),
      cmocka_unit_test(host_memory_in_place),
      cmocka_unit_test(kernels_run),
      cmocka_unit_test_setup(kernels_from_a_folder, tmpdir_clear),
      cmocka_unit_test(files_in_files),
      cmocka_unit_test(noted_then_made),
      cmocka_unit_test(a_failed_build_says_why),
      cmocka_unit_test(a_compiler_without_room_says_so),
      cmocka_unit_test(what_runs_is_waited_for_though_finish_fails),
      cmocka_unit_test_setup(programs_are_kept, tmpdir_clear),
      cmocka_unit_test(a_cache_that_takes_nothing_is_told_once),
      cmocka_unit_test_setup(a_platform_that_keeps_programs_is_not_asked, tmpdir_clear),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
