/* hashed_model.h - the sizes and the tensors of the hash-made miniature. */
#ifndef TESTS_GOLDEN_HASHED_MODEL_H
#define TESTS_GOLDEN_HASHED_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hashed_kind { HASHED_MOT, HASHED_MOE, HASHED_DENSE } hashed_kind;
typedef enum hashed_dtype { HASHED_F32, HASHED_BF16, HASHED_F16 } hashed_dtype;

/** What may be chosen on the command line. */
typedef struct hashed_options {
  const char *folder;
  uint64_t seed;
  hashed_kind kind;
  hashed_dtype dtype;
  bool conv_patch;
  bool tables;
  bool one_tokenizer_file;
  size_t shards;
  size_t latent_side;
} hashed_options;

/** Sizes, in the words of the configuration files. */
enum {
  HASHED_HIDDEN = 64,
  HASHED_LAYERS = 2,
  HASHED_HEADS = 4,
  HASHED_KV_HEADS = 2,
  HASHED_INTERMEDIATE = 96,
  HASHED_VOCAB = 416,
  HASHED_VIS_HIDDEN = 40,
  HASHED_VIS_INTERMEDIATE = 56,
  HASHED_VIS_HEADS = 2,
  HASHED_VIS_LAYERS = 3,
  HASHED_VIS_SIDE = 70,
  HASHED_PATCH = 14,
  HASHED_AE_CH = 32,
  HASHED_AE_LEVELS = 4,
  HASHED_Z = 16
};
extern const size_t hashed_ae_mult[HASHED_AE_LEVELS];

/** What is done to a tensor after it is filled; see HASHED.md. */
typedef enum hashed_twist {
  HASHED_AS_IS,
  HASHED_HEAD,        /* padding rows are zero, the end token's row is half as large again */
  HASHED_LOGVAR,      /* the second half of the rows is times 0.3 (weight) */
  HASHED_LOGVAR_BIAS, /* the second half is less 1.5 */
  HASHED_CONV_PATCH   /* [n, row, column, channel] becomes [n, channel, row, column] */
} hashed_twist;

typedef struct hashed_tensor {
  char name[112];
  size_t dim[4];
  size_t rank;
  double mean, std;
  hashed_twist twist;
} hashed_tensor;

typedef struct hashed_list {
  hashed_tensor *at;
  size_t len, cap;
} hashed_list;

/** All tensors but the autoencoder's, in the order they are written. Ends the program if memory is
 * out. */
void hashed_list_model(hashed_list *list, const hashed_options *o);

/** The autoencoder's. */
void hashed_list_autoencoder(hashed_list *list);

/** Elements of a tensor. */
size_t hashed_count(const hashed_tensor *t);

/** Fill dst, hashed_count(t) elements. used, end: rows of the head that name a token; the end
 * token. */
void hashed_make(float *dst, const hashed_tensor *t, uint64_t seed, size_t used, size_t end);

#endif
