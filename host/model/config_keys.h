/* config_keys.h - every key that is known of the configuration files of a model folder, in one table:
 * obeyed, of no consequence, or refused. Private to model/. */
#ifndef MCL_MODEL_CONFIG_KEYS_H
#define MCL_MODEL_CONFIG_KEYS_H

#include <jansson.h>

#include "model/store.h"

/**
 * Note what of a file another model is computed by than ours: an error for each key whose value asks
 * for what is not computed here, and a remark that names the keys that nobody knows.
 *
 * name   of the file, one of the table's; of another nothing is known
 * file   what it holds; NULL: there is none
 */
void mcl_config_keys_check(mcl_store *notes, const char *name, const json_t *file);

#endif
