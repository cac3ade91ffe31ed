
# `cargo nfv <TAB>`. Behind the commands of others cargo's own completion offers file
# names, so this one stands before it and hands on to it whatever is not about nfv.
_cargo_nfv_behind_cargo() {
    local at=1
    [[ "${COMP_WORDS[1]-}" == +* ]] && at=2
    if [[ "${COMP_WORDS[at]-}" == nfv && ${COMP_CWORD} -gt ${at} ]]; then
        local words=(cargo-nfv "${COMP_WORDS[@]:at+1}") index=$((COMP_CWORD - at)) before="$3"
        [[ ${index} -eq 1 ]] && before=cargo-nfv
        local COMP_WORDS=("${words[@]}") COMP_CWORD=${index}
        "$(_cargo_nfv_function_of cargo-nfv)" cargo-nfv "$2" "${before}"
        return
    fi
    if [[ -z "${_cargo_nfv_next-}" ]]; then
        # bash-completion reads the scripts of others only when they are first needed.
        if declare -F _comp_load >/dev/null; then
            _comp_load cargo
        elif declare -F _completion_loader >/dev/null; then
            _completion_loader cargo
        fi
        _cargo_nfv_stand_before
    fi
    if [[ -n "${_cargo_nfv_next-}" ]]; then
        "${_cargo_nfv_next}" "$@"
    fi
}

# The function that completes a command, where there is one.
_cargo_nfv_function_of() {
    [[ "$(complete -p "$1" 2>/dev/null)" =~ \ -F\ ([^ ]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

_cargo_nfv_stand_before() {
    local now
    now=$(_cargo_nfv_function_of cargo)
    if [[ -n "${now}" && "${now}" != _cargo_nfv_behind_cargo ]]; then
        _cargo_nfv_next=${now}
    fi
    complete -F _cargo_nfv_behind_cargo -o bashdefault -o default cargo
}

_cargo_nfv_stand_before
