/*
 * What a shell is told once. It asks `podwright __complete -- WORD…` at each tab: lines `VALUE<tab>DESCRIPTION`, and lines that begin with a colon for what
 * the shell knows best: `:files`, `:directories`, `:goes-on`.
 */

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** One of them. */
export type Shell = (typeof shells)[number]

/** The script of a shell. @param flags of `__complete`, such as `--no-desc` */
export function completionScript(shell: Shell, flags: string): string {
  return scripts[shell].replaceAll('__complete ', `__complete ${flags}`)
}

const bash = String.raw`# bash completion for podwright: source <(podwright completion bash)
_podwright() {
  local word current='' line value joined=0 i
  local -a words=() lines=()
  # bash splits words at = and :, podwright does not.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    if [[ $joined == 1 || ( $word =~ ^[=:]+$ && $i -gt 1 ) ]] && ((${'$'}{#words[@]} > 0)); then
      words[${'$'}{#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    [[ $word =~ ^[=:]+$ && $COMP_WORDBREAKS == *"${'$'}{word:0:1}"* ]] && joined=1 || joined=0
  done
  current=${'$'}{words[${'$'}{#words[@]} - 1]}
  mapfile -t lines < <(podwright __complete -- "${'$'}{words[@]}" 2>/dev/null)
  COMPREPLY=()
  for line in "${'$'}{lines[@]}"; do
    value=${'$'}{line%%$'\t'*}
    case $line in
      :files) compopt -o default; mapfile -t -O "${'$'}{#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${'$'}{current##*=}") ;;
      :directories) compopt -o filenames; mapfile -t -O "${'$'}{#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${'$'}{current##*=}") ;;
      :goes-on) compopt -o nospace ;;
      # What stands before the last = or : is on the line already.
      *) if [[ $current == *[=:]* ]]; then value=${'$'}{value#"${'$'}{current%"${'$'}{current##*[=:]}"}"}; fi; COMPREPLY+=("$value") ;;
    esac
  done
}
complete -F _podwright podwright
`

const zsh = String.raw`#compdef podwright
# zsh completion for podwright: podwright completion zsh -f "${'$'}{fpath[1]}/_podwright", or source <(podwright completion zsh)
_podwright() {
  local line value
  local -a lines described suffix
  lines=("${'$'}{(@f)$(podwright __complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${'$'}{lines[@]}"; do
    case $line in
      '') ;;
      :files) _files ;;
      :directories) _files -/ ;;
      :goes-on) suffix=(-S '') ;;
      *)
        value=${'$'}{line%%$'\t'*}
        if [[ $line == *$'\t'* ]]; then described+=("${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}"); else described+=("${'$'}{value//:/\\:}"); fi
        ;;
    esac
  done
  ((${'$'}{#described})) && _describe -t podwright podwright described "${'$'}{suffix[@]}"
}
if [[ $funcstack[1] == _podwright ]]; then _podwright "$@"; else compdef _podwright podwright; fi
`

const fish = String.raw`# fish completion for podwright: podwright completion fish | source
function __podwright_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (podwright __complete -- $words[2..-1] $current 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (string replace -r '^--[^=]+=' '' -- $current)
            case :directories
                __fish_complete_directories (string replace -r '^--[^=]+=' '' -- $current) ''
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c podwright -f -a '(__podwright_complete)'
`

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
