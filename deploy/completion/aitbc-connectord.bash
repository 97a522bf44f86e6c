# bash completion for aitbc-connectord. Commands and options come from the program's own help, so that they are always
# those of the version that is installed; connectors are the files of the configuration.

_aitbc_connectord() {
    local current=$2 previous=$3 command= folder=/etc/aitbc-connectord index word
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        case $word in
        --config) folder=${COMP_WORDS[index + 1]-} ;;
        -*) ;;
        *) [[ -n $command || ${COMP_WORDS[index - 1]} == --@(config|state|definitions) ]] || command=$word ;;
        esac
    done
    COMPREPLY=()
    case $previous in
    --config | --state | --definitions)
        compopt -o dirnames
        return
        ;;
    --secret-file)
        compopt -o default
        return
        ;;
    esac
    if [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\)  *.*/\1/p') --help" -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$1" "$command" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)" -- "$current")
    else
        case $command in
        sync | check | cursors | exec | dead-letters | webhooks)
            mapfile -t COMPREPLY < <(compgen -W "$(
                for word in "$folder"/connectors.d/*.json5; do
                    [[ ! -r $word ]] || basename "$word" .json5
                done
            )" -- "$current")
            ;;
        esac
    fi
}

complete -F _aitbc_connectord aitbc-connectord
