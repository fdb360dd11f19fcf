/* hashed_files.h - writing a model folder: weights, configurations, tokenizer. */
#ifndef TESTS_GOLDEN_HASHED_FILES_H
#define TESTS_GOLDEN_HASHED_FILES_H

#include <stdint.h>
#include <stdio.h>

#include "hashed_model.h"

/** A file being written; its digest is taken on the way. */
typedef struct hashed_file {
  FILE *f;
  const char *name;
  uint64_t digest;
  size_t bytes;
} hashed_file;

/** Open FOLDER/name; hashed_close prints "digest bytes name". A failure ends the program. */
void hashed_open(hashed_file *file, const char *folder, const char *name);
void hashed_write(hashed_file *file, const void *data, size_t n);
void hashed_print(hashed_file *file, const char *format, ...);
void hashed_close(hashed_file *file);

/** Ids in use: bytes, merges and added tokens; and the id of the added token of that name. */
size_t hashed_ids(void);
size_t hashed_added_id(const char *name);

/** vocab.json, merges.txt and tokenizer_config.json, or tokenizer.json alone. */
void hashed_write_tokenizer(const hashed_options *o);

/** llm_config.json, vit_config.json, config.json, motcl.json and oracle.json. */
void hashed_write_configs(const hashed_options *o);

/** One safetensors file with the tensors from..to-1 of the list. */
void hashed_write_weights(const hashed_options *o, hashed_dtype dtype, const char *name,
                          const hashed_list *list, size_t from, size_t to);

#endif
