/* config_find.h - a configuration whose file is not there: carried by the weight file or by
 * config.json, or told by the sizes of tensors. Private to model/. */
#ifndef MCL_MODEL_CONFIG_FIND_H
#define MCL_MODEL_CONFIG_FIND_H

#include <jansson.h>

#include "model/store.h"

/** Configurations that the official code reads, by their files' names. */
#define MCL_LLM_CONFIG "llm_config.json"
#define MCL_VIT_CONFIG "vit_config.json"

/**
 * Find such a configuration elsewhere: in the header of the store's first weight file (metadata
 * "comfyui_bagel", as ComfyUI's single files have it), inside config.json of folder `dir`, or, where
 * the tensors have the sizes of BAGEL-7B-MoT, as that has it. A remark in the store says where.
 *
 * name  MCL_LLM_CONFIG or MCL_VIT_CONFIG
 * out   gets a new reference, ended with json_decref; NULL if it is nowhere
 *
 * Returns MOTCL_EFORMAT for what is there and cannot be read, MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_config_find(json_t **out, mcl_store *s, const char *dir, const char *name, motcl_err *err);

#endif
