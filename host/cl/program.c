/* program.c - programs and kernels of a device, built on first use. */
#include "cl/program.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/trace.h"
#include "cl/cache.h"
#include "cl/source.h"
#include "cl/status.h"

typedef struct named_kernel {
  struct named_kernel *next;
  char *name;
  mcl_cl_kernel k;
} named_kernel;

/* A built program: a source file with certain options. `fresh`: it was built from source, and is to
 * be stored under `key`. */
typedef struct mcl_cl_program {
  struct mcl_cl_program *next;
  char *source, *options;
  unsigned side;
  bool fresh;
  mcl_cache_key key;
  cl_program program;
  named_kernel *kernels;
} mcl_cl_program;

static void program_destroy(mcl_cl_program *p) {
  while (p->kernels) {
    named_kernel *k = p->kernels;
    p->kernels = k->next;
    if (k->k.kernel)
      clReleaseKernel(k->k.kernel);
    mcl_free(k->name);
    mcl_free(k);
  }
  if (p->program)
    clReleaseProgram(p->program);
  mcl_free(p->source);
  mcl_free(p->options);
  mcl_free(p);
}

static mcl_cache_key key_of(const mcl_cl *cl, const mcl_source *s, const char *options) {
  mcl_cache_key key = mcl_cache_key_init();
  mcl_cache_key_add(&key, cl->caps.platform);
  mcl_cache_key_add(&key, cl->caps.name);
  mcl_cache_key_add(&key, cl->caps.version);
  mcl_cache_key_add(&key, options);
  for (size_t i = 0; i < s->count; i++)
    mcl_cache_key_add(&key, s->text[i]);
  return key;
}

/* The program from the cache, or NULL: none is there, or the driver does not take it any more. */
static cl_program load(mcl_cl *cl, const mcl_cache_key *key, const char *options) {
  unsigned char *bytes;
  size_t n;
  cl_int status, loaded = CL_SUCCESS;
  if (!mcl_cache_load(cl->cache_dir, key, &bytes, &n))
    return NULL;
  const unsigned char *binary = bytes;
  cl_program program =
      clCreateProgramWithBinary(cl->context, 1, &cl->id, &n, &binary, &loaded, &status);
  mcl_free(bytes);
  if (program && (status != CL_SUCCESS || loaded != CL_SUCCESS ||
                  clBuildProgram(program, 1, &cl->id, options, NULL, NULL) != CL_SUCCESS)) {
    clReleaseProgram(program);
    program = NULL;
  }
  return program;
}

/* A platform that hands out no binary is built on anew each time. */
static int store(const mcl_cl *cl, const mcl_cl_program *p, motcl_err *err) {
  size_t n = 0;
  int rc = MOTCL_OK;
  if (clGetProgramInfo(p->program, CL_PROGRAM_BINARY_SIZES, sizeof n, &n, NULL) || n == 0)
    return rc;
  unsigned char *bytes = mcl_alloc(n, 1);
  if (bytes && clGetProgramInfo(p->program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, NULL) == 0 &&
      !mcl_cache_store(cl->cache_dir, &p->key, bytes, n))
    rc = mcl_fail(
        err, MOTCL_EIO,
        "built kernels cannot be kept in '%s', so that the next start builds them again; "
        "see that the folder is yours, that nobody else can write to it, and that the disk has "
        "room",
        cl->cache_dir);
  mcl_free(bytes);
  return rc;
}

int mcl_cl_programs_store(mcl_cl *cl, motcl_err *err) {
  int rc = MOTCL_OK;
  for (mcl_cl_program *p = cl->cache_dir ? cl->programs : NULL; p && rc == MOTCL_OK; p = p->next)
    if (p->fresh) {
      rc = store(cl, p, err);
      p->fresh = rc != MOTCL_OK;
    }
  return rc;
}

void mcl_cl_programs_destroy(mcl_cl_program *list) {
  while (list) {
    mcl_cl_program *p = list;
    list = p->next;
    program_destroy(p);
  }
}

/* What a compiler says that had no room, and says by its status only seldom. */
static bool lacks_room(const char *log) {
  static const char *const words[] = {"out of memory", "Out of memory", "Cannot allocate memory",
                                      "bad_alloc", "No space left on device"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strstr(log, words[i]))
      return true;
  return false;
}

static int fail_build(mcl_cl *cl, cl_program program, cl_int status, const char *source,
                      const char *where, motcl_err *err) {
  size_t n = 0;
  char *log = NULL;
  if (!clGetProgramBuildInfo(program, cl->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &n) && n < 1u << 24)
    log = mcl_zalloc(n + 1, 1);
  if (log && clGetProgramBuildInfo(program, cl->id, CL_PROGRAM_BUILD_LOG, n, log, NULL))
    log[0] = '\0';
  if (log)
    mcl_cl_printable(log);
  const int code = mcl_cl_code(status, MCL_CL_ASKED);
  const bool room = code == MOTCL_ENOMEM || code == MOTCL_EDEVMEM || (log && lacks_room(log));
  int rc = mcl_fail_at(
      err, room ? MOTCL_ENOMEM : MOTCL_EBUILD, (int)status, where,
      "%s did not build on %s (%s); %s. The compiler says: %.600s", source, cl->caps.name,
      mcl_cl_name(status),
      room             ? "the compiler had too little memory or disk: free some"
      : cl->caps.keeps ? "see that the disk where its platform keeps kernels has room, or choose "
                         "another device"
                       : "update the device's driver or choose another device",
      log ? log : "");
  mcl_free(log);
  return rc;
}

