# Files that end in one of the words $@, also in capitals, and folders.
_motcl_files() {
  local ending file
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$word")
  for ending in "$@" "${@^^}"; do
    while IFS= read -r file; do
      COMPREPLY+=("$file")
    done < <(compgen -f -X "!*.$ending" -- "$word")
  done
}

# Names of presets in the configuration.
_motcl_presets() {
  local file=${XDG_CONFIG_HOME:-$HOME/.config}/motcl/config line names=
  local begin='^[[:blank:]]*\[[[:blank:]]*preset[[:blank:]]+([^][:blank:]#]+)'
  [[ -f $file && -r $file ]] || return
  while IFS= read -r line; do
    [[ $line =~ $begin ]] && names+=" ${BASH_REMATCH[1]}"
  done <"$file"
  mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
}

# What $1 says: nothing, words W..., files ENDING..., folders, presets.
_motcl_reply() {
  local -a kind
  read -ra kind <<<"$1"
  case ${kind[0]} in
  words) mapfile -t COMPREPLY < <(compgen -W "${kind[*]:1}" -- "$word") ;;
  files) _motcl_files "${kind[@]:1}" ;;
  folders)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
    ;;
  presets) _motcl_presets ;;
  esac
}

# The words of the command $1, which stand before the one that is completed; a job's, once it is
# named behind plan or submit.
_motcl_operands() {
  local job jobs takes
  _motcl_words "$1"
  if [[ $1 == plan || $1 == submit ]]; then
    jobs=" ${takes#words } "
    for job in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
      if [[ -n $job && $jobs == *" $job "* ]]; then
        _motcl_words "$job"
        break
      fi
    done
  fi
  _motcl_reply "$takes"
}

_motcl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} offers takes seen
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _motcl_offers ''
    _motcl_reply "words $offers"
    return
  fi
  # bash takes --option=argument apart
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for seen in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
    if [[ $seen == -- ]]; then
      _motcl_operands "${COMP_WORDS[1]}"
      return
    fi
  done
  _motcl_argument "$before"
  if [[ -n $takes ]]; then
    _motcl_reply "$takes"
  elif [[ $word == -* ]]; then
    _motcl_offers "${COMP_WORDS[1]}"
    _motcl_reply "words $offers"
  else
    _motcl_operands "${COMP_WORDS[1]}"
  fi
}

complete -F _motcl motcl
