
# `cargo nfv <TAB>`, which is asked as `cargo-nfv <TAB>`.
function __fish_cargo_nfv_behind_cargo
    set -l words (commandline -opc)
    set -e words[1]
    string match -q -- '+*' $words[1]; and set -e words[1]
    test "$words[1]" = nfv
end

function __fish_cargo_nfv_answers
    set -l words (commandline -opc)
    set -e words[1]
    string match -q -- '+*' $words[1]; and set -e words[1]
    set -e words[1]
    complete -C (string join ' ' -- cargo-nfv (string escape -- $words) (commandline -ct))
end

complete -c cargo -n __fish_cargo_nfv_behind_cargo -f -a '(__fish_cargo_nfv_answers)'
