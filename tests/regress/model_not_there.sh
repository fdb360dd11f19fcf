#!/bin/sh
# model_not_there.sh - 'motcl inspect nofile' told that nofile is no model folder for lack of a file in it, and
# to name one with an option that inspect lacks; 'motcl tokenize -m nofile' to put files there. Seen by: whoever
# mistypes a name. What was the matter: files were looked for before their folder.
. "${srcdir:-.}/tests/cli/lib.sh"
missing="^motcl: cannot open 'nofile': No such file or directory\$"
refused 1 "$missing" inspect nofile
refused 1 "$missing" inspect nofile --check
refused 1 "$missing" draw cat $quick -m nofile
refused 1 "$missing" chat -m nofile -d ref
refused 1 "$missing" tokenize -m nofile
mkdir empty
refused 1 "^motcl: 'empty' is no model folder: it has neither weights nor llm_config.json" inspect empty
lacks "$room/err" '-m '
refused 1 "^motcl: 'empty' has no tokenizer.*-m names" tokenize -m empty
finish