static int build(mcl_cl *cl, cl_program *out, const mcl_source *s, const char *source,
                 const char *options, motcl_err *err) {
  cl_int status;
  cl_program program =
      clCreateProgramWithSource(cl->context, (cl_uint)s->count, s->text, NULL, &status);
  if (!program)
    return mcl_cl_fail(err, status, "hand %s to %s", source, cl->caps.name);
  status = clBuildProgram(program, 1, &cl->id, options, NULL, NULL);
  if (status != CL_SUCCESS) {
    int rc = fail_build(cl, program, status, source, __func__, err);
    clReleaseProgram(program);
    return rc;
  }
  *out = program;
  return MOTCL_OK;
}

static int make(mcl_cl *cl, mcl_cl_program *p, motcl_err *err) {
  mcl_source s;
  char all[512];
  int n = snprintf(all, sizeof all, "%s -DMCL_SIDE=%u %s", cl->options, p->side, p->options);
  if (n < 0 || (size_t)n >= sizeof all)
    return mcl_fail(err, MOTCL_EINTERNAL, "the options of %s are too long", p->source);
  int rc = mcl_source_init(&s, cl->kernel_dir, p->source, err);
  if (rc != MOTCL_OK)
    return rc;
  p->key = key_of(cl, &s, all);
  if (cl->cache_dir)
    p->program = load(cl, &p->key, all);
  if (!p->program) {
    double began = mcl_clock();
    rc = build(cl, &p->program, &s, p->source, all, err);
    p->fresh = rc == MOTCL_OK;
    mcl_trace_since(cl->trace, MCL_TRACE_HOST, "compile", p->source, began,
                    &(mcl_trace_arg){"options", p->options, 0}, 1);
    if (p->fresh)
      mcl_log_message(MOTCL_LOG_INFO, "built %s in %.2f s", p->source, mcl_clock_since(began));
  }
  mcl_source_finish(&s);
  return rc;
}

static int program_get(mcl_cl *cl, mcl_cl_program **out, const char *source, const char *options,
                       unsigned side, motcl_err *err) {
  for (mcl_cl_program *p = cl->programs; p; p = p->next)
    if (p->side == side && !strcmp(p->source, source) && !strcmp(p->options, options)) {
      *out = p;
      return MOTCL_OK;
    }
  mcl_cl_program *p = mcl_zalloc(1, sizeof *p);
  if (!p)
    return mcl_fail_nomem(err, sizeof *p);
  p->side = side;
  p->source = mcl_strdup(source);
  p->options = mcl_strdup(options);
  int rc = p->source && p->options ? make(cl, p, err) : mcl_fail_nomem(err, strlen(options));
  if (rc != MOTCL_OK) {
    program_destroy(p);
    return rc;
  }
  p->next = cl->programs;
  cl->programs = p;
  *out = p;
  return MOTCL_OK;
}

static int kernel_make(mcl_cl *cl, named_kernel *k, const mcl_cl_program *p, const char *name,
                       motcl_err *err) {
  cl_int status;
  cl_uint args = 0;
  k->name = mcl_strdup(name);
  if (!k->name)
    return mcl_fail_nomem(err, strlen(name));
  k->k.side = p->side;
  k->k.kernel = clCreateKernel(p->program, name, &status);
  if (!k->k.kernel)
    return mcl_cl_fail(err, status, "make the kernel %s of %s", name, p->source);
  status = clGetKernelInfo(k->k.kernel, CL_KERNEL_NUM_ARGS, sizeof args, &args, NULL);
  if (status == CL_SUCCESS)
    status = clGetKernelWorkGroupInfo(k->k.kernel, cl->id, CL_KERNEL_WORK_GROUP_SIZE,
                                      sizeof k->k.max_group, &k->k.max_group, NULL);
  k->k.args = args;
  return status == CL_SUCCESS ? MOTCL_OK : mcl_cl_fail(err, status, "ask about %s", name);
}

static int kernel_of(mcl_cl *cl, const mcl_cl_kernel **out, mcl_cl_program *p, const char *name,
                     motcl_err *err) {
  for (named_kernel *k = p->kernels; k; k = k->next)
    if (!strcmp(k->name, name)) {
      *out = &k->k;
      return MOTCL_OK;
    }
  named_kernel *k = mcl_zalloc(1, sizeof *k);
  if (!k)
    return mcl_fail_nomem(err, sizeof *k);
  int rc = kernel_make(cl, k, p, name, err);
  if (rc != MOTCL_OK) {
    if (k->k.kernel)
      clReleaseKernel(k->k.kernel);
    mcl_free(k->name);
    mcl_free(k);
    return rc;
  }
  k->next = p->kernels;
  p->kernels = k;
  *out = &k->k;
  return MOTCL_OK;
}

int mcl_cl_program_get(mcl_cl *cl, const char *source, const char *options, motcl_err *err) {
  mcl_cl_program *p;
  return program_get(cl, &p, source, options, cl->side, err);
}

int mcl_cl_kernel_get(mcl_cl *cl, const mcl_cl_kernel **out, const char *source,
                      const char *options, const char *name, motcl_err *err) {
  for (unsigned side = cl->side;; side /= 2) {
    mcl_cl_program *p = NULL;
    const mcl_cl_kernel *k = NULL;
    int rc = program_get(cl, &p, source, options, side, err);
    if (rc == MOTCL_OK)
      rc = kernel_of(cl, &k, p, name, err);
    if (rc != MOTCL_OK)
      return rc;
    if (side == 1 || k->max_group >= (size_t)side * side) {
      *out = k;
      return MOTCL_OK;
    }
  }
}
