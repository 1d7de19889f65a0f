// What a shell is given: a function that asks `dj-sandbox __complete`, so that it never is of another version than the command.

const BASH = `# dj-sandbox completion for bash
_dj_sandbox() {
  local line
  local -a lines
  COMPREPLY=()
  mapfile -t lines < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  for line in "\${lines[@]:1}"; do COMPREPLY+=("\${line%%$'\\t'*}"); done
  if [[ "\${lines[0]}" == files ]]; then
    compopt -o filenames
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _dj_sandbox dj-sandbox
`;

const ZSH = `#compdef dj-sandbox
# dj-sandbox completion for zsh
_dj_sandbox() {
  local line word
  local -a lines described
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    word="\${line%%$'\\t'*}"
    described+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#described )) && _describe -t commands dj-sandbox described
  [[ "\${lines[1]}" == files ]] && _files
  return 0
}
if [[ "\${funcstack[1]}" == _dj-sandbox ]]; then _dj_sandbox "$@"; else compdef _dj_sandbox dj-sandbox; fi
`;

const FISH = `# dj-sandbox completion for fish
function __dj_sandbox_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines (command $program __complete -- $words "$current" 2>/dev/null)
    set -l kind $lines[1]
    set -e lines[1]
    for line in $lines
        echo $line
    end
    if test "$kind" = files
        __fish_complete_path "$current"
    end
end
complete -c dj-sandbox -f -a '(__dj_sandbox_complete)'
`;

/** By shell, what it is to be given. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH };
export type Shell = keyof typeof SCRIPTS;
